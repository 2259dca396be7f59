/** What a receipt must hold before it can be saved (domain facts 5, P12, P23, P29). Errors stop, warnings do not. */

import { isDate } from './dates';
import { isInn, isPassportRf } from './documents';
import { dateBounds, onlyInn } from './fields';
import type { ReceiptFields, Setup } from './model';
import { MAX_AMOUNT, formatMoney } from './money';
import { normalisePhone } from './phone';
import { holdsCardNumber } from './text';

export type FieldTexts = Partial<Record<keyof ReceiptFields, string>>;

/** Field → what to do about it. `fields` are tidy (`tidyFields`); `today` is the phone's local date. */
export function findErrors(fields: ReceiptFields, setup: Setup, today: string): FieldTexts {
  return { ...dateErrors(fields, setup, today), ...policyErrors(fields, setup), ...clientErrors(fields), ...moneyErrors(fields, setup), ...contactErrors(fields), ...cardErrors(fields) };
}

function dateErrors(fields: ReceiptFields, setup: Setup, today: string): FieldTexts {
  const errors: FieldTexts = {};
  const { earliest, latest } = dateBounds(setup, today);
  if (!isDate(fields.receipt_date)) errors.receipt_date = 'Укажите дату квитанции.';
  else if (fields.receipt_date > latest) errors.receipt_date = 'Дата ещё не наступила. Поставьте сегодняшнюю.';
  else if (fields.receipt_date < earliest) errors.receipt_date = 'Слишком давняя дата. Если деньги приняты раньше, сообщите в офис.';
  if (fields.policy_date !== null && !isDate(fields.policy_date)) errors.policy_date = 'Проверьте дату полиса.';
  return errors;
}

function policyErrors(fields: ReceiptFields, setup: Setup): FieldTexts {
  const errors: FieldTexts = {};
  if (!setup.products.some((product) => product.code === fields.product)) errors.product = 'Выберите вид страхования.';
  if (!fields.policy_number) errors.policy_number = 'Введите номер полиса.';
  else if (fields.policy_number.length > 32) errors.policy_number = 'Слишком длинный номер: не больше 32 знаков.';
  if (fields.policy_series.length > 16) errors.policy_series = 'Слишком длинная серия: не больше 16 знаков.';
  if (fields.product === 'osago') {
    if (!/^[А-ЯЁ]{3}$/.test(fields.policy_series)) errors.policy_series = 'Серия ОСАГО — три буквы, например ХХХ.';
    if (fields.policy_number && !/^\d{10}$/.test(fields.policy_number)) errors.policy_number = 'Номер полиса ОСАГО — 10 цифр.';
  }
  if (!Number.isInteger(fields.instalment) || fields.instalment < 1 || fields.instalment > 999) errors.instalment = 'Номер взноса — от 1. Если платят сразу за весь срок, это 1.';
  return errors;
}

function clientErrors(fields: ReceiptFields): FieldTexts {
  const errors: FieldTexts = {};
  if (!fields.insurant) errors.insurant = 'Введите страхователя: фамилию, имя, отчество, как в полисе.';
  else if (fields.insurant.length > 256) errors.insurant = 'Слишком длинно: не больше 256 знаков.';
  if (fields.payer.length > 256) errors.payer = 'Слишком длинно: не больше 256 знаков.';
  const document = documentError(fields);
  if (document) errors.document_number = document;
  return errors;
}

function documentError(fields: ReceiptFields): string | undefined {
  const { document_kind: kind, document_number: number } = fields;
  const organisation = onlyInn(fields);
  if (organisation && kind !== 'inn') return 'Для организации нужен ИНН из 10 цифр.';
  if (!number) return kind === 'inn' ? 'Введите ИНН.' : 'Введите номер документа.';
  switch (kind) {
    case 'inn':
      if (organisation && number.length !== 10) return 'ИНН организации — 10 цифр.';
      if (fields.check_to === 'insurant' && !organisation && number.length !== 12) return 'ИНН человека — 12 цифр.';
      return isInn(number) ? undefined : 'В ИНН ошибка: контрольные цифры не сходятся. Сверьте с документом.';
    case 'passport_rf':
      return isPassportRf(number) ? undefined : 'Паспорт РФ — 10 цифр: серия 4 и номер 6. Сверьте с документом.';
    default:
      return number.length > 40 ? 'Слишком длинно: не больше 40 знаков.' : undefined;
  }
}

function moneyErrors(fields: ReceiptFields, setup: Setup): FieldTexts {
  const errors: FieldTexts = {};
  if (!Number.isInteger(fields.amount) || fields.amount <= 0) errors.amount = 'Введите сумму, например 3245,50.';
  else if (fields.amount > MAX_AMOUNT) errors.amount = `Больше ${formatMoney(MAX_AMOUNT)} одним чеком не принять.`;
  const form = setup.payment_forms.find((known) => known.code === fields.payment_form);
  if (!form) errors.payment_form = 'Выберите форму оплаты.';
  else if (form.reference_label && !fields.payment_reference && !fields.no_reference_reason) errors.payment_reference = 'Введите код операции или отметьте «Нет слипа» и выберите причину.';
  else if (form.reference_label && fields.payment_reference && !fits(form.reference_pattern, fields.payment_reference)) errors.payment_reference = `Проверьте: ${form.reference_label}`;
  else if (fields.payment_reference.length > 64) errors.payment_reference = 'Слишком длинно: не больше 64 знаков.';
  return errors;
}

function contactErrors(fields: ReceiptFields): FieldTexts {
  const errors: FieldTexts = {};
  if (fields.no_contact) return errors;
  if (!fields.contact_phone && !fields.contact_email) errors.contact_phone = 'Куда отправить чек? Введите телефон или почту либо отметьте «Нет телефона и почты».';
  if (fields.contact_phone && normalisePhone(fields.contact_phone) === null) errors.contact_phone = 'Введите номер телефона целиком, например +7 912 345-67-89.';
  if (fields.contact_email && !isEmail(fields.contact_email)) errors.contact_email = 'Проверьте почту, например ivanova@mail.ru (не больше 64 знаков).';
  return errors;
}

/** Whether a check can be sent there (tag 1008). */
export function isEmail(text: string): boolean {
  return text.length <= 64 && /^[^\s@]+@[^\s@]+\.[^\s@.]+$/.test(text);
}

/** Every text field (P33). */
const FREE_TEXTS = ['policy_series', 'policy_number', 'payment_reference', 'no_reference_reason', 'insurant', 'payer', 'document_number', 'contact_phone', 'contact_email', 'comment'] as const;

function cardErrors(fields: ReceiptFields): FieldTexts {
  const errors: FieldTexts = {};
  for (const name of FREE_TEXTS) if (holdsCardNumber(fields[name])) errors[name] = 'Номер карты сюда писать нельзя.';
  if (fields.comment.length > 500) errors.comment ??= 'Слишком длинно: не больше 500 знаков.';
  return errors;
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
