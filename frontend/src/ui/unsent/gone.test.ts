import { signal } from '../../signals';
import { beforeEach, expect, it, vi } from 'vitest';
import type { LocalReceipt, ReceiptState } from '../../domain/model';

const receipts = signal<LocalReceipt[]>([]);
vi.mock('../../sync', () => ({ receipts }));
const { gone } = await import('./gone');

const STATES: ReceiptState[] = ['waiting', 'accepted', 'held', 'registered', 'fiscalised', 'rejected', 'annulled'];
const row = (id: string, state: ReceiptState, extra: Partial<LocalReceipt> = {}): LocalReceipt => ({ id, state, withdrawal: null, replaces: null, ...extra }) as LocalReceipt;
const say = (rows: LocalReceipt[], others = 0): string => {
  receipts.value = rows;
  return gone(rows, others);
};

beforeEach(() => void (receipts.value = []));

it.each<[string, LocalReceipt[], number, string]>([
  ['nothing was ever issued', [], 0, 'nothing'],
  ['KIAS has all', [row('1', 'registered'), row('2', 'fiscalised')], 0, 'confirmed'],
  ['our server has it, KIAS not yet', [row('1', 'fiscalised'), row('2', 'accepted')], 0, 'not_all'],
  ['one is on this phone', [row('1', 'fiscalised'), row('2', 'waiting')], 0, 'not_all'],
  ['a withdrawal is on this phone', [row('1', 'fiscalised', { withdrawal: { reason: '', at: '', state: 'waiting' } })], 0, 'not_all'],
  ['the office examines one', [row('1', 'fiscalised'), row('2', 'held')], 0, 'attention'],
  ['KIAS refused one', [row('1', 'fiscalised'), row('2', 'rejected')], 0, 'attention'],
  ['KIAS refused one, another was issued instead', [row('1', 'rejected'), row('2', 'registered', { replaces: { id: '1', number: '' } })], 0, 'confirmed'],
  ['all were annulled', [row('1', 'annulled')], 0, 'nothing'],
  ['another agent’s wait here, or his own on another phone', [row('1', 'registered')], 1, 'not_all'],
])('f31: %s', (_, rows, others, expected) => {
  expect(say(rows, others)).toBe(expected);
});

/** The life of a receipt as docs/states.md has it. */
const NEXT: Record<ReceiptState, ReceiptState[]> = {
  waiting: ['accepted', 'held'],
  accepted: ['registered', 'rejected', 'annulled', 'held'],
  held: ['accepted', 'annulled'],
  registered: ['fiscalised', 'annulled'],
  fiscalised: ['annulled'],
  rejected: ['accepted', 'annulled'],
  annulled: [],
};

it('f31: «всё отправлено» is said at no step of any receipt’s life before KIAS has confirmed each', () => {
  let seed = 1;
  const pick = (below: number): number => (seed = (seed * 48_271) % 2_147_483_647) % below;
  let confirmed = 0;
  for (let round = 0; round < 300; round++) {
    const states = Array.from({ length: 1 + pick(4) }, (): ReceiptState => STATES[pick(2)] ?? 'waiting');
    for (let step = 0; step < 12; step++) {
      const at = pick(states.length);
      const next = NEXT[states[at] ?? 'annulled'];
      states[at] = next[pick(next.length || 1)] ?? states[at] ?? 'waiting';
      const said = say(states.map((state, id) => row(String(id), state)));
      if (said === 'confirmed') {
        confirmed += 1;
        expect(states.every((state) => ['registered', 'fiscalised', 'annulled'].includes(state))).toBe(true);
      }
      if (states.includes('waiting') || states.includes('accepted')) expect(['not_all', 'attention']).toContain(said);
    }
  }
  expect(confirmed).toBeGreaterThan(100);
});
