/** The agent's receipts on the server: with network only, kept nowhere. */

import { fetchOne, search } from '../api/calls';
import type { FiscalCheck, HistoryStep, LocalReceipt, ReceiptFields } from '../domain/model';
import { heard } from './login';
import type { Answer, FoundReceipt } from './types';

/** The agent's receipts on the server, newest first, by 30; `before` is the last page's `next`. */
export async function searchReceipts(q: string, before: string | null): Promise<Answer<{ receipts: FoundReceipt[]; next: string | null }>> {
  return heard(await search(q, before), (page) => page);
}

type Whole = Omit<LocalReceipt, 'fields' | 'history' | 'later_reason' | 'check' | 'offset_min'> &
  ReceiptFields & { offset_min: number; history: HistoryStep[]; check: FiscalCheck | null };

/** One of his receipts, whole. */
export async function fetchReceipt(id: string): Promise<Answer<LocalReceipt>> {
  return heard(await fetchOne(id), (body) => {
    const { id: known, installation, number, state, amount, receipt_date, issued_at, offset_min, history, reason, check, ...fields } = body as unknown as Whole;
    const first: HistoryStep = { state: 'waiting', at: issued_at, text: '' };
    return {
      id: known, installation, number, state, amount, receipt_date, issued_at, offset_min, reason, check,
      fields: { ...fields, amount, receipt_date },
      history: [first, ...history],
      later_reason: '',
    };
  });
}
