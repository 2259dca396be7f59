import { FieldFrame, type FieldProps, ariaOf } from '../kit/Field';
import { shortDate } from '../words/dates';

/** A date written our way; the browser's own field lies over it unseen and opens its calendar (P30). */
export function DateField({
  value,
  onDate,
  min,
  max,
  required = false,
  ...frame
}: FieldProps & { value: string; onDate: (date: string) => void; min?: string; max?: string; required?: boolean }) {
  return (
    <FieldFrame {...frame}>
      <span class="date">
        <span class="num" aria-hidden="true">
          {value && shortDate(value)}
        </span>
        <input
          id={frame.id}
          name={frame.id}
          type="date"
          value={value}
          min={min}
          max={max}
          required={required}
          autocomplete="off"
          {...ariaOf(frame)}
          onClick={(event) => openCalendar(event.currentTarget)}
          onChange={(event) => onDate(event.currentTarget.value)}
        />
      </span>
    </FieldFrame>
  );
}

function openCalendar(input: HTMLInputElement): void {
  try {
    input.showPicker();
  } catch {
    // no picker here: the field itself takes the date
  }
}
