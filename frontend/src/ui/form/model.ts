/**
 * The open form. What is typed lives here first and goes to the store after a short rest, on leaving a field's
 * screen and when the app goes to the background: a failing store never takes the typed text with it (F22, F24).
 */

import { computed, effect, signal } from '../../signals';

import { emptyFields, isBlank, settleFields, tidyFields } from '../../domain/fields';
import type { Draft, ReceiptFields, Setup } from '../../domain/model';
import { type FieldTexts, findErrors, findWarnings } from '../../domain/validate';
import { type IssueResult, forgetReplaced, issue, receipts, saveDraft } from '../../sync';
import { now, today } from '../kit/now';

export { isBlank };

/** Encrypting and writing cannot be finished while a page goes away, so little may wait for it. */
const REST_MS = 150;
/** A tap that is answered within this time needs no sign that it was felt. */
const SLOW_MS = 100;

export type FormModel = ReturnType<typeof createForm>;

/** What KIAS refused in the receipt that this one is issued instead of, until it is typed anew (P09). */
function refusedField({ replaces, fields }: Draft): FieldTexts {
  const { acts, field, fields: before, reason } = receipts.peek().find(({ id }) => id === replaces?.id) ?? {};
  const name = field as keyof ReceiptFields;
  return acts === 'agent' && before && name in fields && before[name] === fields[name] ? { [name]: reason } : {};
}

let pending = (): boolean => false;

/** Resolves once all that was typed is stored: a page that reloads itself must not be faster (F29). */
export async function typedStored(): Promise<void> {
  while (pending()) await new Promise((later) => setTimeout(later, REST_MS));
}

export function createForm(draft: Draft, setup: Setup) {
  // the date follows the calendar over midnight until the agent has chosen one (P13)
  let chosen = draft.date_chosen === true;
  const start = chosen ? draft.fields : { ...draft.fields, receipt_date: today.peek() };
  const fields = signal<ReceiptFields>(start);
  const errors = signal<FieldTexts>(refusedField(draft));
  const stored = signal(true);
  const busy = signal(false);
  const failure = signal<'storage_full' | 'storage_failed' | null>(null);
  let timer: ReturnType<typeof setTimeout> | undefined;
  let dirty = false;
  let writing = false;
  let saving = false;
  let issued = false;
  pending = () => !issued && (dirty || writing);

  function flush(): void {
    clearTimeout(timer);
    timer = undefined;
    if (!dirty || writing || issued) return;
    dirty = false;
    writing = true;
    void saveDraft(draft.id, fields.peek(), chosen).then((kept) => {
      writing = false;
      if (dirty) soon(); // typed meanwhile
      if (!kept) dirty = true;
      if (!issued) stored.value = kept;
    });
  }

  /** At most one write in `REST_MS`, and the last key is always followed by one. */
  function soon(): void {
    timer ??= setTimeout(flush, REST_MS);
  }

  /** Keeps a date that nobody chose in step with the calendar while the form is open. Returns how to stop. */
  function followDay(): () => void {
    return effect(() => {
      if (!chosen && fields.peek().receipt_date !== today.value) fields.value = { ...fields.peek(), receipt_date: today.value };
    });
  }

  function change(patch: Partial<ReceiptFields>): void {
    if (patch.receipt_date) chosen = true;
    fields.value = settleFields(fields.peek(), { ...fields.peek(), ...patch });
    const rest = { ...errors.peek() };
    for (const name of Object.keys(patch)) delete rest[name as keyof ReceiptFields];
    errors.value = rest;
    dirty = true;
    soon();
  }

  /** Called when a field is left: one spelling for what stands there, and its own error only. */
  function leave(name: keyof ReceiptFields): void {
    const tidy = tidyFields(fields.peek());
    if (tidy[name] !== fields.peek()[name]) change({ [name]: tidy[name] });
    if (!tidy[name]) return; // empty is no mistake before «Сохранить»
    const found = findErrors(tidy, setup, today.peek())[name];
    if (found) errors.value = { ...errors.peek(), [name]: found };
  }

  /** One tap at a time; the receipt's id is the draft's, so even a second one makes no second receipt (F38). */
  async function save(): Promise<IssueResult | null> {
    if (saving) return null;
    failure.value = null;
    now.value = new Date(); // midnight may have been a second ago
    const tidy = tidyFields(fields.peek());
    const found = findErrors(tidy, setup, today.peek());
    if (Object.keys({ ...found, ...errors.peek() }).length > 0) errors.value = found;
    if (Object.keys(found).length > 0) return { kind: 'invalid', errors: found };
    saving = true;
    clearTimeout(timer);
    timer = undefined;
    const slow = setTimeout(() => (busy.value = true), SLOW_MS); // drawing it takes longer than saving does
    const result = await issue(draft.id, tidy);
    clearTimeout(slow);
    saving = busy.value = false;
    if (result.kind === 'saved' || result.kind === 'already_saved') issued = true;
    else if (result.kind === 'invalid') errors.value = result.errors;
    else failure.value = result.kind;
    if (!issued && dirty) soon();
    return result;
  }

  const warnings = computed(() => findWarnings(tidyFields(fields.value), setup));
  const clear = () => {
    if (draft.replaces || draft.visit) void forgetReplaced(draft.id);
    errors.value = {};
    change(emptyFields(setup, today.peek(), fields.peek().product));
    chosen = false;
  };
  return { draft, setup, today, fields, errors, warnings, stored, busy, failure, change, leave, save, flush, followDay, clear };
}
