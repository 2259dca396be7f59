/** When to send: after saving, on login, on connectivity, in the foreground, by timer, by hand. */

import { LOCK, drain, needsLogin, sender } from './drain';
import { setConfirmed } from '../store/confirmed';
import { askAnew, lost, onBack, probe, proved } from './connection';
import { readFeed, readings } from './feed';
import { tellOthers } from './channel';
import { refresh } from './readings';
import { letGo } from './retention';
import { own, waitingTotals } from './state';
import type { DrainOutcome } from './types';
import { wakeWorkerLater } from './worker';

const SOON_MS = 100;
const BUSY_MS = 2_000;
const RETRY_MS = 5_000;
const RETRY_LONGEST_MS = 300_000;
const POLL_MS = 2_000;
const POLL_LONGEST_MS = 60_000;
const QUIET_MS = 300_000;

let timer: ReturnType<typeof setTimeout> | undefined;
let failures = 0;
let pollDelay = POLL_MS;
let notBefore = 0;
/** whether the line was known to be there when the drain began */
let lineWasThere = false;

let running: Promise<DrainOutcome> | null = null;

/** «Отправить сейчас», and every automatic start of sending. One at a time over all tabs and the worker. */
export function drainNow(): Promise<DrainOutcome> {
  running ??= run().then(async (outcome) => {
    running = null;
    own.sending.value = { ...own.sending.value, active: false };
    await conclude(outcome);
    return outcome;
  });
  return running;
}

async function run(): Promise<DrainOutcome> {
  own.sending.value = { active: true, done: 0, total: leftHere() };
  lineWasThere = own.connection.value === 'online';
  let outcome: DrainOutcome;
  try {
    outcome = await drain({
      progress: (done, total) => {
        own.sending.value = { active: true, done, total };
        proved();
        if (done > 0) void changed();
      },
      afterwards: readFeed,
    });
  } catch {
    outcome = { kind: 'storage_failed' };
  }
  if (outcome.kind !== 'offline' || own.connection.value === 'online') await changed(); // where nobody answered all is as it was
  if ((outcome.kind === 'done' || outcome.kind === 'nothing') && (await letGo().catch(() => false))) await changed();
  return outcome;
}

function leftHere(): number {
  return waitingTotals.value.count + own.othersWaiting.value.count;
}

/** For callers who wait for nothing; drains that just failed are not repeated in a hot loop. */
export function drainSoon(): void {
  if (own.session.value.kind !== 'agent') return;
  if (Date.now() < notBefore) plan(notBefore - Date.now());
  else void drainNow();
}

/** The browser says that there is network. Where something waits, the drain's own question is as good as a ping. */
export function lineBack(): void {
  const { value: session } = own.session;
  if (session.kind === 'agent' && session.confirmed && leftHere() > 0) void drainNow();
  else askAnew();
}

async function changed(): Promise<void> {
  await refresh().catch(() => undefined);
  tellOthers('rows');
}

const FAILURES_KEPT = 5;

async function conclude(outcome: DrainOutcome): Promise<void> {
  clearTimeout(timer);
  if (!['done', 'nothing', 'busy'].includes(outcome.kind)) {
    const code = outcome.kind === 'refused' ? outcome.problem.code : outcome.kind;
    own.failures.value = [...own.failures.value, `${new Date().toISOString()} ${code}`].slice(-FAILURES_KEPT);
  }
  switch (outcome.kind) {
    case 'done':
      if (outcome.sent > 0) failures = 0;
      pollDelay = POLL_MS;
      proved();
      if (leftHere() > outcome.kept) plan(SOON_MS); // issued while this drain was at its end
      else plan(outcome.kept > 0 ? Math.min(POLL_LONGEST_MS, backoff()) : POLL_MS);
      notBefore = 0; // what is issued next waits for nothing
      break;
    case 'nothing':
      failures = 0;
      proved();
      plan(leftHere() > 0 ? SOON_MS : pause());
      break;
    case 'busy':
      plan(BUSY_MS);
      break;
    case 'login_required':
      // A registration left half-way is finished by the ping's answer.
      if (own.session.value.kind === 'agent') await probe();
      break;
    case 'offline':
    case 'foreign_page':
    case 'server_busy':
      if (outcome.sent > 0) failures = 0; // a bad line that carries some of it is not a dead one
      plan(backoff()); // before `lost`: a probe that succeeds must not send in a hot loop
      lost(outcome.kind);
      await wakeWorkerLater();
      break;
    case 'refused':
      proved();
      plan(Math.max(backoff(), (outcome.problem.retry_after ?? 0) * 1_000));
      break;
    case 'storage_failed':
      plan(backoff());
      break;
  }
}

/**
 * Longer after each failure in a row, but a try without any line is none: when it comes back, sending starts at
 * once. One failure may be a flicker; from the second on even the line's return waits (no hot loop).
 */
function backoff(): number {
  const wait = Math.min(RETRY_LONGEST_MS, RETRY_MS * 2 ** failures);
  if (lineWasThere) failures += 1;
  notBefore = lineWasThere && failures > 1 ? Date.now() + wait : 0;
  return wait;
}

/** How long until the states are asked for again: soon while KIAS owes an answer, seldom otherwise. */
function pause(): number {
  const owed = own.receipts.value.some(({ state }) => state === 'accepted' || state === 'registered');
  if (!owed || readings.barred) return QUIET_MS;
  const wait = pollDelay;
  pollDelay = Math.min(POLL_LONGEST_MS, pollDelay * 1.5);
  return wait;
}

function plan(after: number): void {
  clearTimeout(timer);
  const { value: session } = own.session;
  if (session.kind !== 'agent' || !session.confirmed) return;
  if (typeof document !== 'undefined' && document.visibilityState === 'hidden') return;
  timer = setTimeout(() => void next(), after);
}

async function next(): Promise<void> {
  if (leftHere() > 0) await drainNow();
  else await poll();
}

/** Only the feed: what KIAS has done meanwhile. */
async function poll(): Promise<void> {
  const reply = await navigator.locks.request(LOCK, { ifAvailable: true }, async (lock) => {
    const current = lock ? await sender() : null;
    return current ? readFeed(current.row.id) : null;
  }).catch(() => null);
  if (reply === null) return plan(POLL_LONGEST_MS);
  switch (reply.kind) {
    case 'ok':
      if (reply.value > 0) {
        pollDelay = POLL_MS;
        await changed();
      }
      proved();
      plan(pause());
      break;
    case 'refused':
      if (needsLogin(reply.problem) && (await setConfirmed(false).catch(() => false))) await changed();
      else plan(POLL_LONGEST_MS);
      break;
    case 'offline':
    case 'foreign_page':
    case 'server_busy':
      lost(reply.kind);
      break;
  }
}

onBack(drainSoon);
