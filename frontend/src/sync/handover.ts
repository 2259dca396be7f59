/** The data key over a reload: the worker's memory keeps it for some seconds and gives it out once. Nothing of it goes to
 * the disk, and where a browser cannot hand over a key, the PIN is asked for. */

import { heldNow, hold } from './vault';
import type { Held } from './vault';

/** A worker that has to be started first: longer than this nobody waits for the first screen. */
const PATIENCE_MS = 500;

/** Takes what the page before this one has left, if this is its reload. */
export async function takeKey(): Promise<void> {
  const [entry] = performance.getEntriesByType('navigation');
  const worker = globalThis.navigator.serviceWorker?.controller;
  if (!worker || (entry as PerformanceNavigationTiming | undefined)?.type !== 'reload') return;
  const { port1, port2 } = new MessageChannel();
  const left = await new Promise<Held | null>((resolve) => {
    port1.onmessage = ({ data }: MessageEvent<Held | null>) => resolve(data);
    setTimeout(resolve, PATIENCE_MS, null);
    worker.postMessage('key', [port2]);
  });
  port1.close();
  if (left) hold(left);
}

/** Leaves the key for a reload; null in its place where this page has none: what was left before is nobody's. */
export function leaveKey(): void {
  try {
    navigator.serviceWorker?.controller?.postMessage(heldNow());
  } catch {
    // This browser hands over no keys.
  }
}
