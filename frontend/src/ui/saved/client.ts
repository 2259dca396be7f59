import { signal } from '@preact/signals';

import { localDate } from '../../domain/dates';
import { sameClient } from '../../domain/fields';
import type { LocalReceipt } from '../../domain/model';
import { openDraft, saveDraft, setup } from '../../sync';

/** Receipts taken one after another from one client (P12), as long as the app is open. */
const series = signal<readonly string[]>([]);
/** The draft that continues that client: the form says what is left to type. */
export const continuedDraft = signal<string | null>(null);

/** The receipts of this client's series up to now, or only this one. */
export function seriesOf(id: string): readonly string[] {
  return series.value.includes(id) ? series.value : [id];
}

export function noteSaved(draftId: string): void {
  series.value = continuedDraft.peek() === draftId ? [...series.peek(), draftId] : [draftId];
  continuedDraft.value = null;
}

/** «Ещё этому клиенту»: the next draft with client, document, contact and form of payment already there. */
export async function continueWith(receipt: LocalReceipt): Promise<boolean> {
  const directories = setup.peek();
  if (!receipt.fields || !directories) return false;
  const opened = await openDraft();
  if (opened.kind !== 'open') return false;
  if (!(await saveDraft(opened.draft.id, sameClient(receipt.fields, directories, localDate(new Date()))))) return false;
  if (!series.peek().includes(receipt.id)) series.value = [receipt.id];
  continuedDraft.value = opened.draft.id;
  return true;
}
