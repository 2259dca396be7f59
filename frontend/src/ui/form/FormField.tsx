import { useState } from '../kit/hooks';

import type { ReceiptFields } from '../../domain/model';
import { cleanText } from '../../domain/text';
import { type InputAttributes, TextField } from '../kit/Field';
import type { FormModel } from './model';

/** The receipt's fields that hold plain text. */
export type TextName = {
  [Name in keyof ReceiptFields]: ReceiptFields[Name] extends string ? Name : never;
}[keyof ReceiptFields];

/**
 * A text field of the form. `whenLeft` decides what stands there while nobody types: a document shows its last
 * four signs (P30), a phone number gets its dashes. The true text comes back before the first key is taken.
 */
export function FormField({
  form,
  name,
  label,
  hint,
  whenLeft,
  clean = cleanText,
  ...rest
}: Omit<InputAttributes, 'onFocus' | 'onBlur'> & {
  form: FormModel;
  name: TextName;
  label: string;
  hint?: string | undefined;
  class?: string;
  whenLeft?: (text: string) => string;
  clean?: (typed: string) => string;
}) {
  const [inside, setInside] = useState(false);
  const text = form.fields.value[name];
  return (
    <TextField
      {...rest}
      id={name}
      label={label}
      hint={form.warnings.value[name] ?? hint}
      error={form.errors.value[name]}
      value={inside || !whenLeft ? text : whenLeft(text)}
      onText={(typed) => form.change({ [name]: clean(typed) })}
      onFocus={(event) => {
        event.currentTarget.value = form.fields.peek()[name];
        setInside(true);
      }}
      onBlur={() => {
        setInside(false);
        form.leave(name);
      }}
    />
  );
}
