/** The service worker as the page sees it: registering, updating, waking it for sending. */

import { own } from './state';

const URL_OF_WORKER = '/serviceworker.js';
export const SYNC_TAG = 'drain';

interface SyncManager {
  register(tag: string): Promise<void>;
}
type WithSync = ServiceWorkerRegistration & { sync?: SyncManager };
interface TrustedTypes {
  createPolicy(name: string, rules: { createScriptURL: (url: string) => string }): { createScriptURL: (url: string) => string };
}

/** A worker's script is asked for whole: not at every look at the app (F29). */
const HOUR_MS = 3_600_000;
const SOON_MS = 300_000;
const DAY_MS = 86_400_000;

let registration: WithSync | null = null;
/** what this page finishes before it is loaded anew; null while it has not asked for that */
let taking: (() => Promise<void>) | null = null;
/** another tab has let a newer release take over: this page is the older one */
let stale = false;
let looked = 0;
/** when this page was told that its release must not wait, on its own clock; null: it was not */
let due: number | null = null;

/** Registers the worker and watches its updates. Without one the app works, but not after a reload offline. */
export async function startWorker(): Promise<void> {
  if (typeof navigator === 'undefined' || !('serviceWorker' in navigator)) return;
  let controlled = Boolean(navigator.serviceWorker.controller);
  navigator.serviceWorker.addEventListener('controllerchange', () => {
    void taking?.().then(() => location.reload());
    stale = controlled;
    controlled = true;
    void lookAround();
  });
  navigator.serviceWorker.addEventListener('message', ({ data }: MessageEvent<{ failed?: string } | null>) => {
    own.updateError.value = data?.failed ?? '';
  });
  looked = performance.now();
  try {
    registration = await navigator.serviceWorker.register(trusted(URL_OF_WORKER), { scope: '/', updateViaCache: 'none' });
  } catch {
    return; // said by `shellCached`, which stays false
  }
  const watch = (): void => registration?.installing?.addEventListener('statechange', () => void lookAround());
  registration.addEventListener('updatefound', watch);
  watch();
  await lookAround();
  await navigator.serviceWorker.ready;
  await lookAround();
}

/** The page's policy for trusted types (kias_offline/middleware.py): this one address and nothing else. */
function trusted(url: string): string {
  const types = (globalThis as { trustedTypes?: TrustedTypes }).trustedTypes;
  if (!types) return url;
  return types
    .createPolicy('kias-worker', {
      createScriptURL: (asked) => {
        if (asked !== URL_OF_WORKER) throw new TypeError('no script');
        return asked;
      },
    })
    .createScriptURL(url);
}

async function lookAround(): Promise<void> {
  own.updateReady.value = stale || Boolean(registration?.waiting && navigator.serviceWorker.controller);
  if (own.updateReady.value) own.updateError.value = '';
  own.shellCached.value = Boolean(navigator.serviceWorker.controller) && (await caches.match('/')) !== undefined;
  own.canSyncInBackground.value = Boolean(registration?.active && registration.sync) && (await backgroundSyncAllowed());
}

async function backgroundSyncAllowed(): Promise<boolean> {
  try {
    return (await navigator.permissions.query({ name: 'background-sync' as PermissionName })).state === 'granted';
  } catch {
    return false;
  }
}

/** Looks for a newer release, at most once an hour; sooner while one is due, or could not be fetched. */
export async function lookForUpdate(): Promise<void> {
  const now = performance.now();
  if (now - looked < (own.updateDue.value || own.updateError.value ? SOON_MS : HOUR_MS)) return;
  looked = now;
  await registration?.update().catch(() => undefined);
}

/** The server's word on this release, at every ping (P21): `soon` once the form is left, `now` after a day online. */
export function heedRelease(required: boolean | undefined): void {
  if (required && due === null) {
    due = performance.now();
    looked = -HOUR_MS;
  }
  own.updateDue.value = !required || due === null ? '' : performance.now() - due < DAY_MS ? 'soon' : 'now';
  void lookForUpdate();
}

/** The agent's moment for the new version: the waiting worker takes over and, after `first`, the page reloads (F29). */
export async function applyUpdate(first: () => Promise<void>): Promise<void> {
  await first();
  if (!registration?.waiting) return location.reload();
  taking = first;
  registration.waiting.postMessage('take_over');
}

/** Asks the browser to wake the worker when there is network, also with the app closed (where it can). */
export async function wakeWorkerLater(): Promise<void> {
  if (own.canSyncInBackground.value) await registration?.sync?.register(SYNC_TAG).catch(() => undefined);
}

/** «activated», and what else stands beside it; for the support. */
export function workerState(): string {
  const { active, waiting } = registration ?? {};
  return [active, waiting].map((worker) => worker?.state ?? '').join(' ').trim();
}
