/** The app's addresses, as the server's `urls.py` and the worker's navigation fallback know them. */

export type Route =
  | { screen: 'home' }
  | { screen: 'login' }
  | { screen: 'new' }
  | { screen: 'unsent' }
  | { screen: 'attention' }
  | { screen: 'devices' }
  | { screen: 'number' }
  | { screen: 'install' }
  | { screen: 'offline' }
  | { screen: 'check' }
  | { screen: 'saved'; id: string }
  | { screen: 'receipt'; id: string }
  | { screen: 'unknown' };

const PLAIN = { '/': 'home', '/login': 'login', '/new': 'new', '/unsent': 'unsent', '/attention': 'attention', '/devices': 'devices', '/number': 'number', '/install': 'install', '/offline': 'offline', '/check': 'check' } as const;
const WITH_ID = /^\/(saved|receipt)\/([0-9a-f-]{36})$/;

export function parsePath(path: string): Route {
  if (path in PLAIN) return { screen: PLAIN[path as keyof typeof PLAIN] };
  const found = WITH_ID.exec(path);
  if (found?.[1] && found[2]) return { screen: found[1] as 'saved' | 'receipt', id: found[2] };
  return { screen: 'unknown' };
}
