import { dateBounds } from '../../domain/fields';
import { leftOnlineSentence } from '../../domain/texts';
import { draft, leftOnline } from '../../sync';
import { FieldFrame, ariaOf } from '../kit/Field';
import { DateField } from './DateField';
import type { FormModel } from './model';

/** Date and number stand there by themselves; the number belongs to this form from now on (spec «Numbers»). */
export function TopPart({ form }: { form: FormModel }) {
  const { receipt_date } = form.fields.value;
  const { earliest, latest } = dateBounds(form.setup, form.today.value);
  const number = draft.value?.id === form.draft.id ? draft.value.number : form.draft.number;
  const frame = { id: 'number', label: 'Номер квитанции', hint: leftOnline.value === form.draft.id ? leftOnlineSentence(number) : '' };
  return (
    <div class="card form-top">
      <DateField
        id="receipt_date"
        label="Дата"
        error={form.errors.value.receipt_date}
        value={receipt_date}
        min={earliest}
        max={latest}
        required
        onDate={(date) => date && form.change({ receipt_date: date })}
      />
      <FieldFrame {...frame}>
        <input id="number" class="num form-number" value={number} readOnly autocomplete="off" {...ariaOf(frame)} />
      </FieldFrame>
    </div>
  );
}
