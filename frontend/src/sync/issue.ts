/** «Сохранить»: a draft becomes a receipt and an envelope, in one strict transaction (spec «Numbers», F17, F38). */

import { localDate, offsetMinutes } from '../domain/dates';
import { tidyFields } from '../domain/fields';
import type { ReceiptFields, Setup } from '../domain/model';
import { findErrors } from '../domain/validate';
import { reading } from '../store/db';
import { currentInstallation, getInstallation } from '../store/installations';
import { setMeta } from '../store/meta';
import { blankReadable, getRow, sealReadable } from '../store/readable';
import type { InstallationRow, OutboxRow, ReadableRow } from '../store/schema';
import { tellOthers } from './channel';
import { buildContent } from './content';
import { inTurn, newDraft, storageTrouble, storageWorks } from './drafts';
import { drainSoon } from './engine';
import { seal } from './envelope';
import { evidenceFor, watchWall } from './evidence';
import { leaveOnline } from './numbers';
import { keepStorage } from './readiness';
import { asReceipt, openRow, refresh, showIssued } from './readings';
import { own } from './state';
import type { IssueResult } from './types';
import { keyOf, openOf, strictlyUnder } from './vault';
import { wakeWorkerLater } from './worker';

type Stored = { kind: 'saved' | 'already_saved'; row: ReadableRow } | { kind: 'renumbered' };

/**
 * Saves the receipt of this draft. `saved` is said only after the transaction's `complete`; a second call for
 * the same draft, from any tab, is `already_saved` and changes nothing. Nothing waits for the network. Takes its turn
 * among the writes: a lock that comes meanwhile waits for it.
 */
export function issue(id: string, fields: ReceiptFields): Promise<IssueResult> {
  return inTurn(() => save(id, fields));
}

async function save(id: string, fields: ReceiptFields): Promise<IssueResult> {
  const setup = own.setup.value;
  if (!setup) return { kind: 'storage_failed' };
  try {
    const ready = await reading((db) => db.get('rows', id));
    const tidy = tidyFields(fields);
    if (ready?.kind !== 'receipt') {
      const errors = findErrors(tidy, setup, localDate(new Date()));
      if (Object.keys(errors).length > 0) return { kind: 'invalid', errors };
    }
    await leaveOnline(id);
    const stored = await store(id, tidy, setup);
    const receipt = await read(stored.row).catch(() => asReceipt(stored.row, null, undefined));
    if (stored.kind === 'saved') {
      storageWorks();
      void setMeta('product', tidy.product).catch(() => undefined); // a convenience: the receipt does not depend on it
      showIssued(receipt);
      void refresh().catch(() => undefined); // it is saved and shown; the sums follow
      tellOthers('rows');
      drainSoon();
      // What is promised holds from now on, whatever becomes of this page (P15).
      if (own.connection.value !== 'online') void wakeWorkerLater();
      void keepStorage();
    }
    return { kind: stored.kind, receipt };
  } catch (error) {
    return storageTrouble(error);
  }
}

async function store(id: string, fields: ReceiptFields, setup: Setup): Promise<Extract<Stored, { row: ReadableRow }>> {
  for (;;) {
    const row = await getRow(id);
    if (row?.kind === 'receipt') return { kind: 'already_saved', row };
    // The draft was dropped in another tab: the money is taken all the same, so the receipt gets a number of its
    // own. It keeps the id: saved twice, it is one receipt (F38).
    if (!row) {
      await replaceDraft(id, fields);
      continue;
    }
    const installation = await getInstallation(row.owner);
    if (!installation) throw new Error('no installation');
    const stored = await sealAndStore(row, installation, fields, setup);
    if (stored.kind !== 'renumbered') return stored;
  }
}

async function replaceDraft(id: string, fields: ReceiptFields): Promise<void> {
  const current = await currentInstallation();
  if (!current) throw new Error('no installation');
  await newDraft(current.row, fields, id);
}

/** Seals first, outside of any transaction: WebCrypto cannot be awaited inside one. */
async function sealAndStore(draft: ReadableRow, installation: InstallationRow, fields: ReceiptFields, setup: Setup): Promise<Stored> {
  const now = new Date();
  const wall = await watchWall(now.getTime());
  const { id, number, counter } = draft;
  const held = openOf(installation);
  const before = (await openRow(held.key, draft)) ?? blankReadable(draft.issued_at, 0);
  const about = { id, installation: installation.id, number, replaces: before.replaces?.id ?? null };
  const content = buildContent(about, fields, evidenceFor(installation, wall), now);
  const envelope = await seal(content, setup.sealing_key, installation.keys);
  const { amount, receipt_date } = fields;
  const sealed = await sealReadable(held.key, id, { ...before, offset_min: offsetMinutes(now), amount, receipt_date, issued_at: content.issued_at, fields });
  const sending: OutboxRow = { id, kind: 'receipt', receipt: id, envelope, installation: installation.id, number, counter, amount, state: 'waiting', later_reason: '' };
  return strictlyUnder(held, ['rows', 'outbox'], async (tx): Promise<Stored> => {
    const row = await tx.objectStore('rows').get(id);
    if (row?.kind === 'receipt') return { kind: 'already_saved', row };
    // A new installation code has renumbered it (F21), or it was dropped: prepare again.
    if (row?.number !== number) return { kind: 'renumbered' };
    const receipt: ReadableRow = {
      ...row,
      kind: 'receipt',
      state: 'waiting',
      rev: row.rev + 1,
      ...sealed,
    };
    await tx.objectStore('rows').put(receipt);
    await tx.objectStore('outbox').add(sending);
    return { kind: 'saved', row: receipt };
  });
}

async function read(row: ReadableRow): Promise<ReturnType<typeof asReceipt>> {
  const installation = await getInstallation(row.owner);
  const readable = installation ? await openRow(keyOf(installation), row) : null;
  return asReceipt(row, readable, await reading((db) => db.get('outbox', row.id)));
}
