/** An agent takes his receipt back: a fact of its own, sealed and stored like a receipt (P01, F32). */

import { offsetMinutes, zoneName } from '../domain/dates';
import { uuid7 } from '../domain/uuid7';
import { currentInstallation, getInstallation } from '../store/installations';
import { blankReadable, getRow, sealReadable } from '../store/readable';
import type { Readable } from '../store/readable';
import type { OutboxRow, ReadableRow } from '../store/schema';
import { tellOthers } from './channel';
import { inTurn, storageTrouble } from './drafts';
import { drainSoon } from './engine';
import { seal } from './envelope';
import { evidenceFor, watchWall } from './evidence';
import { openRow, refresh } from './readings';
import { own } from './state';
import { openOf, strictlyUnder } from './vault';

/** As the office will read it too (`receipts.models.WithdrawalReason`). */
export const WITHDRAWAL_REASONS = { amount: 'ошибка в сумме', policy: 'не тот полис', client: 'клиент передумал', other: 'другое' } as const;
export type WithdrawalReason = keyof typeof WITHDRAWAL_REASONS;
export type WithdrawResult = { kind: 'withdrawn' | 'storage_full' | 'storage_failed' };

/** Withdraws a receipt of this phone's agent; a second call, from any tab, changes nothing. Waits for no network. */
export async function withdraw(receipt: string, reason: WithdrawalReason, text = ''): Promise<WithdrawResult> {
  try {
    await inTurn(() => rewrite(receipt, async (before, row) => (before.withdrawal ? null : prepared(row, before, reason, text.trim().slice(0, 300)))));
    await refresh().catch(() => undefined);
    tellOthers('rows');
    drainSoon();
    return { kind: 'withdrawn' };
  } catch (error) {
    return storageTrouble(error);
  }
}

/** Remembers when a copy was first shown, shared or printed: from then on a withdrawal is the office's to decide. */
export async function noteCopyShown(receipt: string): Promise<void> {
  const at = new Date().toISOString();
  await rewrite(receipt, (before) => Promise.resolve(before.copy_shown_at ? null : { readable: { ...before, copy_shown_at: at } }))
    .then(refresh)
    .catch(() => undefined); // the copy is shown all the same
}

interface Rewritten {
  readable: Readable;
  sending?: OutboxRow;
}

async function prepared(row: ReadableRow, before: Readable, reason: WithdrawalReason, text: string): Promise<Rewritten> {
  const { value: setup } = own.setup;
  const current = await currentInstallation();
  if (!setup || !current) throw new Error('no key');
  const now = new Date();
  const [id, installation, at] = [uuid7(), current.row.id, now.toISOString()];
  const content = {
    v: 1, id, installation, receipt: row.id, number: row.number, reason, text,
    withdrawn_at: at, offset_min: offsetMinutes(now), zone: zoneName(), saved_at: before.issued_at ?? row.issued_at,
    copy_shown: before.copy_shown_at !== null,
    evidence: evidenceFor(current.row, await watchWall()),
    app_version: __APP_VERSION__,
  };
  const envelope = await seal(content, setup.sealing_key, current.row.keys, 'withdrawal');
  const words = WITHDRAWAL_REASONS[reason] + (text && `: ${text}`);
  return {
    readable: { ...before, withdrawal: { id, reason: words, at } },
    sending: { id, kind: 'withdrawal', receipt: row.id, envelope, installation, number: row.number, counter: 0, amount: 0, state: 'waiting', later_reason: '' },
  };
}

/** A receipt's readable half and what is sent about it, in one strict transaction; `change` says null for nothing to do. */
async function rewrite(id: string, change: (before: Readable, row: ReadableRow) => Promise<Rewritten | null>): Promise<void> {
  for (let left = 5; left > 0; left--) {
    const row = await getRow(id);
    const owner = row && (await getInstallation(row.owner));
    if (row?.kind !== 'receipt' || !owner) throw new Error('no receipt');
    const held = openOf(owner);
    const made = await change((await openRow(held.key, row)) ?? blankReadable(row.issued_at, 0), row);
    if (!made) return;
    const sealed = await sealReadable(held.key, id, made.readable);
    const done = await strictlyUnder(held, ['rows', 'outbox'], async (tx) => {
      const now = await tx.objectStore('rows').get(id);
      if (now?.rev !== row.rev) return false; // the feed or another tab was quicker: prepare again
      await tx.objectStore('rows').put({ ...now, rev: now.rev + 1, ...sealed });
      if (made.sending) await tx.objectStore('outbox').add(made.sending);
      return true;
    });
    if (done) return;
  }
  throw new Error('no rest');
}
