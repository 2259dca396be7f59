import type { ComponentChildren } from 'preact';
import { useEffect, useRef, useState } from '../kit/hooks';

import { Button } from '../kit/Button';
import { TextField } from '../kit/Field';

export interface StepParts {
  heading: ComponentChildren;
  lead: ComponentChildren;
  button: string;
  /** under the field */
  below?: ComponentChildren;
  /** above the button */
  foot?: ComponentChildren;
}

/** One question: a big field and the way on. `onDone` gets what stands in the field and says what is wrong with it, or nothing. */
export function Step({ heading, lead, button, below, foot, field, shut = false, problem, tell, onDone }: StepParts & {
  field: Parameters<typeof TextField>[0];
  /** nothing can be handed in now */
  shut?: boolean;
  problem: string;
  tell: (problem: string) => void;
  onDone: (typed: string) => Promise<string>;
}) {
  const [busy, setBusy] = useState(false);
  const form = useRef<HTMLFormElement>(null);
  const input = () => form.current?.querySelector('input');
  useEffect(() => input()?.focus(), []);

  async function submit(): Promise<void> {
    setBusy(true);
    const wrong = await onDone(input()?.value ?? '');
    setBusy(false);
    tell(wrong);
    if (!wrong) return;
    input()?.focus();
    input()?.select();
  }

  return (
    <form
      ref={form}
      noValidate
      class="login-form"
      onSubmit={(event) => {
        event.preventDefault();
        if (!busy && !shut) void submit();
      }}
    >
      {heading}
      <p class="hint login-lead">{lead}</p>
      <div class="card">
        <TextField
          enterkeyhint="go"
          error={problem}
          {...field}
          class={`login-field ${field.class ?? ''} num`}
          onText={(text) => {
            field.onText(text);
            tell('');
          }}
        />
      </div>
      {below}
      <div class="bottom login-bottom">
        {foot}
        <Button type="submit" busy={busy || shut}>
          {busy ? 'Проверяем…' : button}
        </Button>
      </div>
    </form>
  );
}
