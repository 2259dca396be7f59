/** The form's fields: what stands there by default (P12) and how typed text becomes content. */

import { shiftDate } from './dates';
import { tidyDocument } from './documents';
import type { ReceiptFields, Setup } from './model';
import { normalisePhone } from './phone';
import { tidyText, toCyrillic } from './text';

const LEGAL_FORM = /^(ООО|[ЗНОП]?АО|АНО|НКО|Ф?ГУП|МУП|[ГМФ]{1,2}[АБК]О?У|ТС[ЖН]|СНТ|[ГЖС]?ПК|[ГЖ]СК)\s|[«»"„“”]/;

/** Whether the name says so itself: a legal form or quotes. An ИП is a person. The twin of receipts/text.py. */
export function isOrganisation(name: string): boolean {
  return LEGAL_FORM.test(toCyrillic(name.trimStart().toUpperCase()));
}

/** An organisation has an ИНН and no passport (P29). */
export function onlyInn({ insurant_kind, payer, check_to }: ReceiptFields): boolean {
  return insurant_kind === 'organisation' && !(payer.trim() && check_to === 'payer');
}

/** Whose name and document the check carries (P29). */
export function checkOwner({ insurant, insurant_kind, payer, check_to }: ReceiptFields): string {
  return payer.trim() && check_to === 'payer' ? shortName(payer) : shortName(insurant, insurant_kind);
}

/** What a change of the form brings with it: the name tells the kind of insurant, the kind tells the document. */
export function settleFields(before: ReceiptFields, after: ReceiptFields): ReceiptFields {
  const settled = { ...after };
  const named = isOrganisation(after.insurant);
  if (named !== isOrganisation(before.insurant)) settled.insurant_kind = named ? 'organisation' : 'person';
  if (onlyInn(settled)) {
    if (settled.document_kind !== 'inn') Object.assign(settled, { document_kind: 'inn', document_number: '' });
  } else if (onlyInn(before) && !settled.document_number) settled.document_kind = 'passport_rf';
  return settled;
}

/** An empty form: today's date, the last used product or else the directory's first, first instalment, cash. */
export function emptyFields(setup: Setup, today: string, lastProduct?: string): ReceiptFields {
  const product = setup.products.find(({ code }) => code === lastProduct) ?? setup.products[0];
  const cash = setup.payment_forms.find((form) => form.is_cash) ?? setup.payment_forms[0];
  return {
    receipt_date: today,
    product: product?.code ?? '',
    policy_series: product?.default_series ?? '',
    policy_number: '',
    policy_date: null,
    instalment: 1,
    amount: 0,
    payment_form: cash?.code ?? '',
    payment_reference: '',
    no_reference_reason: '',
    insurant: '',
    insurant_kind: 'person',
    payer: '',
    check_to: 'insurant',
    document_kind: 'passport_rf',
    document_number: '',
    contact_phone: '',
    contact_email: '',
    no_contact: false,
    comment: '',
  };
}

/** Whether nothing was typed yet. */
export function isBlank(fields: ReceiptFields): boolean {
  const { insurant, payer, policy_number, amount, document_number, contact_phone, contact_email, comment } = fields;
  return amount === 0 && [insurant, payer, policy_number, document_number, contact_phone, contact_email, comment].every((text) => !text.trim());
}

/** «Ещё этому клиенту»: client, payer, document, contact and form of payment stay, policy and sum are asked (P12). */
export function sameClient(previous: ReceiptFields, setup: Setup, today: string): ReceiptFields {
  const { insurant, insurant_kind, payer, check_to, document_kind, document_number, contact_phone, contact_email, no_contact, payment_form } = previous;
  return { ...emptyFields(setup, today, previous.product), insurant, insurant_kind, payer, check_to, document_kind, document_number, contact_phone, contact_email, no_contact, payment_form };
}

/** Fields as they will be frozen: tidy text, one spelling of policy, document and phone, no leftovers. */
export function tidyFields(fields: ReceiptFields): ReceiptFields {
  const policy = (text: string): string => {
    const plain = tidyText(text).toUpperCase();
    return fields.product === 'osago' ? toCyrillic(plain).replace(/[\s-]+/g, '') : plain;
  };
  const payer = tidyText(fields.payer);
  const phone = tidyText(fields.contact_phone);
  return {
    ...fields,
    policy_series: policy(fields.policy_series),
    policy_number: policy(fields.policy_number),
    policy_date: fields.policy_date || null,
    payment_reference: tidyText(fields.payment_reference),
    no_reference_reason: tidyText(fields.no_reference_reason),
    insurant: tidyText(fields.insurant),
    payer,
    check_to: payer ? fields.check_to : 'insurant',
    document_number: tidyDocument(fields.document_kind, tidyText(fields.document_number)),
    contact_phone: fields.no_contact ? '' : (normalisePhone(phone) ?? phone),
    contact_email: fields.no_contact ? '' : tidyText(fields.contact_email),
    comment: tidyText(fields.comment),
  };
}

/** The earliest and the latest date a receipt may carry today. */
export function dateBounds(setup: Setup, today: string): { earliest: string; latest: string } {
  return { earliest: shiftDate(today, -setup.backdate_days), latest: today };
}

/** «Иванова М. П.», «ИП Иванов И. И.»; organisations and single words stay whole. */
export function shortName(name: string, kind: ReceiptFields['insurant_kind'] = 'person'): string {
  const whole = tidyText(name);
  const words = whole.split(' ');
  const kept = words.splice(0, words[0] === 'ИП' ? 2 : 1);
  if (kind === 'organisation' || words.length === 0 || isOrganisation(whole)) return whole;
  return [...kept, ...words.slice(0, 2).map((part) => `${Array.from(part)[0] ?? ''}.`)].join('\u00a0');
}
