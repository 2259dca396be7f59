/** Whose day it is, and a sum that does not shrink (P35). */
import { beforeEach, describe, expect, it, vi } from 'vitest';
import { uncounted } from '../../domain/chains';
import type { LocalReceipt, ReceiptState } from '../../domain/model';
import { receiptsCount } from '../../domain/plural';
import { computed, signal } from '../../signals';

const receipts = signal<LocalReceipt[]>([]);
const session = signal<unknown>({ kind: 'agent', agent: { id: 'a1' } });
const line = signal('online');
const notCounted = computed(() => uncounted(receipts.value.map(({ id, state, replaces }) => ({ id, state, replaces, refunded: false, withdrawn: false }))));
const searchReceipts = vi.fn();
vi.mock('../../sync', () => ({ receipts, session, notCounted, searchReceipts, mayIssue: signal(true) }));
vi.mock('../connection/model', () => ({ line, means: signal({ confirmed: true }) }));
const { dayTotals, hidden, query, shown, tryAgain } = await import('./list');

function receipt(id: string, state: ReceiptState, amount: number, given: Partial<LocalReceipt> = {}): LocalReceipt {
  return { id, number: `БС-К7М3Т-0000${id}-9`, state, amount, receipt_date: '2026-11-22', issued_at: `2026-11-22T07:0${id}:00Z`, fields: null, replaces: null, withdrawal: null, ...given } as LocalReceipt;
}
const today = () => dayTotals.value.get('2026-11-22');

beforeEach(() => {
  receipts.value = [receipt('1', 'fiscalised', 100), receipt('2', 'waiting', 200), receipt('3', 'registered', 300), receipt('4', 'rejected', 400)];
  session.value = { kind: 'agent', agent: { id: 'a1' } };
  line.value = 'online';
  query.value = '';
});

describe('the sum of the day', () => {
  it('is the same offline and under a search, though the list is shorter', () => {
    expect(today()).toEqual({ count: 4, sum: 1000 });
    line.value = 'offline';
    expect(shown.value.map(({ id }) => id)).toEqual(['4', '2']);
    expect(hidden.value.map(({ id }) => id)).toEqual(['3', '1']);
    query.value = '00002';
    expect(shown.value.map(({ id }) => id)).toEqual(['2']);
    expect(today()).toEqual({ count: 4, sum: 1000 });
  });
  it('counts a chain of replacements once, and what was annulled not at all (P08)', () => {
    receipts.value = [...receipts.value, receipt('5', 'waiting', 450, { replaces: { id: '4', number: '' } }), receipt('6', 'annulled', 9000)];
    expect(today()).toEqual({ count: 4, sum: 1050 });
  });
  it('belongs to the date of the receipt, not to the moment of issue', () => {
    receipts.value = [receipt('1', 'waiting', 100, { receipt_date: '2026-11-20' })];
    expect([...dayTotals.value]).toEqual([['2026-11-20', { count: 1, sum: 100 }]]);
  });
  it('takes in what the server tells of his other phone, and only for him (F25)', async () => {
    searchReceipts.mockResolvedValueOnce({ kind: 'ok', value: { receipts: [{ ...receipt('9', 'accepted', 5000), insurant: 'Б.' }], next: null } });
    tryAgain();
    await vi.waitFor(() => expect(today()).toEqual({ count: 5, sum: 6000 }));
    session.value = { kind: 'agent', agent: { id: 'a2' } };
    expect(today()).toEqual({ count: 4, sum: 1000 });
    expect(shown.value.some(({ id }) => id === '9')).toBe(false);
  });
});

it.each([[1, '1\u00a0квитанция'], [2, '2\u00a0квитанции'], [5, '5\u00a0квитанций'], [11, '11\u00a0квитанций'], [21, '21\u00a0квитанция'], [111, '111\u00a0квитанций']])('counts %i receipts in Russian', (count, words) => expect(receiptsCount(count)).toBe(words));
