import type { ComponentChildren } from 'preact';
import { useEffect, useRef, useState } from '../kit/hooks';

import { MIN_PIN } from '../../sync';
import { Button } from '../kit/Button';
import { PinField } from './PinField';

/** One step of typing a PIN. `onPin` says what is wrong with it, or nothing. */
export function PinForm({ label, lead, button, foot, onPin }: { label: string; lead: ComponentChildren; button: string; foot?: ComponentChildren; onPin: (pin: string) => Promise<string> }) {
  const [pin, setTyped] = useState('');
  const [problem, setProblem] = useState('');
  const [busy, setBusy] = useState(false);
  const form = useRef<HTMLFormElement>(null);
  useEffect(() => form.current?.querySelector('input')?.focus(), [label]);

  async function submit(): Promise<void> {
    if (pin.length < MIN_PIN) {
      setProblem(`Нужно не меньше ${String(MIN_PIN)} цифр.`);
      return;
    }
    setBusy(true);
    const wrong = await onPin(pin);
    setBusy(false);
    setTyped('');
    setProblem(wrong);
  }

  return (
    <form
      ref={form}
      noValidate
      class="login-form"
      onSubmit={(event) => {
        event.preventDefault();
        if (!busy) void submit();
      }}
    >
      <h1>{label}</h1>
      <p class="hint login-lead">{lead}</p>
      <div class="card fields">
        <PinField
          label={label}
          value={pin}
          error={problem}
          onPin={(typed) => {
            setTyped(typed);
            setProblem('');
          }}
        />
      </div>
      <div class="bottom login-bottom">
        {foot}
        <Button type="submit" busy={busy}>
          {busy ? 'Проверяем…' : button}
        </Button>
      </div>
    </form>
  );
}
