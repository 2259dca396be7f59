import type { LocalReceipt } from '../../domain/model';

/** Where somebody has to look: KIAS refused it, or a person at the office examines it. */
export function needsAttention(receipt: LocalReceipt): boolean {
  return receipt.state === 'rejected' || receipt.state === 'held';
}
