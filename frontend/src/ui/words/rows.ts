import { shortName } from '../../domain/fields';
import type { LocalReceipt, ReceiptState } from '../../domain/model';
import type { FoundReceipt } from '../../sync';
import type { RowData } from '../kit/ReceiptRow';

/** How far along its way a receipt is: of two answers about one receipt the further one is the newer. */
const PROGRESS: readonly ReceiptState[] = ['waiting', 'accepted', 'held', 'registered', 'fiscalised', 'rejected', 'annulled'];

export function rowOf(receipt: LocalReceipt): RowData {
  const { id, number, state, amount, receipt_date, issued_at, fields } = receipt;
  const insurant = fields ? shortName(fields.insurant, fields.insurant_kind) : '';
  return { id, number, state, amount, receipt_date, issued_at, insurant, ...withdrawalWord(receipt) };
}

/** What the row of a withdrawn receipt says of it (P01). */
function withdrawalWord({ state, withdrawal, by_agent }: LocalReceipt): { word?: string; note?: string } {
  if (withdrawal?.state === 'waiting') return { note: 'Отмена ждёт отправки' };
  return state === 'annulled' && (by_agent || withdrawal) ? { word: 'отменена' } : {};
}

/** Whether the first of two answers about one receipt is the newer. */
export const isFurther = (one: ReceiptState, other: ReceiptState): boolean => PROGRESS.indexOf(one) > PROGRESS.indexOf(other);

/** One row of what the phone and the server know. `waiting` is the phone's own word and stands. */
export function mergeRow(local: RowData, found: FoundReceipt): RowData {
  const state = local.state === 'waiting' || isFurther(local.state, found.state) ? local.state : found.state;
  return { ...local, ...found, state, insurant: found.insurant || local.insurant };
}

/** Newest day first, newest moment first within a day. */
export function byNewest(one: RowData, other: RowData): number {
  return (
    other.receipt_date.localeCompare(one.receipt_date) ||
    other.issued_at.localeCompare(one.issued_at) ||
    other.number.localeCompare(one.number)
  );
}

export const inKias = (state: ReceiptState): boolean => state === 'registered' || state === 'fiscalised';

export interface Day {
  date: string;
  rows: RowData[];
}

export function byDay(rows: readonly RowData[]): Day[] {
  const days: Day[] = [];
  for (const row of rows) {
    const last = days.at(-1);
    if (last?.date === row.receipt_date) last.rows.push(row);
    else days.push({ date: row.receipt_date, rows: [row] });
  }
  return days;
}

/** Count and sum of what the agent took; an annulled receipt counts for nothing, nor do those of `skip` (P08). */
export function totalsOf(rows: readonly RowData[], skip: ReadonlySet<string> = new Set()): { count: number; sum: number } {
  const living = rows.filter((row) => row.state !== 'annulled' && !skip.has(row.id));
  return { count: living.length, sum: living.reduce((sum, row) => sum + row.amount, 0) };
}
