import type { LocalReceipt } from '../../domain/model';
import { needsAttention, replacementOf } from '../attention/rows';
import { inKias } from '../words/rows';

/** Whether something of it is on this phone only: the receipt, or its withdrawal. */
export const waits = ({ state, withdrawal }: LocalReceipt): boolean => state === 'waiting' || withdrawal?.state === 'waiting';

/**
 * What may be said where nothing of his waits here (F31). «Всё отправлено» comes from the rows alone, receipt by
 * receipt, once KIAS has confirmed each, and not while `others` wait: another agent's here, or his own on another phone.
 */
export function gone(all: readonly LocalReceipt[], others: number): 'attention' | 'not_all' | 'confirmed' | 'nothing' {
  if (all.some(needsAttention)) return 'attention';
  const settled = all.every((receipt) => !waits(receipt) && (inKias(receipt.state) || receipt.state === 'annulled' || replacementOf(receipt.id) !== undefined));
  if (others > 0 || !settled) return 'not_all';
  return all.some(({ state }) => inKias(state)) ? 'confirmed' : 'nothing';
}
