/** The form, filled from a receipt and linked to it: «Оформить взамен», «Отменить и оформить заново» (P01, P09),
 * «Ещё этому клиенту» (P12). */

import { localDate } from '../domain/dates';
import { isBlank } from '../domain/fields';
import type { Draft, ReceiptFields } from '../domain/model';
import { getInstallation } from '../store/installations';
import { getRow, sealReadable } from '../store/readable';
import { tellOthers } from './channel';
import { inTurn, openDraft, storageTrouble } from './drafts';
import type { OpenResult } from './drafts';
import { openRow, refresh } from './readings';
import { fetchReceipt } from './registry';
import { own } from './state';
import { openOf, strictlyUnder } from './vault';

/** `begun`: another receipt lies unfinished in the form; `away`: its text is on the server only, and there is no line. */
export type ReissueResult = OpenResult | { kind: 'begun' } | { kind: 'away' };

/** Opens the form with everything of this receipt but its date and number. `replacing`: what lies in the form may go. */
export async function reissue(id: string, replacing = false): Promise<ReissueResult> {
  try {
    const known = own.receipts.value.find((receipt) => receipt.id === id);
    const fetched = known?.fields ? null : await fetchReceipt(id);
    const receipt = fetched?.kind === 'ok' ? fetched.value : known;
    if (!receipt?.fields) return { kind: 'away' };
    const opened = await openDraft();
    if (opened.kind !== 'open') return opened;
    const { draft } = opened;
    if (draft.replaces?.id === id) return opened;
    if (!replacing && !isBlank(draft.fields)) return { kind: 'begun' };
    const fields = { ...receipt.fields, receipt_date: localDate(new Date()) };
    const replaces = { id, number: receipt.number };
    const change = { fields, replaces, visit: '', date_chosen: false };
    await inTurn(() => rewriteDraft(draft.id, change));
    return { kind: 'open', draft: { ...draft, ...change } };
  } catch (error) {
    return storageTrouble(error);
  }
}

/** «Ещё этому клиенту»: the form with his fields; the receipts of one visit carry the first one's id (P12). */
export async function continueVisit(visit: string, fields: ReceiptFields): Promise<ReissueResult> {
  try {
    const opened = await openDraft();
    if (opened.kind !== 'open') return opened;
    const { draft } = opened;
    if (!isBlank(draft.fields)) return draft.visit === visit ? opened : { kind: 'begun' };
    const change = { fields, replaces: null, visit, date_chosen: false };
    await inTurn(() => rewriteDraft(draft.id, change));
    return { kind: 'open', draft: { ...draft, ...change } };
  } catch (error) {
    return storageTrouble(error);
  }
}

/** The form was emptied: what is typed next replaces nothing and belongs to no visit. */
export async function forgetReplaced(draft: string): Promise<void> {
  await inTurn(() => rewriteDraft(draft, { replaces: null, visit: '' })).catch(storageTrouble);
}

async function rewriteDraft(id: string, change: Partial<Pick<Draft, 'replaces' | 'visit' | 'date_chosen'>> & { fields?: ReceiptFields }): Promise<void> {
  const row = await getRow(id);
  const installation = row && (await getInstallation(row.owner));
  if (row?.kind !== 'draft' || !installation) throw new Error('no draft');
  const held = openOf(installation);
  const before = await openRow(held.key, row);
  if (!before) throw new Error('no draft');
  const sealed = await sealReadable(held.key, id, { ...before, ...change });
  await strictlyUnder(held, ['rows'], async (tx) => {
    const now = await tx.objectStore('rows').get(id);
    if (now?.kind === 'draft') await tx.objectStore('rows').put({ ...now, rev: now.rev + 1, ...sealed });
  });
  await refresh();
  tellOthers('rows');
}
