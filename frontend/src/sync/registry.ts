/** The agent's receipts on the server: with network only, kept nowhere. */

import { fetchOne, search } from '../api/calls';
import type { ReceiptAnswer } from '../api/wire';
import type { HistoryStep, LocalReceipt } from '../domain/model';
import { heard } from './login';
import type { Answer, FoundReceipt } from './types';

/** The agent's receipts on the server, newest first, by 30; `before` is the last page's `next`. */
export async function searchReceipts(q: string, before: string | null): Promise<Answer<{ receipts: FoundReceipt[]; next: string | null }>> {
  return heard(await search(q, before), (page) => page);
}

/** One of his receipts, whole. */
export async function fetchReceipt(id: string): Promise<Answer<LocalReceipt>> {
  return heard<ReceiptAnswer, LocalReceipt>(await fetchOne(id), ({ history, check, replaces, replaces_number, refunded, ...whole }) => {
    const { id: known, installation, number, state, reason: code, offset_min, issued_at, ...rest } = whole;
    const { acts: said, ...fields } = rest;
    const acts = said === 'agent' || said === 'office' ? said : '';
    const { amount, receipt_date } = fields;
    const reason = history.at(-1)?.text || code;
    const first: HistoryStep = { state: 'waiting', at: issued_at, text: '' };
    return { id: known, installation, number, state, reason, acts, offset_min, issued_at, amount, receipt_date, fields, check, history: [first, ...history], later_reason: '', field: '', replaces: replaces === null ? null : { id: replaces, number: replaces_number }, by_agent: code === 'withdrawn', refunded, visit: '', withdrawal: null, copy_shown_at: null };
  });
}
