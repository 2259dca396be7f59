/** Draining the outbox: the same code for the page and the service worker, under one Web Lock (F18, F33).
 *
 * Needs no unlocking: envelopes are sent as they lie. Whatever happens, a receipt leaves `waiting` only by the
 * server's own answer, stored before anything else is done.
 */

import { contact, hand, statusOf } from '../api/calls';
import { ping } from '../api/client';
import type { Problem, Reply } from '../api/client';
import type { ContactAnswer } from '../api/wire';
import { pad } from '../domain/dates';
import { uuid7 } from '../domain/uuid7';
import { setConfirmed } from '../store/confirmed';
import { StorageError, strictly } from '../store/db';
import { allOf, changeInstallation, currentInstallation, heeding } from '../store/installations';
import { getMeta } from '../store/meta';
import { outboxOf, storeVerdicts, totalsOf, waitingEnvelopes } from '../store/outbox';
import type { Verdict } from '../store/outbox';
import type { InstallationRow } from '../store/schema';
import { batches, bytesOf, nextBatch, suspect } from './batches';
import { noteServerTime, watchWall } from './evidence';
import { knows, newsIn, tellRead } from './news';
import { storageNow } from './storage';
import { verdictsOf } from './verdicts';
import type { DrainOutcome } from './types';

export const LOCK = 'kias-drain';
const STATUS_AT_ONCE = 500;
const TOLD_AT_ONCE = 100;

export interface DrainHooks {
  /** the server answers; it has taken so many of all that were waiting */
  progress?: (done: number, total: number) => void;
  /** what the page does under the same lock once everything was offered: reading the states' feed */
  afterwards?: (installation: string, correlation: string) => Promise<Reply<unknown>>;
}

/** Stops a drain with its outcome; thrown inside this module only. */
class Stop extends Error {
  constructor(readonly reply: Exclude<Reply<unknown>, { kind: 'ok' }>) {
    super(reply.kind);
  }
}

/** Offers everything that waits. One at a time over all tabs and the worker; `busy` where another one is at it. */
export async function drain(hooks: DrainHooks = {}): Promise<DrainOutcome> {
  return navigator.locks.request(LOCK, { ifAvailable: true }, async (lock): Promise<DrainOutcome> => (lock ? drainAlone(hooks) : { kind: 'busy' }));
}

/** Whose session speaks; nobody's while a registration has no answer yet, for it may be another agent's already, nor
 * once the session has to end: whoever gave up the PIN has not proved himself. */
export async function sender(): ReturnType<typeof currentInstallation> {
  return (await getMeta('fresh_keys')) || (await getMeta('logout_due')) ? null : currentInstallation();
}

async function drainAlone(hooks: DrainHooks): Promise<DrainOutcome> {
  const tally = { sent: 0, kept: 0 };
  try {
    const current = await sender();
    if (!current) return { kind: 'login_required' };
    const correlation = uuid7();
    await openContact(current.row, correlation);
    const total = (await waitingEnvelopes()).length;
    await offer(total, tally, correlation, hooks);
    if (hooks.afterwards) must(await hooks.afterwards(current.row.id, correlation));
    return total === 0 ? { kind: 'nothing' } : { kind: 'done', ...tally };
  } catch (error) {
    if (error instanceof Stop) return await stopped(error.reply, tally.sent);
    if (error instanceof StorageError) return { kind: 'storage_failed' };
    throw error;
  }
}

function must<T>(reply: Reply<T>): T {
  if (reply.kind !== 'ok') throw new Stop(reply);
  return reply.value;
}

/** A session that is gone keeps the queue whole; sending goes on by itself after the login (F28). */
async function stopped(reply: Exclude<Reply<unknown>, { kind: 'ok' }>, sent: number): Promise<DrainOutcome> {
  if (reply.kind !== 'refused') return { kind: reply.kind, sent };
  if (!needsLogin(reply.problem)) return { kind: 'refused', problem: reply.problem, sent };
  await setConfirmed(false);
  return { kind: 'login_required' };
}

export function needsLogin(problem: Problem): boolean {
  return problem.code === 'login_required' || problem.code === 'installation_required';
}

