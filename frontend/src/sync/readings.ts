/** From the encrypted rows to what the UI shows: signals are filled here and nowhere else. */

import { localDate } from '../domain/dates';
import type { Draft, HistoryStep, LocalReceipt, ReceiptFields } from '../domain/model';
import { timeOf } from '../domain/uuid7';
import { type Name, reading } from '../store/db';
import type { Meta } from '../store/meta';
import { totalsOf, withdrawnIn } from '../store/outbox';
import { blankReadable, openReadable } from '../store/readable';
import type { Readable } from '../store/readable';
import { DB_VERSION } from '../store/schema';
import type { InstallationRow, OutboxRow, ReadableRow } from '../store/schema';
import type { Signal } from '../signals';
import { own } from './state';
import { closeVault, heldOf, lookAtVault } from './vault';

/** Opened rows by id, until they are sealed again. */
const opened = new Map<string, { iv: string; readable: Readable }>();
/** Receipts by id as they were told, and what each was made from: one that is the same stays the same, and nobody draws it again. */
const made = new Map<string, { from: string; receipt: LocalReceipt }>();
/** Fields that were readable in this page life: the open page does not go blank when KIAS takes the receipt. */
const remembered = new Map<string, ReceiptFields>();

export async function openRow(key: CryptoKey, row: ReadableRow): Promise<Readable | null> {
  const known = opened.get(row.id);
  const iv = String(row.iv);
  if (known?.iv === iv) return known.readable;
  const readable = await openReadable(key, row);
  if (readable) noteOpened(row, readable); // else another key may open it
  return readable;
}

/** What the page itself has just sealed and stored need not be opened again. */
export function noteOpened({ id, iv }: Pick<ReadableRow, 'id' | 'iv'>, readable: Readable): void {
  opened.set(id, { iv: String(iv), readable });
  if (readable.fields) remembered.set(id, readable.fields);
}

export function asReceipt(row: ReadableRow, readable: Readable | null, outbox: OutboxRow | undefined, taken?: OutboxRow): LocalReceipt {
  const state = row.state === 'draft' ? 'waiting' : row.state;
  const { id, installation, number } = row;
  const issued_at = readable?.issued_at ?? row.issued_at;
  const { reason, acts, field, replaces, visit, copy_shown_at, check, ...told } = { ...blankReadable(issued_at, -new Date(issued_at).getTimezoneOffset()), ...readable };
  const withdrawal = readable ? readable.withdrawal : taken && { reason: '', at: new Date(timeOf(taken.id)).toISOString() };
  return {
    id, installation, number, state, issued_at, reason, acts, field, replaces, visit, copy_shown_at, check,
    // Unreadable here (its PIN was forgotten), it still shows what its envelope says of itself.
    amount: told.amount ?? outbox?.amount ?? row.amount,
    receipt_date: told.receipt_date ?? row.receipt_date,
    offset_min: told.offset_min,
    fields: told.fields ?? remembered.get(id) ?? null,
    history: historyOf(row, readable, state),
    later_reason: outbox?.later_reason ?? '',
    by_agent: told.by_agent ?? false,
    refunded: told.refunded,
    withdrawal: withdrawal ? { ...withdrawal, state: taken?.state === 'waiting' ? 'waiting' : 'accepted' } : null,
  };
}

/** The phone's own steps and the server's, in order; what the server tells replaces what the phone noted. */
function historyOf(row: ReadableRow, readable: Readable | null, state: LocalReceipt['state']): HistoryStep[] {
  const told = readable?.history ?? [];
  const first: HistoryStep = { state: 'waiting', at: readable?.issued_at ?? row.issued_at, text: '' };
  const noted: HistoryStep[] = row.accepted_at && told.length === 0 ? [{ state, at: row.accepted_at, text: '' }] : [];
  return [first, ...noted, ...told];
}

export function asDraft(row: ReadableRow, readable: Readable & { fields: ReceiptFields }): Draft {
  const { id, owner, number, counter } = row;
  const { created_at, replaces, visit, fields } = readable;
  // what an older release stored says it by its date alone
  const { date_chosen = fields.receipt_date !== localDate(new Date(created_at)) } = readable;
  return { id, installation: owner, number, counter, online: counter === 0, created_at, replaces, visit, date_chosen, fields };
}

let running: Promise<void> | null = null;
let queued: Promise<void> | null = null;

/** Reads everything of the session's agent again, as it stands at or after this call. Throws `StorageError`. */
export function refresh(): Promise<void> {
  queued ??= (running ?? Promise.resolve())
    .catch(() => undefined)
    .then(() => {
      queued = null;
      running = readAll();
      return running;
    });
  return queued;
}

/** Before all is read again, which takes long where much lies on the phone. */
export function showIssued(receipt: LocalReceipt): void {
  own.receipts.value = [receipt, ...own.receipts.value.filter(({ id }) => id !== receipt.id)];
  own.draft.value = null;
  const { count, sum } = own.waitingTotals.value;
  own.waitingTotals.value = { count: count + 1, sum: sum + receipt.amount };
}

