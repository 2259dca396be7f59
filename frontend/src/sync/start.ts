/** The engine's start: what is on the phone is shown first, the network is asked afterwards. */

import { onBlocked } from '../store/db';
import { hearOthers } from './channel';
import { askAnew, probe } from './connection';
import { drainSoon, lineBack } from './engine';
import { watchWall } from './evidence';
import { leaveKey, takeKey } from './handover';
import { close, watchRevocation } from './lock';
import { refresh } from './readings';
import { own, waitingTotals } from './state';
import { whenDrawn } from './drawn';
import { lookForUpdate, startWorker, wakeWorkerLater } from './worker';

let started: Promise<void> | null = null;

/** Call once, before the first render; resolves when the phone's own data can be shown. Never throws. */
export function start(): Promise<void> {
  started ??= begin();
  return started;
}

async function begin(): Promise<void> {
  addEventListener('pagehide', leaveKey); // before any wait: a page left early leaves nothing to the next one (P27)
  try {
    onBlocked(() => (own.trouble.value = { kind: 'blocked' }));
    await takeKey();
    await refresh();
  } catch {
    own.trouble.value = { kind: 'storage_unavailable' };
    own.session.value = { kind: 'guest' };
  }
  listen();
  whenDrawn(() => {
    look();
    void startWorker();
    void probe();
  });
}

/** A look at the wall clock finds out when it was set back (P13); what cannot be stored is looked for again. */
function look(): void {
  void watchWall().catch(() => undefined);
}

/** Below this share of the battery what waits is sent at once, whatever the pauses between tries (P39). */
const LOW = 0.15;

interface Battery extends EventTarget {
  level: number;
}

function watchBattery(): void {
  const { getBattery } = navigator as { getBattery?: () => Promise<Battery> };
  void getBattery?.call(navigator).then((battery) => {
    const check = (): void => {
      if (battery.level < LOW && waitingTotals.value.count > 0) lineBack();
    };
    battery.addEventListener('levelchange', check);
    check();
  }, () => undefined);
}

function listen(): void {
  watchBattery();
  hearOthers((message) => void (message === 'lock' ? close() : refresh().catch(() => undefined)));
  watchRevocation();
  addEventListener('online', lineBack);
  addEventListener('offline', askAnew);
  addEventListener('pageshow', (event) => {
    if (event.persisted) askAnew(); // back from the browser's memory: everything may have changed
  });
  document.addEventListener('visibilitychange', () => {
    if (document.visibilityState === 'hidden') {
      // The app may be closed now: what waits is left to the worker, where the browser wakes it.
      if (waitingTotals.value.count > 0) void wakeWorkerLater();
      return;
    }
    look();
    void refresh().catch(() => undefined).then(drainSoon); // in the background nothing was planned
    askAnew();
    void lookForUpdate();
  });
}
