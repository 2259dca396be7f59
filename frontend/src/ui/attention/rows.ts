import type { LocalReceipt } from '../../domain/model';
import { receipts } from '../../sync';

/** The receipt that was issued instead of this one, if there is one on this phone. */
export function replacementOf(id: string): LocalReceipt | undefined {
  return receipts.value.find(({ replaces }) => replaces?.id === id);
}

/** Where somebody has to look: KIAS refused it and nothing replaces it, or a person at the office examines it. */
export function needsAttention(receipt: LocalReceipt): boolean {
  return (receipt.state === 'rejected' && !replacementOf(receipt.id)) || receipt.state === 'held';
}

/** Whether the agent may issue another one instead: refused for something of his to mend, or taken back by him. */
export function mayReissue({ id, state, acts, withdrawal, by_agent }: LocalReceipt): boolean {
  return ((state === 'rejected' && acts === 'agent') || withdrawal !== null || by_agent === true) && !replacementOf(id);
}
