/** What may leave the phone after a drain (spec «What may lie on the phone»). Times are the server's, never the phone's clock. */

import { localDate, shiftDate } from '../domain/dates';
import type { LocalReceipt } from '../domain/model';
import { strictly } from '../store/db';
import { allOf, currentInstallation } from '../store/installations';
import { outboxOf } from '../store/outbox';
import type { OutboxRow } from '../store/schema';
import { own } from './state';

const SETTLED_DAYS = 45;
const READABLE_DAYS = 30;
const DAY_MS = 86_400_000;
/** so few at once that no other write waits for long */
const AT_ONCE = 50;

const IN_KIAS: readonly string[] = ['registered', 'fiscalised', 'annulled'];

/** A row that KIAS has, as far as this phone knows, and in which state: a withdrawal has its receipt's. */
export interface Settled {
  row: OutboxRow;
  state: OutboxRow['state'];
}

export function settledRows(rows: readonly OutboxRow[]): Settled[] {
  const states = new Map(rows.map(({ id, state }) => [id, state]));
  const open = new Set(rows.filter(({ state }) => state === 'waiting').map(({ receipt }) => receipt));
  return rows
    .map((row) => ({ row, state: states.get(row.receipt) ?? row.state }))
    .filter(({ row, state }) => !open.has(row.receipt) && IN_KIAS.includes(state));
}

/** Whether a settled envelope may go: the server's verified backup holds what it was sent for, or time has passed (F33).
 * The server writes all moments alike, so they compare as texts. */
export function mayGo({ accepted_at, settled_at }: OutboxRow, now: string, backedUpUntil: string | null): boolean {
  const long = new Date(Date.parse(now) - SETTLED_DAYS * DAY_MS).toISOString();
  return Boolean((accepted_at && backedUpUntil && accepted_at < backedUpUntil) || (settled_at && settled_at < long));
}

/** Readable rows that are history: KIAS has them, and their day lies 30 days back. A replacement stays as long as what it
 * replaces: that would ask to be replaced again (P09). `receipts` are newest first. */
export function pastRows(receipts: readonly LocalReceipt[], now: string): string[] {
  const oldest = shiftDate(localDate(new Date(now)), -READABLE_DAYS);
  const stay = new Set<string | undefined>();
  const past = [...receipts].reverse().filter(({ id, state, withdrawal, receipt_date, replaces }) => {
    const gone = IN_KIAS.includes(state) && withdrawal?.state !== 'waiting' && receipt_date < oldest && !stay.has(replaces?.id);
    if (!gone) stay.add(id);
    return gone;
  });
  return past.map(({ id }) => id);
}

/** Lets go of what the server and KIAS keep; returns whether anything readable went. Only of this agent's: of another one's
 * nobody has asked since the server's last restore. Throws `StorageError`. */
export async function letGo(): Promise<boolean> {
  const current = (await currentInstallation())?.row;
  if (!current?.server_time) return false;
  const now = current.server_time.time;
  const his = (await allOf(current.agent.id)).map(({ id }) => id);
  const past = pastRows(own.receipts.value, now);
  for (const some of chunks(settledRows(await outboxOf(his)))) await letGoOf(some, now, current.backed_up_until ?? null);
  for (const some of chunks(past)) await forgetRows(some);
  return past.length > 0;
}

/** Looks again inside the transaction: nothing may go that was offered anew meanwhile. */
function letGoOf(settled: Settled[], now: string, backedUpUntil: string | null): Promise<void> {
  return strictly(['outbox'], async (tx) => {
    const outbox = tx.objectStore('outbox');
    for (const { row: before, state } of settled) {
      const row = await outbox.get(before.id);
      if (row?.state !== before.state) continue;
      if (mayGo(row, now, backedUpUntil)) await outbox.delete(row.id);
      else if (!row.settled_at) await outbox.put({ ...row, state, settled_at: now });
    }
  });
}

function forgetRows(ids: string[]): Promise<void> {
  return strictly(['rows', 'outbox'], async (tx) => {
    for (const id of ids) {
      const row = await tx.objectStore('rows').get(id);
      if (row && IN_KIAS.includes(row.state) && (await tx.objectStore('outbox').get(id))?.state !== 'waiting') await tx.objectStore('rows').delete(id);
    }
  });
}

function chunks<T>(all: T[]): T[][] {
  return Array.from({ length: Math.ceil(all.length / AT_ONCE) }, (_, place) => all.slice(place * AT_ONCE, (place + 1) * AT_ONCE));
}
