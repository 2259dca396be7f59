import type { ComponentChildren } from 'preact';
import { useEffect, useRef, useState } from '../kit/hooks';

import { normalisePhone } from '../../domain/phone';
import type { Answer, Problem } from '../../sync';
import { Button } from '../kit/Button';
import { TextField } from '../kit/Field';
import { refusalOf } from './refusal';

const WRONG = 'Введите номер целиком, например +7 900 000-00-01.';

/** A number that a code is sent to: the login's, or the one that the agent changes to (P25). */
export function PhoneStep({
  heading,
  lead,
  label,
  typed,
  onTyped,
  onAsk,
  foot,
}: {
  heading: ComponentChildren;
  lead: string;
  label: string;
  typed: string;
  onTyped: (typed: string) => void;
  onAsk: (number: string) => Promise<Answer<unknown>>;
  foot?: ComponentChildren;
}) {
  const [problem, setProblem] = useState<Problem | null>(null);
  const [busy, setBusy] = useState(false);
  const input = useRef<HTMLFormElement>(null);
  const focusField = () => input.current?.querySelector('input')?.focus();
  useEffect(focusField, []);

  async function ask(): Promise<void> {
    const text = input.current?.querySelector('input')?.value ?? typed;
    const number = normalisePhone(text);
    if (number === null) {
      setProblem({ code: 'invalid', message: WRONG, field: 'phone_number' });
      focusField();
      return;
    }
    setBusy(true);
    setProblem(refusalOf(await onAsk(number)));
    setBusy(false);
  }

  return (
    <form
      ref={input}
      noValidate
      class="login-form"
      onSubmit={(event) => {
        event.preventDefault();
        if (!busy) void ask();
      }}
    >
      {heading}
      <p class="hint login-lead">{lead}</p>
      <div class="card fields">
        <TextField
          id="phone_number"
          label={label}
          inputMode="tel"
          autocomplete="tel"
          enterkeyhint="go"
          placeholder="+7 900 000-00-01"
          value={typed}
          onText={(text) => {
            onTyped(text);
            setProblem(null);
          }}
          error={problem?.message}
          class="login-field num"
        />
      </div>
      <div class="bottom login-bottom">
        {foot}
        <Button type="submit" busy={busy}>
          {busy ? 'Отправляем…' : 'Получить код'}
        </Button>
      </div>
    </form>
  );
}
