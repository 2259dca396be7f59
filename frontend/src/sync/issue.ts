/** «Сохранить»: a draft becomes a receipt and an envelope, in one strict transaction (spec «Numbers», F17, F38). */

import { localDate, offsetMinutes } from '../domain/dates';
import { tidyFields } from '../domain/fields';
import type { LocalReceipt, ReceiptFields, Setup } from '../domain/model';
import { findErrors } from '../domain/validate';
import { reading } from '../store/db';
import { currentInstallation } from '../store/installations';
import type { Meta } from '../store/meta';
import { blankReadable, sealReadable } from '../store/readable';
import type { Readable } from '../store/readable';
import type { InstallationRow, OutboxRow, ReadableRow } from '../store/schema';
import { tellOthers } from './channel';
import { buildContent } from './content';
import { whenDrawn } from './drawn';
import { inTurn, newDraft, storageTrouble, storageWorks } from './drafts';
import { drainSoon } from './engine';
import { seal } from './envelope';
import { evidenceFor, lookNow, noteLook } from './evidence';
import { leaveOnline } from './numbers';
import { keepStorage } from './readiness';
import { asReceipt, noteOpened, openRow, refresh, showIssued } from './readings';
import { own } from './state';
import type { IssueResult } from './types';
import { openOf, strictlyUnder } from './vault';
import { wakeWorkerLater } from './worker';

/** All that a saving reads, as it stands at one moment. */
interface Found {
  row: ReadableRow | undefined;
  owner: InstallationRow | undefined;
  past: Meta['wall'] | undefined;
}

/**
 * Saves the receipt of this draft. `saved` is said only after the transaction's `complete`; a second call for
 * the same draft, from any tab, is `already_saved` and changes nothing. Nothing waits for the network. Takes its turn
 * among the writes: a lock that comes meanwhile waits for it.
 */
export function issue(id: string, fields: ReceiptFields): Promise<IssueResult> {
  return inTurn(() => save(id, fields));
}

/** One transaction to read, one strict one to store; between them what cannot be done before the tap (docs/benchmarks.md). */
async function save(id: string, given: ReceiptFields): Promise<IssueResult> {
  const setup = own.setup.value;
  if (!setup) return { kind: 'storage_failed' };
  try {
    const fields = tidyFields(given);
    let checked = false;
    for (;;) {
      const { row, owner, past } = await look(id);
      if (row?.kind === 'receipt') {
        await refresh().catch(() => undefined);
        return { kind: 'already_saved', receipt: own.receipts.value.find((one) => one.id === id) ?? asReceipt(row, null, undefined) };
      }
      if (!checked) {
        const errors = findErrors(fields, setup, localDate(new Date()));
        if (Object.keys(errors).length > 0) return { kind: 'invalid', errors };
        checked = true;
        if (row?.counter === 0 && (await leaveOnline(id))) continue;
      }
      // The draft was dropped in another tab: the money is taken all the same, so the receipt gets a number of its
      // own. It keeps the id: saved twice, it is one receipt (F38).
      if (!row) {
        await replaceDraft(id, fields);
        continue;
      }
      if (!owner || row.kind !== 'draft') throw new Error('no draft');
      const receipt = await sealAndStore(row, owner, past, fields, setup);
      if (!receipt) continue;
      showIssued(receipt);
      // What is promised holds from now on, whatever becomes of this page (P15).
      if (own.connection.value !== 'online') void wakeWorkerLater();
      whenDrawn(follow);
      return { kind: 'saved', receipt };
    }
  } catch (error) {
    return storageTrouble(error);
  }
}

/** What comes of a saved receipt: the sums, the other tabs, the sending. */
function follow(): void {
  storageWorks();
  void refresh().catch(() => undefined);
  tellOthers('rows');
  drainSoon();
  void keepStorage();
}

function look(id: string): Promise<Found> {
  return reading(async (db) => {
    const tx = db.read(['rows', 'installations', 'meta']);
    const [row, installations, wall] = await Promise.all([tx.objectStore('rows').get(id), tx.objectStore('installations').getAll(), tx.objectStore('meta').get('wall')]);
    return { row, owner: installations.find((one) => one.id === row?.owner), past: wall?.value as Meta['wall'] | undefined };
  });
}

async function replaceDraft(id: string, fields: ReceiptFields): Promise<void> {
  const current = await currentInstallation();
  if (!current) throw new Error('no draft');
  await newDraft(current.row, fields, id);
}

/** Seals first, outside of any transaction: WebCrypto cannot be awaited inside one. Null where what was prepared no longer fits what is stored. */
async function sealAndStore(draft: ReadableRow, installation: InstallationRow, past: Found['past'], fields: ReceiptFields, setup: Setup): Promise<LocalReceipt | null> {
  const now = new Date();
  const { wall, look: seen } = lookNow(past, now.getTime());
  const { id, number, counter } = draft;
  const held = openOf(installation);
  const before = (await openRow(held.key, draft)) ?? blankReadable(draft.issued_at, 0);
  const about = { id, installation: installation.id, number, replaces: before.replaces?.id ?? null };
  const content = buildContent(about, fields, evidenceFor(installation, wall), now);
  const { amount, receipt_date } = fields;
  const readable: Readable = { ...before, offset_min: offsetMinutes(now), amount, receipt_date, issued_at: content.issued_at, fields };
  const [envelope, sealed] = await Promise.all([seal(content, setup.sealing_key, installation.keys), sealReadable(held.key, id, readable)]);
  const sending: OutboxRow = { id, kind: 'receipt', receipt: id, envelope, installation: installation.id, number, counter, amount, state: 'waiting', later_reason: '' };
  const saved = await strictlyUnder(held, ['rows', 'outbox', 'meta'], async (tx) => {
    const [rows, meta] = [tx.objectStore('rows'), tx.objectStore('meta')];
    const [row, clock] = await Promise.all([rows.get(id), meta.get('wall')]);
    // Saved, dropped or changed by another tab, renumbered by a new installation code (F21), or the clock's past
    // has grown (P13): prepare again.
    if (row?.kind !== 'draft' || row.number !== number || row.rev !== draft.rev || JSON.stringify(clock?.value) !== JSON.stringify(past)) return null;
    const receipt: ReadableRow = { ...row, kind: 'receipt', state: 'waiting', rev: row.rev + 1, ...sealed };
    await Promise.all([
      rows.put(receipt),
      tx.objectStore('outbox').add(sending),
      meta.put({ key: 'wall', value: wall }),
      meta.put({ key: 'product', value: fields.product }),
    ]);
    return receipt;
  });
  if (!saved) return null;
  noteLook(seen);
  noteOpened(saved, readable);
  return asReceipt(saved, readable, sending);
}
