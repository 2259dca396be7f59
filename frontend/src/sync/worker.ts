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

let registration: WithSync | null = null;
let taking = false;

/** Registers the worker and watches its updates. Without one the app works, but not after a reload offline. */
export async function startWorker(): Promise<void> {
  if (typeof navigator === 'undefined' || !('serviceWorker' in navigator)) return;
  navigator.serviceWorker.addEventListener('controllerchange', () => {
    if (taking) location.reload();
    void lookAround();
  });
  try {
    registration = await navigator.serviceWorker.register(trusted(URL_OF_WORKER), { scope: '/', updateViaCache: 'none' });
  } catch {
    return; // said by `phoneReady`, which stays false
  }
  registration.addEventListener('updatefound', () => {
    registration?.installing?.addEventListener('statechange', () => void lookAround());
  });
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
        if (asked !== URL_OF_WORKER) throw new TypeError('no other script');
        return asked;
      },
    })
    .createScriptURL(url);
}

async function lookAround(): Promise<void> {
  own.updateReady.value = Boolean(registration?.waiting && navigator.serviceWorker.controller);
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

/** Looks for a newer release; the browser itself does so only once a day. */
export async function lookForUpdate(): Promise<void> {
  await registration?.update().catch(() => undefined);
}

/** The agent's moment for the new version: the waiting worker takes over and the page reloads (F29). */
export function applyUpdate(): Promise<void> {
  taking = true;
  registration?.waiting?.postMessage('take_over');
  return Promise.resolve();
}

/** Asks the browser to wake the worker when there is network, also with the app closed (where it can). */
export async function wakeWorkerLater(): Promise<void> {
  if (own.canSyncInBackground.value) await registration?.sync?.register(SYNC_TAG).catch(() => undefined);
}
