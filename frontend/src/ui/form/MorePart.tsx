import { useState } from '../kit/hooks';

import { isOrganisation } from '../../domain/fields';
import { findErrors } from '../../domain/validate';
import type { ReceiptFields } from '../../domain/model';
import { Segments, TextField } from '../kit/Field';
import { Icon } from '../kit/Icon';
import { InsurantKind } from './ClientPart';
import { DateField } from './DateField';
import { FormField } from './FormField';
import type { FormModel } from './model';

const CHECK_TO = [
  { code: 'insurant', name: 'Страхователя' },
  { code: 'payer', name: 'Плательщика' },
];
const NAMES: readonly (keyof ReceiptFields)[] = ['payer', 'policy_date', 'instalment', 'comment', 'insurant_kind', 'check_to'];

export function holdsMore(fields: ReceiptFields): boolean {
  return Boolean(fields.payer || fields.policy_date || fields.comment) || fields.instalment !== 1 || (fields.insurant_kind === 'organisation' && !isOrganisation(fields.insurant));
}

/** The rare fields, behind `Ещё поля`, open when one of them holds something or is wrong (P12). */
export function MorePart({ form }: { form: FormModel }) {
  const [open, setOpen] = useState(() => holdsMore(form.fields.peek()));
  const shown = open || NAMES.some((name) => form.errors.value[name]);
  return (
    <section class="more">
      <button type="button" class="more-button" aria-expanded={shown} aria-controls="more" onClick={() => setOpen(!shown)}>
        <span>Ещё поля</span>
        <Icon name="down" size="small" />
      </button>
      <div id="more" class="card" hidden={!shown}>
        {shown && <MoreFields form={form} />}
      </div>
    </section>
  );
}

function MoreFields({ form }: { form: FormModel }) {
  const { payer, check_to, policy_date } = form.fields.value;
  return (
    <>
      <InsurantKind form={form} named={false} />
      <FormField form={form} name="payer" label="Плательщик" hint={payer ? undefined : 'Если платит другой человек'} autocapitalize="words" enterkeyhint="next" />
      {payer.trim() !== '' && (
        <Segments
          id="check_to"
          label="Чек на"
          value={check_to}
          choices={CHECK_TO}
          onChoice={(code) => form.change({ check_to: code as ReceiptFields['check_to'] })}
        />
      )}
      <div class="field-pair">
        <DateField
          id="policy_date"
          label="Дата полиса"
          error={form.errors.value.policy_date}
          value={policy_date ?? ''}
          onDate={(date) => form.change({ policy_date: date || null })}
        />
        <Instalment form={form} />
      </div>
      <FormField form={form} name="comment" label="Комментарий" autocapitalize="sentences" enterkeyhint="done" />
    </>
  );
}

function Instalment({ form }: { form: FormModel }) {
  const [typed, setTyped] = useState(() => String(form.fields.peek().instalment));
  return (
    <TextField
      id="instalment"
      label="Взнос №"
      hint="1, если платят сразу за весь срок"
      inputMode="numeric"
      enterkeyhint="next"
      class="num"
      value={typed}
      onText={(text) => {
        const digits = text.replace(/\D/g, '').slice(0, 3);
        setTyped(digits);
        form.change({ instalment: Number(digits) });
      }}
      onBlur={() => {
        const { instalment } = findErrors(form.fields.peek(), form.setup, form.today.peek());
        if (instalment) form.errors.value = { ...form.errors.peek(), instalment };
      }}
      error={form.errors.value.instalment}
    />
  );
}
