import { dateBounds } from '../../domain/fields';
import { leftOnlineSentence } from '../../domain/texts';
import { draft, leftOnline } from '../../sync';
import { FieldFrame, ariaOf } from '../kit/Field';
import { shortDate } from '../words/dates';
import type { FormModel } from './model';

/** Date and number stand there by themselves; the number belongs to this form from now on (spec «Numbers»). */
export function TopPart({ form }: { form: FormModel }) {
  const { receipt_date } = form.fields.value;
  const { earliest, latest } = dateBounds(form.setup, form.today.value);
  const date = { id: 'receipt_date', label: 'Дата', error: form.errors.value.receipt_date };
  const number = draft.value?.id === form.draft.id ? draft.value.number : form.draft.number;
  const frame = { id: 'number', label: 'Номер квитанции', hint: leftOnline.value === form.draft.id ? leftOnlineSentence(number) : '' };
  return (
    <div class="card fields form-top">
      <FieldFrame {...date}>
        <span class="date">
          <span class="num" aria-hidden="true">
            {shortDate(receipt_date)}
          </span>
          <input
            id="receipt_date"
            name="receipt_date"
            type="date"
            value={receipt_date}
            min={earliest}
            max={latest}
            required
            autocomplete="off"
            {...ariaOf(date)}
            onClick={(event) => openCalendar(event.currentTarget)}
            onChange={(event) => event.currentTarget.value && form.change({ receipt_date: event.currentTarget.value })}
          />
        </span>
      </FieldFrame>
      <FieldFrame {...frame}>
        <input id="number" class="num form-number" value={number} readOnly autocomplete="off" {...ariaOf(frame)} />
      </FieldFrame>
    </div>
  );
}

export function openCalendar(input: HTMLInputElement): void {
  try {
    input.showPicker();
  } catch {
    // no picker here: the field itself takes the date
  }
}
