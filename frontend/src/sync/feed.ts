/** The states' feed of the server: what changed, stored together with the cursor that passed it. */

import { statesAfter } from '../api/calls';
import type { Reply } from '../api/client';
import type { Change } from '../api/wire';
import type { ReceiptState } from '../domain/model';
import { getInstallation } from '../store/installations';
import { blankReadable, getRow, openReadable, sealReadable, veiled } from '../store/readable';
import type { FeedStep, Readable } from '../store/readable';
import type { InstallationRow, ReadableRow } from '../store/schema';
import { heldOf, strictlyUnder } from './vault';
import type { Held } from './vault';

const TRIES = 3;

/** Whether the server tells this agent nothing here for now: no error, he only hands over (P17), has a new number (P25), or
 * an app that must be updated first (P21). */
export const readings = { barred: false };

/** Reads the feed to its end. Returns how many changes were stored; throws `StorageError`. */
export async function readFeed(installationId: string, correlation?: string): Promise<Reply<number>> {
  let stored = 0;
  for (;;) {
    const installation = await getInstallation(installationId);
    const held = installation && heldOf(installation);
    // Locked, nothing can be stored readably: it is read after the PIN.
    if (!held) return { kind: 'ok', value: stored };
    const reply = await statesAfter(installation.cursor, { correlation });
    readings.barred = reply.kind === 'refused' && ['not_allowed', 'update_required'].includes(reply.problem.code);
    if (readings.barred) return { kind: 'ok', value: stored };
    if (reply.kind !== 'ok') return reply;
    const { changes, cursor, more } = reply.value;
    if (cursor < installation.cursor || (more && cursor === installation.cursor)) return { kind: 'foreign_page' };
    if (changes.length > 0 || cursor > installation.cursor) await storeChanges(held, installation, changes, cursor);
    stored += changes.length;
    if (!more) return { kind: 'ok', value: stored };
  }
}

async function storeChanges(held: Held, installation: InstallationRow, changes: Change[], cursor: number): Promise<void> {
  for (let left = TRIES; ; left--) {
    const prepared = await prepare(held.key, installation, changes);
    if (await write(held, installation.id, prepared, cursor)) return;
    if (left === 1) throw new Error('no rest');
  }
}

interface Prepared {
  row: ReadableRow;
  /** the row's `rev` this was made from; null for a receipt this phone did not know */
  from: number | null;
  /** the server's moment of the newest step: by then it had the receipt */
  at: string;
}

/** Encrypts what will be written, before the transaction. */
async function prepare(key: CryptoKey, installation: InstallationRow, changes: Change[]): Promise<Prepared[]> {
  const byId = new Map<string, Change[]>();
  for (const change of changes) byId.set(change.id, [...(byId.get(change.id) ?? []), change]);
  return Promise.all(
    [...byId].map(async ([id, steps]): Promise<Prepared> => {
      const known = await getRow(id);
      const before = known && (await openReadable(key, known));
      const last = steps[steps.length - 1];
      if (!last) throw new Error('no change');
      const readable = advance(before ?? null, steps, last);
      const sealed = await sealReadable(key, id, readable);
      return { row: { ...(known ?? heardOf(installation, last)), state: last.state, ...sealed, rev: (known?.rev ?? -1) + 1 }, from: known?.rev ?? null, at: last.at };
    }),
  );
}

const IN_KIAS: readonly ReceiptState[] = ['registered', 'fiscalised', 'annulled'];

function advance(before: Readable | null, steps: Change[], last: Change): Readable {
  const history = [...(before?.history ?? [])];
  for (const { change, state, at, text } of steps) {
    const step: FeedStep = { change, state, at, text };
    if (!history.some((known) => known.change === change && known.at === at && known.state === state)) history.push(step);
  }
  history.sort((a, b) => a.change - b.change);
  // a correction of the contact is a step of its own and says nothing about the state (P23)
  const told = steps.findLast(({ reason }) => reason !== 'contact_corrected');
  const blank = blankReadable(last.issued_at, -new Date(last.issued_at).getTimezoneOffset());
  const { amount, receipt_date, issued_at } = last;
  return {
    ...(before ?? blank),
    // What the phone itself knows stands; another phone's, or one that a forgotten PIN has closed, is heard of.
    ...(before?.issued_at === undefined && { amount, receipt_date, issued_at }),
    // Once KIAS has it, its full text comes from the server only (spec «What may lie on the phone»).
    fields: IN_KIAS.includes(last.state) ? null : (before?.fields ?? null),
    history,
    ...(told && {
      reason: told.text || told.reason,
      acts: told.acts === 'agent' || told.acts === 'office' ? told.acts : '',
      field: told.field,
      by_agent: told.reason === 'withdrawn',
    }),
    replaces: before?.replaces ?? (last.replaces === null ? null : { id: last.replaces, number: '' }),
    withdrawal: before?.withdrawal && steps.some((step) => letGo(history, step, before.withdrawal)) ? null : (before?.withdrawal ?? null),
    refunded: last.refunded,
    check: last.check ?? before?.check ?? null,
  };
}

/** Whether the office let a held receipt go on after its withdrawal: then it was not taken back. */
function letGo(history: FeedStep[], step: Change, withdrawal: Readable['withdrawal']): boolean {
  const before = history.findLast(({ change }) => change < step.change);
  return step.state === 'accepted' && before?.state === 'held' && withdrawal !== null && step.at > withdrawal.at;
}

/** A receipt of this agent from his other phone. */
function heardOf(installation: InstallationRow, change: Change): Omit<ReadableRow, 'iv' | 'sealed'> {
  const { id, number, state } = change;
  return { id, kind: 'receipt', owner: installation.id, installation: change.installation, number, counter: 0, state, ...veiled(id), accepted_at: null, rev: 0 };
}

/** All changes and the cursor, or nothing; false where a row has changed since it was prepared. */
function write(held: Held, installationId: string, prepared: Prepared[], cursor: number): Promise<boolean> {
  return strictlyUnder(held, ['rows', 'outbox', 'installations'], async (tx) => {
    const rows = tx.objectStore('rows');
    const outbox = tx.objectStore('outbox');
    for (const { row, from } of prepared) {
      const now = await rows.get(row.id);
      if ((now?.rev ?? null) !== from) return false;
    }
    for (const { row, at } of prepared) {
      await rows.put(row);
      const sent = await outbox.get(row.id);
      if (sent && row.state !== 'draft') await outbox.put({ ...sent, state: row.state, later_reason: '', accepted_at: at });
    }
    const installation = await tx.objectStore('installations').get(installationId);
    if (installation) await tx.objectStore('installations').put({ ...installation, cursor });
    return true;
  });
}
