import { maskDocument, tidyDocument } from '../../domain/documents';
import { checkOwner, isOrganisation, onlyInn } from '../../domain/fields';
import type { ReceiptFields } from '../../domain/model';
import { cleanText } from '../../domain/text';
import { Segments, SelectField } from '../kit/Field';
import { FormField } from './FormField';
import type { FormModel } from './model';

const INN = { code: 'inn', name: 'ИНН' };

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
    <div class="card">
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

/** One person's name and document stand on the check; the label says whose (P29). */
function DocumentFields({ form }: { form: FormModel }) {
  const { document_kind: kind, document_number } = form.fields.value;
  // a draft may hold a kind that the directory has dropped meanwhile
  const kinds = [...form.setup.document_kinds, INN];
  const russian = kind === 'passport_rf';
  const name = russian ? 'Паспорт' : kind === 'other' ? 'Номер документа' : (kinds.find(({ code }) => code === kind)?.name ?? 'Документ');
  const owner = checkOwner(form.fields.value);
  return (
    <div class="field-pair field-pair-even">
      <SelectField
        id="document_kind"
        label="Документ"
        value={kind}
        choices={onlyInn(form.fields.value) ? [INN] : kinds}
        onChoice={(code) => form.change({ document_kind: code, document_number: '' })}
      />
      <FormField
        form={form}
        name="document_number"
        label={owner ? `${name}: ${owner}` : name}
        hint={russian && !document_number ? 'Серия и номер' : undefined}
        class="num"
        enterkeyhint="next"
        whenLeft={(text) => maskDocument(tidyDocument(kind, cleanText(text)))}
        {...(russian || kind === 'inn' ? { inputMode: 'numeric' as const } : { autocapitalize: 'characters' as const })}
      />
    </div>
  );
}
