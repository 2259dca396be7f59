import { maskDocument, tidyDocument } from '../../domain/documents';
import { isOrganisation, onlyInn, shortName } from '../../domain/fields';
import type { DocumentKind, ReceiptFields } from '../../domain/model';
import { cleanText } from '../../domain/text';
import { Segments, SelectField } from '../kit/Field';
import { FormField } from './FormField';
import type { FormModel } from './model';

interface DocumentWords {
  code: DocumentKind;
  name: string;
  label: string;
  hint?: string;
}

const DOCUMENTS: readonly DocumentWords[] = [
  { code: 'passport_rf', name: 'Паспорт РФ', label: 'Паспорт', hint: 'Серия и номер' },
  { code: 'inn', name: 'ИНН', label: 'ИНН' },
  { code: 'passport_foreign', name: 'Иностранный паспорт', label: 'Иностранный паспорт' },
  { code: 'residence_permit', name: 'Вид на жительство', label: 'Вид на жительство' },
  { code: 'other', name: 'Другой', label: 'Номер документа' },
];

const KINDS = [
  { code: 'person', name: 'Человек' },
  { code: 'organisation', name: 'Организация' },
];

/** Stands beside a name that tells of an organisation, so that the guess is seen; else behind `Ещё поля`. */
export function InsurantKind({ form, named }: { form: FormModel; named: boolean }) {
  const { insurant, insurant_kind } = form.fields.value;
  if (isOrganisation(insurant) !== named) return null;
  return (
    <Segments
      id="insurant_kind"
      label="Кто страхователь"
      value={insurant_kind}
      choices={KINDS}
      onChoice={(code) => form.change({ insurant_kind: code as ReceiptFields['insurant_kind'] })}
    />
  );
}

export function ClientPart({ form }: { form: FormModel }) {
  const { insurant, insurant_kind } = form.fields.value;
  const hint = insurant_kind === 'organisation' ? 'Название, как в полисе' : 'Фамилия, имя, отчество, как в полисе';
  return (
    <div class="card fields">
      <FormField
        form={form}
        name="insurant"
        label="Страхователь"
        hint={insurant ? undefined : hint}
        autocapitalize="words"
        enterkeyhint="next"
      />
      <InsurantKind form={form} named />
      <DocumentFields form={form} />
    </div>
  );
}

function DocumentFields({ form }: { form: FormModel }) {
  const { fields } = form;
  const { document_kind, payer, insurant, insurant_kind, check_to } = fields.value;
  const known = DOCUMENTS.find((kind) => kind.code === document_kind);
  const digits = document_kind === 'inn' || document_kind === 'passport_rf';
  const owner = payer.trim() ? (check_to === 'payer' ? shortName(payer) : shortName(insurant, insurant_kind)) : '';
  const label = `${known?.label ?? 'Документ'}${owner ? `: ${owner}` : ''}`;
  return (
    <div class="field-pair field-pair-even">
      <SelectField
        id="document_kind"
        label="Документ"
        value={document_kind}
        choices={onlyInn(fields.value) ? DOCUMENTS.filter((kind) => kind.code === 'inn') : DOCUMENTS}
        onChoice={(code) => form.change({ document_kind: code, document_number: '' })}
      />
      <FormField
        form={form}
        name="document_number"
        label={label}
        hint={fields.value.document_number ? undefined : known?.hint}
        class="num"
        enterkeyhint="next"
        whenLeft={(text) => maskDocument(tidyDocument(document_kind, cleanText(text)))}
        {...(digits ? { inputMode: 'numeric' as const } : { autocapitalize: 'characters' as const })}
      />
    </div>
  );
}
