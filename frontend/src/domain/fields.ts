/** The form's fields: what stands there by default (P12) and how typed text becomes content. */

import { shiftDate } from './dates';
import { tidyDocument } from './documents';
import type { ReceiptFields, Setup } from './model';
import { normalisePhone } from './phone';
import { tidyText, toCyrillic } from './text';

/** An empty form: today's date, first instalment, cash. */
export function emptyFields(setup: Setup, today: string): ReceiptFields {
  const product = setup.products.length === 1 ? setup.products[0] : undefined;
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

/** «Ещё этому клиенту»: client, payer, document, contact and form of payment stay, policy and sum are asked (P12). */
export function sameClient(previous: ReceiptFields, setup: Setup, today: string): ReceiptFields {
  const { insurant, insurant_kind, payer, check_to, document_kind, document_number, contact_phone, contact_email, no_contact, payment_form } = previous;
  return { ...emptyFields(setup, today), insurant, insurant_kind, payer, check_to, document_kind, document_number, contact_phone, contact_email, no_contact, payment_form };
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

/** «Иванова М. П.» of a person; organisations and single words stay whole. */
export function shortName(name: string, kind: ReceiptFields['insurant_kind'] = 'person'): string {
  const [surname = '', ...rest] = tidyText(name).split(' ');
  if (kind === 'organisation' || rest.length === 0) return tidyText(name);
  const initials = rest.slice(0, 2).map((part) => `${Array.from(part)[0] ?? ''}.`);
  return [surname, ...initials].join('\u00a0');
}
