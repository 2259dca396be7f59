/** What a receipt must hold before it can be saved (domain facts 5, P12, P23, P29). Errors stop, warnings do not. */

import { isDate } from './dates';
import { isInn, isPassportRf } from './documents';
import { dateBounds, onlyInn } from './fields';
import type { ReceiptFields, Setup } from './model';
import { MAX_AMOUNT, formatMoney } from './money';
import { normalisePhone } from './phone';
import { holdsCardNumber } from './text';

export type FieldTexts = Partial<Record<keyof ReceiptFields, string>>;

/** What is wrong with one field; `fields` are tidy. */
type Rule = (fields: ReceiptFields, setup: Setup, today: string) => string | false | undefined;

const RULES: { readonly [Name in keyof ReceiptFields]?: Rule } = {
  receipt_date({ receipt_date: date }, setup, today) {
    const { earliest, latest } = dateBounds(setup, today);
    if (!isDate(date)) return 'Укажите дату квитанции.';
    if (date > latest) return 'Дата ещё не наступила. Поставьте сегодняшнюю.';
    return date < earliest && 'Слишком давняя дата. Сообщите в офис.';
  },
  policy_date: ({ policy_date: date }) => date !== null && !isDate(date) && 'Проверьте дату полиса.',

  product: ({ product }, { products }) => !products.some(({ code }) => code === product) && 'Выберите вид страхования.',
  policy_series: ({ product, policy_series: series }) => product === 'osago' && !/^[А-ЯЁ]{3}$/.test(series) && 'Серия ОСАГО — три буквы, например ХХХ.',
  policy_number({ product, policy_number: number }) {
    if (!number) return 'Введите номер полиса.';
    return product === 'osago' && !/^\d{10}$/.test(number) && 'Номер полиса ОСАГО — 10 цифр.';
  },
  instalment: ({ instalment }) => !(Number.isInteger(instalment) && instalment >= 1 && instalment <= 999) && 'Номер взноса — от 1.',

  insurant: ({ insurant }) => !insurant && 'Введите страхователя, как в полисе.',
  document_number(fields) {
    const { document_kind: kind, document_number: number, check_to } = fields;
    const organisation = onlyInn(fields);
    if (organisation && kind !== 'inn') return 'Для организации нужен ИНН из 10 цифр.';
    if (!number) return kind === 'inn' ? 'Введите ИНН.' : 'Введите номер документа.';
    if (kind === 'passport_rf') return !isPassportRf(number) && 'Паспорт РФ — 10 цифр. Сверьте с документом.';
    if (kind !== 'inn') return undefined;
    if (organisation && number.length !== 10) return 'ИНН организации — 10 цифр.';
    if (check_to === 'insurant' && !organisation && number.length !== 12) return 'ИНН человека — 12 цифр.';
    return !isInn(number) && 'В ИНН ошибка. Сверьте с документом.';
  },

  amount({ amount }) {
    if (!Number.isInteger(amount) || amount <= 0) return 'Введите сумму, например 3245,50.';
    return amount > MAX_AMOUNT && `Больше ${formatMoney(MAX_AMOUNT)} одним чеком не принять.`;
  },
  payment_form: (fields, setup) => !formOf(fields, setup) && 'Выберите форму оплаты.',
  payment_reference(fields, setup) {
    const { payment_reference: code, no_reference_reason: reason } = fields;
    const form = formOf(fields, setup);
    if (!form?.reference_label) return undefined;
    if (!code) return !reason && 'Введите код операции или отметьте «Нет слипа» и выберите причину.';
    return !fits(form.reference_pattern, code) && `Проверьте: ${form.reference_label}`;
  },

  contact_phone({ no_contact, contact_phone: phone, contact_email: email }) {
    if (no_contact) return undefined;
    if (!phone) return !email && 'Введите телефон или почту либо отметьте «Нет телефона и почты».';
    return normalisePhone(phone) === null && 'Введите номер телефона целиком, например +7 912 345-67-89.';
  },
  contact_email: ({ no_contact, contact_email: email }) => !no_contact && email && !isEmail(email) && 'Проверьте почту, например ivanova@mail.ru (не больше 64 знаков).',
};

const formOf = ({ payment_form }: ReceiptFields, { payment_forms }: Setup) => payment_forms.find(({ code }) => code === payment_form);

/** Every text field, and how many signs it may hold. */
const TEXTS = {
  policy_series: 16,
  policy_number: 32,
  payment_reference: 64,
  no_reference_reason: 120,
  insurant: 256,
  payer: 256,
  document_number: 40,
  contact_phone: 64,
  contact_email: 64,
  comment: 500,
} as const;

/** Field → what to do about it. `fields` are tidy (`tidyFields`); `today` is the phone's local date. */
export function findErrors(fields: ReceiptFields, setup: Setup, today: string): FieldTexts {
  const errors: FieldTexts = {};
  for (const [name, longest] of entriesOf(TEXTS)) if (fields[name].length > longest) errors[name] = `Слишком длинно: не больше ${longest} знаков.`;
  for (const [name, rule] of entriesOf(RULES)) {
    const text = rule?.(fields, setup, today);
    if (text) errors[name] = text;
  }
  for (const [name] of entriesOf(TEXTS)) if (holdsCardNumber(fields[name])) errors[name] = 'Номер карты сюда писать нельзя.'; // P33
  return errors;
}

const entriesOf = Object.entries as <T extends object>(table: T) => [keyof T, T[keyof T]][];

/** Whether a check can be sent there (tag 1008). */
export function isEmail(text: string): boolean {
  return text.length <= 64 && /^[^\s@]+@[^\s@]+\.[^\s@.]+$/.test(text);
}

/** A pattern of the office's directory; one that does not compile fits everything. */
function fits(pattern: string, text: string): boolean {
  if (!pattern) return true;
  try {
    return new RegExp(`^(?:${pattern})$`, 'u').test(text);
  } catch {
    return true;
  }
}

/** What deserves a second look and stops nothing: the directory's patterns of policies and documents. */
export function findWarnings(fields: ReceiptFields, setup: Setup): FieldTexts {
  const warnings: FieldTexts = {};
  const kind = setup.document_kinds.find((known) => known.code === fields.document_kind);
  if (kind && fields.document_number && !fits(kind.pattern, fields.document_number)) warnings.document_number = `Необычный номер для «${kind.name}». Сверьте с документом.`;
  const product = setup.products.find((known) => known.code === fields.product);
  if (!product) return warnings;
  if (fields.policy_series && !fits(product.series_pattern, fields.policy_series)) warnings.policy_series = `Необычная серия для «${product.name}». Сверьте с полисом.`;
  if (fields.policy_number && !fits(product.number_pattern, fields.policy_number)) warnings.policy_number = `Необычный номер для «${product.name}». Сверьте с полисом.`;
  return warnings;
}
