/**
 * A path router over the History API. An overlay (menu, dialog) is a history entry of its own at the same
 * address, so the phone's Back button closes it before it leaves the screen.
 */

import { computed, signal } from '../../signals';

import { parsePath } from './routes';

export type Overlay = 'menu' | 'logout' | 'client' | 'clear' | 'withdraw' | 'again' | 'begun' | 'revoke' | 'forgot' | 'pin' | 'passkey';

interface Entry {
  /** How many entries of ours lie below this one: at 0 Back would leave the app. */
  depth: number;
  overlay: Overlay | null;
  scroll: number;
}

const path = signal(location.pathname);
const entry = signal<Entry>({ depth: 0, overlay: null, scroll: 0 });

export const route = computed(() => parsePath(path.value));
export const overlay = computed(() => entry.value.overlay);
/** Where this screen was left, in pixels. */
export const scrolled = (): number => entry.peek().scroll;

function readEntry(): Entry {
  const state = history.state as Partial<Entry> | null;
  return { depth: state?.depth ?? 0, overlay: state?.overlay ?? null, scroll: state?.scroll ?? 0 };
}

function show(next: Entry, scroll: number): void {
  path.value = location.pathname;
  entry.value = next;
  // after the new screen is drawn: its height is not known before
  requestAnimationFrame(() => requestAnimationFrame(() => scrollTo(0, scroll)));
}

function rememberScroll(): void {
  history.replaceState({ ...entry.peek(), scroll: scrollY }, '');
}

/** Goes to a screen. An open overlay's entry is always replaced: Back must not reopen a menu. */
export function navigate(to: string, { replace = false }: { replace?: boolean } = {}): void {
  const over = entry.peek().overlay !== null;
  if (replace || over) {
    const next = { depth: entry.peek().depth, overlay: null, scroll: 0 };
    history.replaceState(next, '', to);
    show(next, 0);
    return;
  }
  rememberScroll();
  const next = { depth: entry.peek().depth + 1, overlay: null, scroll: 0 };
  history.pushState(next, '', to);
  show(next, 0);
}

/** One step back; to the list when this screen was opened directly. */
export function goBack(): void {
  if (entry.peek().depth > 0) history.back();
  else navigate('/', { replace: true });
}

/** After saving: the form's place in history is taken, so that Back leads to the list (P03). */
export function leaveFormFor(to: string): void {
  if (entry.peek().depth === 0) navigate('/', { replace: true });
  else if (entry.peek().overlay === null) {
    navigate(to, { replace: true });
    return;
  }
  navigate(to);
}

export function openOverlay(name: Overlay): void {
  if (entry.peek().overlay === name) return;
  if (entry.peek().overlay !== null) {
    const next = { ...entry.peek(), overlay: name };
    history.replaceState(next, '');
    entry.value = next;
    return;
  }
  rememberScroll();
  const next = { depth: entry.peek().depth + 1, overlay: name, scroll: scrollY };
  history.pushState(next, '');
  entry.value = next;
}

export function closeOverlay(): void {
  if (entry.peek().overlay !== null) history.back();
}

export function startRouter(): void {
  history.scrollRestoration = 'manual';
  entry.value = readEntry();
  if (history.state === null) history.replaceState(entry.peek(), '');
  addEventListener('click', (event) => {
    const link = (event.target as Element).closest<HTMLAnchorElement>('a[href^="/"]');
    // with a modifier key the browser does what it always does
    if (!link || event.ctrlKey || event.metaKey || event.shiftKey) return;
    event.preventDefault();
    navigate(link.pathname);
  });
  addEventListener('popstate', () => {
    const next = readEntry();
    const samePlace = location.pathname === path.peek();
    if (samePlace) entry.value = next;
    else show(next, next.scroll);
  });
}
