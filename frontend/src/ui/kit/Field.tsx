import type { ComponentChildren, TargetedFocusEvent } from 'preact';

import { Icon } from './Icon';

export interface FieldProps {
  id: string;
  label: string;
  hint?: string | undefined;
  error?: string | undefined;
  class?: string;
}

/** As an attribute: `autocorrect` is a boolean property in some browsers, where the text «off» would mean yes (P30). */
export function noAutocorrect(input: HTMLInputElement | null): void {
  input?.setAttribute('autocorrect', 'off');
}

/** What assistive technology is told about a field: that it is wrong, and which lines belong to it. */
export function ariaOf({ id, hint, error }: FieldProps): { 'aria-invalid'?: true; 'aria-describedby'?: string } {
  const ids = error ? `${id}-error` : hint ? `${id}-hint` : '';
  return { ...(error ? { 'aria-invalid': true } : {}), ...(ids ? { 'aria-describedby': ids } : {}) };
}

/** Label above, control, what is wrong, hint: the frame of every field. */
export function FieldFrame({ id, label, hint, error, class: extra, children }: FieldProps & { children: ComponentChildren }) {
  return (
    <div class={`field${error ? ' field-wrong' : ''}${extra ? ` ${extra}` : ''}`}>
      <label for={id}>{label}</label>
      {children}
      {error && (
        <p class="field-error" id={`${id}-error`}>
          <Icon name="alert" size="small" />
          {error}
        </p>
      )}
      {hint && !error && (
        <p class="field-hint" id={`${id}-hint`}>
          {hint}
        </p>
      )}
    </div>
  );
}

/** What a field may ask of the keyboard and the browser. */
export interface InputAttributes {
  inputMode?: 'numeric' | 'decimal' | 'tel' | 'email';
  autocomplete?: 'one-time-code' | 'tel';
  autocapitalize?: 'words' | 'characters' | 'sentences';
  enterkeyhint?: 'next' | 'done' | 'go';
  placeholder?: string;
  onFocus?: (event: TargetedFocusEvent<HTMLInputElement>) => void;
  onBlur?: (event: TargetedFocusEvent<HTMLInputElement>) => void;
}

/**
 * A line of text about a client: the browser is told to remember, correct and translate nothing (P30).
 * `onText` gets what stands in the field after every key.
 */
export function TextField({
  id,
  label,
  hint,
  error,
  class: extra,
  value,
  onText,
  ...rest
}: FieldProps & InputAttributes & { value: string; onText: (text: string) => void }) {
  const frame = { id, label, hint, error, ...(extra ? { class: extra } : {}) };
  return (
    <FieldFrame {...frame}>
      <input
        id={id}
        name={id}
        value={value}
        autocomplete="off"
        ref={noAutocorrect}
        autocapitalize="off"
        spellcheck={false}
        {...ariaOf(frame)}
        onInput={(event) => onText(event.currentTarget.value)}
        {...rest}
      />
    </FieldFrame>
  );
}

export interface Choice {
  code: string;
  name: string;
}

export function SelectField({
  value,
  choices,
  onChoice,
  ...frame
}: FieldProps & { value: string; choices: readonly Choice[]; onChoice: (code: string) => void }) {
  return (
    <FieldFrame {...frame}>
      <span class="select">
        <select
          id={frame.id}
          name={frame.id}
          value={value}
          autocomplete="off"
          {...ariaOf(frame)}
          onChange={(event) => onChoice(event.currentTarget.value)}
        >
          {choices.map((choice) => (
            <option key={choice.code} value={choice.code}>
              {choice.name}
            </option>
          ))}
        </select>
        <Icon name="down" size="small" />
      </span>
    </FieldFrame>
  );
}

/** Few choices, all in sight: radio buttons drawn as one bar. */
export function Segments({
  id,
  label,
  labelHidden = false,
  value,
  choices,
  onChoice,
}: {
  id: string;
  label: string;
  labelHidden?: boolean;
  value: string;
  choices: readonly Choice[];
  onChoice: (code: string) => void;
}) {
  return (
    <fieldset class="field segments-field">
      <legend class={labelHidden ? 'unseen' : 'field-label'}>{label}</legend>
      <div class="segments">
        {choices.map((choice) => (
          <label key={choice.code} class={choice.code === value ? 'segment segment-on' : 'segment'}>
            <input
              type="radio"
              name={id}
              value={choice.code}
              checked={choice.code === value}
              onChange={() => onChoice(choice.code)}
            />
            {choice.name}
          </label>
        ))}
      </div>
    </fieldset>
  );
}

export function Checkbox({
  id,
  label,
  checked,
  onCheck,
}: {
  id: string;
  label: string;
  checked: boolean;
  onCheck: (checked: boolean) => void;
}) {
  return (
    <label class="checkbox">
      <input id={id} name={id} type="checkbox" checked={checked} onChange={(event) => onCheck(event.currentTarget.checked)} />
      <span>{label}</span>
    </label>
  );
}