/** The ping that opens a drain. Its token is stored before anything is sent (docs/protocol.md, «Contact token»). */
async function openContact(installation: InstallationRow, correlation: string): Promise<void> {
  await tellRead(installation.id);
  const waiting = (await waitingEnvelopes()).filter((row) => row.installation === installation.id);
  const told = { void_numbers: installation.void_numbers.slice(0, TOLD_AT_ONCE), spoiled: installation.spoiled.slice(0, TOLD_AT_ONCE) };
  const { backward_jumps } = await watchWall();
  const answer = must(
    await contact(
      {
        contact_token: installation.contact_token,
        counter: installation.counter,
        cursor: installation.cursor,
        waiting: totalsOf(waiting),
        app_version: __APP_VERSION__,
        device_time: localMoment(new Date()),
        backward_jumps,
        ...told,
        ...(await storageNow()),
      },
      { correlation },
    ),
  );
  if (answer.installation?.id !== installation.id) throw new Stop({ kind: 'refused', problem: { code: 'login_required', message: 'Войдите по коду из SMS.' } });
  noteServerTime(answer.server_time.time);
  await storeContact(installation.id, answer, told);
  // A new installation has no epoch yet: it asks about what this agent's former one had sent.
  if (knows(installation, answer)) return;
  await askAgain(installation, correlation);
  // Last of all, so that a drain cut in the middle asks again. A feed that may differ is read from its start.
  await changeInstallation(installation.id, (row) => ({ ...row, epoch: answer.epoch, cursor: 0 }));
}

/** `2026-11-22T14:05:11.123+07:00` */
function localMoment(now: Date): string {
  const offset = -now.getTimezoneOffset();
  const shifted = new Date(now.getTime() + offset * 60_000).toISOString().slice(0, -1);
  const minutes = Math.abs(offset);
  return `${shifted}${offset < 0 ? '-' : '+'}${pad(Math.floor(minutes / 60))}:${pad(minutes % 60)}`;
}

/** Token, counter and code in one transaction; the numbers that the server was told of are struck off. */
function storeContact(id: string, answer: ContactAnswer, told: Pick<InstallationRow, 'void_numbers' | 'spoiled'>): Promise<void> {
  return strictly(['installations', 'rows'], async (tx) => {
    const row = await tx.objectStore('installations').get(id);
    if (!row || !answer.installation) return;
    const next = await heeding(row, answer.installation, tx.objectStore('rows'));
    const void_numbers = next.void_numbers.filter((number) => !told.void_numbers.includes(number));
    const spoiled = next.spoiled.filter((number) => !told.spoiled.includes(number));
    await tx.objectStore('installations').put({ ...next, void_numbers, spoiled, contact_token: answer.contact_token, server_time: answer.server_time, ...newsIn(next, answer) });
  });
}

/** A new epoch: the server may have forgotten. Everything still held that it does not know waits again (F15). */
async function askAgain(installation: InstallationRow, correlation: string): Promise<void> {
  const his = (await allOf(installation.agent.id)).map(({ id }) => id);
  const held = (await outboxOf(his)).filter((row) => row.state !== 'waiting').map((row) => row.id);
  for (let at = 0; at < held.length; at += STATUS_AT_ONCE) {
    const ids = held.slice(at, at + STATUS_AT_ONCE);
    const { receipts } = must(await statusOf(ids, { correlation }));
    const unknown = receipts.filter(({ id, result }) => result === 'unknown' && ids.includes(id));
    await storeVerdicts(unknown.map(({ id }): Verdict => ({ id, state: 'waiting' })), '');
  }
}

async function offer(total: number, tally: { sent: number; kept: number }, correlation: string, hooks: DrainHooks): Promise<void> {
  const seen = new Set<string>();
  hooks.progress?.(0, total);
  batches.begin();
  for (;;) {
    const waiting = await waitingEnvelopes();
    const open = waiting.filter((row) => !seen.has(row.id));
    const batch = nextBatch(open, waiting, batches.room());
    if (batch.length === 0) {
      tally.kept += open.length; // withdrawals whose receipts were kept back
      return;
    }
    const bytes = bytesOf(batch);
    const begun = performance.now();
    const reply = await hand(batch.map((row) => row.envelope), { correlation });
    if (reply.kind !== 'ok') {
      // A foreign page is this network's, or a filter's that dislikes one batch: our ping knows (F27).
      if (suspect(reply)) must(await ping(correlation));
      const verdict = batches.failed(reply, batch.length, bytes);
      if (verdict === 'stop') throw new Stop(reply);
      if (verdict === 'set_aside') {
        // This one alone stumbles, there or on the way: it stays, the others go on (F16).
        const later = reply.kind === 'foreign_page' ? reply.kind : 'server_error';
        for (const row of batch) seen.add(row.id);
        await storeVerdicts(batch.map(({ id }): Verdict => ({ id, later })), '');
        tally.kept += batch.length;
      }
      continue;
    }
    const verdicts = verdictsOf(batch.map((row) => row.id), reply.value.answers);
    if (verdicts.length === 0) throw new Stop({ kind: 'foreign_page' });
    batches.succeeded(bytes, performance.now() - begun);
    await storeVerdicts(verdicts, new Date().toISOString());
    for (const row of batch) seen.add(row.id);
    const taken = verdicts.filter((verdict) => 'state' in verdict).length;
    tally.sent += taken;
    tally.kept += batch.length - taken;
    hooks.progress?.(tally.sent, Math.max(total, tally.sent));
  }
}
