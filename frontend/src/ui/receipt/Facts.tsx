import { maskDocument } from '../../domain/documents';
import type { DocumentKind, LocalReceipt } from '../../domain/model';
import { formatPhone } from '../../domain/phone';
import { setup } from '../../sync';
import { issuedWords, paymentName, productName } from '../words/copy';
import { shortDate } from '../words/dates';

const DOCUMENTS: Record<DocumentKind, string> = {
  inn: 'ИНН',
  passport_rf: 'Паспорт',
  passport_foreign: 'Иностранный паспорт',
  residence_permit: 'Вид на жительство',
  other: 'Документ',
};

/** Everything that stands on the receipt, the document hidden but for its last four signs (P30). */
export function Facts({ receipt }: { receipt: LocalReceipt }) {
  const { fields } = receipt;
  const facts: [string, string][] = [['Дата', issuedWords(receipt)]];
  if (fields) {
    const contact = [fields.contact_phone && formatPhone(fields.contact_phone), fields.contact_email].filter(Boolean).join(', ');
    facts.push(
      ['Вид страхования', productName(setup.value, fields.product)],
      ['Полис', [fields.policy_series, fields.policy_number].filter(Boolean).join(' ')],
      ['Дата полиса', fields.policy_date ? shortDate(fields.policy_date) : ''],
      ['Взнос №', String(fields.instalment)],
      ['Страхователь', fields.insurant],
      ['Плательщик', fields.payer],
      ['Чек на', fields.payer ? (fields.check_to === 'payer' ? 'плательщика' : 'страхователя') : ''],
      [DOCUMENTS[fields.document_kind] ?? 'Документ', maskDocument(fields.document_number)],
      ['Форма оплаты', paymentName(setup.value, fields.payment_form)],
      ['Код операции', fields.payment_reference],
      ['Куда придёт чек', fields.no_contact ? 'нет телефона и почты' : contact],
      ['Комментарий', fields.comment],
    );
  }
  return (
    <dl class="card">
      {facts
        .filter(([, value]) => value)
        .map(([name, value]) => (
          <div class="fact" key={name}>
            <dt>{name}</dt>
            <dd>{value}</dd>
          </div>
        ))}
    </dl>
  );
}
