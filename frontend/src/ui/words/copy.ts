/** What a client may read about his receipt: never his documents, and his contact only in part (P24). */

import { pad } from '../../domain/dates';
import { maskContact } from '../../domain/documents';
import type { LocalReceipt, Setup } from '../../domain/model';
import { formatMoney } from '../../domain/money';
import { amountInWords } from '../../domain/words';

export function productName(setup: Setup | null, code: string): string {
  return setup?.products.find((product) => product.code === code)?.name ?? code;
}

export function paymentName(setup: Setup | null, code: string): string {
  return setup?.payment_forms.find((form) => form.code === code)?.name ?? code;
}

/** «ОСАГО, полис ХХХ 0123456789» */
export function policyWords(receipt: LocalReceipt, setup: Setup | null): string {
  const { fields } = receipt;
  if (!fields) return '';
  return `${productName(setup, fields.product)}, полис ${[fields.policy_series, fields.policy_number].filter(Boolean).join(' ')}`;
}

/** «21.11.2026» */
const day = (date: string): string => date.split('-').reverse().join('.');

/** «22.11.2026 14:05, UTC+7»: the moment at the place where the money was taken; a receipt of another day says its own first (P35). */
export function issuedWords(receipt: LocalReceipt): string {
  const there = new Date(Date.parse(receipt.issued_at) + receipt.offset_min * 60_000).toISOString();
  const [date = '', time = ''] = there.split('T');
  const sign = receipt.offset_min < 0 ? '−' : '+';
  const minutes = Math.abs(receipt.offset_min) % 60;
  const offset = `${Math.floor(Math.abs(receipt.offset_min) / 60)}${minutes ? `:${pad(minutes)}` : ''}`;
  const moment = `${day(date)} ${time.slice(0, 5)}, UTC${sign}${offset}`;
  return date === receipt.receipt_date ? moment : `${day(receipt.receipt_date)}, оформлена ${moment}`;
}

/** What the client holds, and how he gets the check (P24). */
export function checkWords(receipt: LocalReceipt): string {
  const { contact_email = '', contact_phone = '' } = receipt.fields ?? {};
  // the e-mail wins where both are given (domain facts, 1)
  const contact = maskContact(contact_email || contact_phone);
  const where = contact ? `чек страховщик направит на ${contact}.` : 'чек можно получить в офисе и по QR-коду в квитанции.';
  return `Деньги приняты агентом от имени страховщика. Это не кассовый чек: ${where}`;
}

/** What a copy says of the receipt that its client still holds (P24). */
export const insteadOf = (number: string): string => `Взамен квитанции № ${number}`;

/** The lines of a copy, in the order of the well-known form (P24). */
export function copyLines(receipt: LocalReceipt, setup: Setup | null, agent: { name: string; contract?: string } | null): string[] {
  const { fields } = receipt;
  const insurer = setup?.insurer;
  return [
    insurer && `${insurer.name}, ИНН ${insurer.inn}, ${insurer.address}, лицензия ${insurer.licence}`,
    `Квитанция на получение страховой премии (взноса) № ${receipt.number}`,
    receipt.replaces?.number && insteadOf(receipt.replaces.number),
    issuedWords(receipt),
    fields && `Страхователь: ${fields.insurant}`,
    fields?.payer && `Плательщик: ${fields.payer}`,
    fields && `${policyWords(receipt, setup)}${fields.policy_date ? ` от ${day(fields.policy_date)}` : ''}, взнос № ${fields.instalment}`,
    `Сумма: ${formatMoney(receipt.amount)} (${amountInWords(receipt.amount)})`,
    fields && `Оплата: ${paymentName(setup, fields.payment_form).toLowerCase()}`,
    agent && `Получил (агент): ${agent.name}${agent.contract ? `, договор № ${agent.contract}` : ''}`,
    fields && `Уплатил: ${fields.payer || fields.insurant}`,
    checkWords(receipt),
  ].filter((line) => typeof line === 'string' && line !== '') as string[];
}
