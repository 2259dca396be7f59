/** Is our server there? Only our own ping, answered with our own JSON, says so (F27). */

import { ping } from '../api/client';
import { meet } from './session';
import { own } from './state';
import type { Connection, Unreachable } from './types';
import { heedRelease } from './worker';

const FIRST_MS = 3_000;
const LONGEST_MS = 30_000;
/** While all is well and the app is looked at: a line that died in silence is noticed within this time. */
const WATCH_MS = 20_000;

let timer: ReturnType<typeof setTimeout> | undefined;
let delay = FIRST_MS;
let asking: Promise<Connection> | null = null;
let whenBack: () => void = () => undefined;

/** What to do when the server answers again. */
export function onBack(action: () => void): void {
  whenBack = action;
}

/** Asks now; callers at the same moment share one question. */
export function probe(): Promise<Connection> {
  asking ??= ask().finally(() => {
    asking = null;
  });
  return asking;
}

function confirmed(): boolean {
  return own.session.value.kind === 'agent' && own.session.value.confirmed;
}

async function ask(): Promise<Connection> {
  const reply = await ping();
  switch (reply.kind) {
    case 'ok': {
      const before = confirmed();
      heedRelease(reply.value.update_required);
      await meet(reply.value).catch(() => undefined); // storage trouble is no word about the line
      const back = own.connection.value !== 'online';
      proved();
      if (!back && !before && confirmed()) whenBack(); // a registration left half-way is finished
      break;
    }
    case 'refused':
      lost('server_busy');
      break;
    case 'offline':
    case 'foreign_page':
    case 'server_busy':
      lost(reply.kind);
      break;
  }
  return own.connection.value;
}

/** Any answer of ours proves the line; the next question can wait. */
export function proved(): void {
  const back = own.connection.value !== 'online';
  own.connection.value = 'online';
  delay = FIRST_MS;
  schedule(WATCH_MS);
  if (back) whenBack();
}

/** A call that failed says how; the questions begin again, each a little later. */
export function lost(how: Unreachable): void {
  own.connection.value = how;
  schedule(delay);
  delay = Math.min(LONGEST_MS, delay * 1.6);
}

/** A sign that something may have changed (the browser's events): ask at once, patience anew. */
export function askAnew(): void {
  delay = FIRST_MS;
  void probe();
}

/** In the background nothing is asked: coming to the foreground asks anyway. */
function schedule(after: number): void {
  clearTimeout(timer);
  if (typeof document !== 'undefined' && document.visibilityState === 'hidden') return;
  timer = setTimeout(() => {
    // A drain tells by itself; on a slow line the question would wait behind what is being sent, and lie.
    if (own.sending.value.active) schedule(after);
    else void probe();
  }, after);
}