/** All that lies on the phone, as it stands at one moment: a start waits for one answer. The vault is looked at inside the
 * transaction, so that no other one can take its place meanwhile. */
function look() {
  return reading(async (db) => {
    const tx = db.read(['meta', 'installations', 'outbox', 'vaults', 'rows']);
    const all = <N extends Name>(name: N) => tx.objectStore(name).getAll();
    const [facts, installations, outbox, vaults] = await Promise.all([all('meta'), all('installations'), all('outbox'), all('vaults')]);
    const meta: Partial<Meta> = Object.fromEntries(facts.map(({ key, value }) => [key, value]));
    const row = installations.find(({ id }) => id === meta.session?.installation);
    const his = installations.filter(({ agent }) => agent.id === row?.agent.id).map(({ id }) => id);
    const vault = row && lookAtVault(row.agent.id, vaults.find(({ agent }) => agent === row.agent.id), meta);
    const key = row && heldOf(row)?.key;
    const rows = key && (await Promise.all(his.map((id) => tx.objectStore('rows').index('owner').getAll(id)))).flat();
    return [db.version, meta, row, his, vault, key, rows, outbox] as const;
  });
}

async function readAll(): Promise<void> {
  const [version, meta, row, his, vault, key, rows, outbox] = await look();
  const waiting = outbox.filter(({ state }) => state === 'waiting');
  const isHis = ({ installation }: OutboxRow): boolean => his.includes(installation);
  tell(own.waitingTotals, totalsOf(waiting.filter(isHis)));
  own.oldestWaiting.value = oldestOf(waiting.filter(isHis));
  tell(own.othersWaiting, totalsOf(waiting.filter((one) => !isHis(one))));
  if (own.session.value.kind === 'starting') {
    own.trouble.value = version > DB_VERSION ? { kind: 'newer_version' } : null;
    own.pendingLogin.value = meta.pending_login ?? null;
  }
  tell(own.setup, (row && meta.setup?.value) ?? null);
  tell(own.notices, row?.notices ?? []);
  tell(own.elsewhere, row?.elsewhere ?? { count: 0, sum: 0 });
  own.sessionEnds.value = meta.session_ends ?? Infinity;
  if (!row) closeVault();
  if (rows && key) await fill(rows, outbox, key, row?.id);
  else forget();
  own.vault.value = vault ?? 'locked';
  if (row) showSession(row, meta.session?.confirmed === true);
  else own.session.value = { kind: 'guest' };
}

/** Nothing readable stays in memory. */
function forget(): void {
  opened.clear();
  made.clear();
  remembered.clear();
  own.receipts.value = [];
  own.draft.value = null;
}

/** A receipt that was taken back needs no check. */
function oldestOf(waiting: OutboxRow[]): number | null {
  const withdrawn = withdrawnIn(waiting);
  const oldest = waiting.find(({ kind, id }) => kind === 'receipt' && !withdrawn.has(id)); // ids sort by time
  return oldest ? timeOf(oldest.id) : null;
}

async function fill(rows: ReadableRow[], outbox: OutboxRow[], key: CryptoKey, current?: string): Promise<void> {
  const both = await Promise.all(rows.map(async (row) => ({ row, readable: await openRow(key, row) })));
  const sent = new Map(outbox.map((row) => [row.id, row]));
  const taken = new Map(outbox.filter(({ kind }) => kind === 'withdrawal').map((row) => [row.receipt, row]));
  const receipts = both.filter(({ row }) => row.kind === 'receipt').map(({ row, readable }) => receiptOf(row, readable, sent.get(row.id), taken.get(row.id)));
  const draft = both.find(({ row }) => row.kind === 'draft' && row.owner === current);
  const before = new Set(own.receipts.value);
  if (receipts.length !== before.size || !receipts.every((one) => before.has(one))) own.receipts.value = receipts.sort((a, b) => (a.issued_at + a.id < b.issued_at + b.id ? 1 : -1));
  const fields = draft?.readable?.fields;
  tell(own.draft, draft?.readable && fields ? asDraft(draft.row, { ...draft.readable, fields }) : null);
}

/** The receipt as it was told last, while none of its three rows has been written since. */
function receiptOf(row: ReadableRow, readable: Readable | null, sent: OutboxRow | undefined, taken: OutboxRow | undefined): LocalReceipt {
  const from = [row.iv, row.rev, sent?.later_reason, taken?.state].join();
  let told = made.get(row.id);
  if (told?.from !== from) made.set(row.id, (told = { from, receipt: asReceipt(row, readable, sent, taken) }));
  return told.receipt;
}

/** What is as it was is not told again: nobody draws for it. */
function tell<T>(written: Signal<T>, value: T): void {
  if (JSON.stringify(written.value) !== JSON.stringify(value)) written.value = value;
}

function showSession(row: InstallationRow, confirmed: boolean): void {
  const now = own.session.value;
  tell(own.session, { kind: 'agent', agent: row.agent, installation: { id: row.id, code: row.code }, confirmed, revoked: row.retired, ask_ahead: confirmed && now.kind === 'agent' && now.ask_ahead });
}
