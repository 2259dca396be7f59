/**
 * A boring worker: precaches the shell, answers navigations and its own files, sends what waits when the
 * browser wakes it. No skipWaiting on install (the page decides), no queue of its own, no caching of the API.
 */

import { tellOthers } from './sync/channel';
import { drain } from './sync/drain';
import { parsePath } from './ui/router/routes';

declare const self: ServiceWorkerGlobalScope;
/** Path → SHA-256 of the file (base64, the first 132 bits), empty where Django renders it. Set by serviceworker.js. */
declare const __SHELL__: [path: string, hash: string][];
declare const __SHELL_VERSION__: string;

let CACHE: string;
let SHELL: Map<string, string>;

/** What this script is where there is no page (app.js): listeners must stand before it has run to its end. */
export function beWorker(): void {
  CACHE = `shell-${__SHELL_VERSION__}`;
  SHELL = new Map(__SHELL__);
  self.addEventListener('install', (event) => {
    // The browser takes the shell's files by itself (Chromium): a cold start need not wait until this script runs.
    void (event as RoutedEvent).addRoutes?.(Array.from(SHELL, ([pathname]) => ({ condition: { urlPattern: { pathname, search: '' } }, source: { cacheName: CACHE } })));
    event.waitUntil(install());
  });
  self.addEventListener('activate', (event) => event.waitUntil(activate()));
  self.addEventListener('message', hear);
  self.addEventListener('fetch', serve);
  // Background Sync: the browser has network, the app may be closed. A failed try is repeated by the browser.
  self.addEventListener('sync' as 'message', (event) => {
    const woken = event as unknown as SyncEvent;
    if (woken.tag === 'drain') woken.waitUntil(send());
  });
}

interface RoutedEvent extends ExtendableEvent {
  addRoutes?(rules: object[]): Promise<void>;
}

/** All or nothing: one file that does not come, or is not ours, fails the install and the old shell stays (F29). */
async function install(): Promise<void> {
  const lived = await caches.has(CACHE); // a server that went back: the worker that runs is of this very release (P22)
  try {
    const cache = await caches.open(CACHE);
    await Promise.all(Array.from(SHELL, async ([path, hash]) => cache.put(path, await fetchOwn(path, hash))));
  } catch (error) {
    if (!lived) await caches.delete(CACHE);
    for (const page of await self.clients.matchAll({ includeUncontrolled: true })) page.postMessage({ failed: String(error) });
    throw error;
  }
}

/** A captive portal answers 200 too: only the very bytes of this release are taken (F27). */
async function fetchOwn(path: string, hash: string): Promise<Response> {
  const known = hash ? await caches.match(path) : undefined;
  if (known && (await hashOf(known)) === hash) return known;
  const response = await fetch(path, { cache: 'no-cache', redirect: 'error' });
  if (!response.ok) throw new Error(`${path}: ${String(response.status)}`);
  if (hash ? (await hashOf(response)) !== hash : !response.headers.get('Content-Type')?.includes('json')) throw new Error(`${path}: not ours`);
  return response;
}

async function hashOf(response: Response): Promise<string> {
  const digest = await crypto.subtle.digest('SHA-256', await response.clone().arrayBuffer());
  return btoa(String.fromCharCode(...new Uint8Array(digest))).slice(0, 22);
}

async function activate(): Promise<void> {
  for (const name of await caches.keys()) if (name.startsWith('shell-') && name !== CACHE) await caches.delete(name);
  await self.clients.claim();
}

/** The key to the readable rows on its way over a reload: in memory alone, for ten seconds, given out once. */
let left: unknown = null;

function hear({ data, ports }: ExtendableMessageEvent): void {
  if (data === 'take_over') void self.skipWaiting();
  else if (data === 'key') {
    ports[0]?.postMessage(left);
    left = null;
  } else {
    left = data;
    setTimeout(() => (left = null), 10_000);
  }
}

function serve(event: FetchEvent): void {
  const { request } = event;
  const url = new URL(request.url);
  if (request.method !== 'GET' || url.origin !== self.location.origin) return;
  const path = request.mode === 'navigate' && parsePath(url.pathname).screen !== 'unknown' ? '/' : url.pathname;
  if (SHELL.has(path)) event.respondWith(answer(path, request));
}

async function answer(path: string, request: Request): Promise<Response> {
  const cache = await caches.open(CACHE);
  return (await cache.match(path)) ?? fetch(request);
}

interface SyncEvent extends ExtendableEvent {
  readonly tag: string;
}

async function send(): Promise<void> {
  const outcome = await drain();
  tellOthers('rows');
  // Busy, too: the page that is at it may be closed in the middle.
  if (!['done', 'nothing', 'login_required'].includes(outcome.kind)) throw new Error(outcome.kind);
}
