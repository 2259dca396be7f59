import type { ComponentChildren } from 'preact';
import { useEffect, useRef, useState } from '../kit/hooks';

import { MIN_PIN } from '../../sync';
import { announcement } from '../connection/model';
import { Button } from '../kit/Button';
import { PinField } from './PinField';
import { clock, useWait } from './wait';

/**
 * One step of typing a PIN. `onPin` says what is wrong with it, or nothing; `given`: what was wrong with the step before.
 * `tries`: an existing PIN is tried here, so wrong ones make it wait.
 */
export function PinForm({ label, lead, button, given = '', tries = false, below, foot, onPin }: {
  label: string;
  lead: ComponentChildren;
  button: string;
  given?: string;
  tries?: boolean;
  below?: ComponentChildren;
  foot?: ComponentChildren;
  onPin: (pin: string) => Promise<string>;
}) {
  const [pin, setTyped] = useState('');
  const [problem, setProblem] = useState(given);
  const [busy, setBusy] = useState(false);
  const [wait, look] = useWait();
  const left = tries ? wait : 0;
  const form = useRef<HTMLFormElement>(null);
  useEffect(() => form.current?.querySelector('input')?.focus(), [label]);

  function tell(wrong: string): void {
    setProblem(wrong);
    announcement.value = wrong;
  }

  async function submit(): Promise<void> {
    if (pin.length < MIN_PIN) {
      tell(`Нужно не меньше ${String(MIN_PIN)} цифр.`);
      return;
    }
    setBusy(true);
    const wrong = await onPin(pin);
    setBusy(false);
    setTyped('');
    tell(wrong);
    look();
  }

  return (
    <form
      ref={form}
      noValidate
      class="login-form"
      onSubmit={(event) => {
        event.preventDefault();
        if (!busy && left === 0) void submit();
      }}
    >
      <h1>{label}</h1>
      <p class="hint login-lead">{lead}</p>
      <div class="card fields">
        <PinField
          label={label}
          value={pin}
          hint={tries ? '' : `Не меньше ${String(MIN_PIN)} цифр`}
          error={left > 0 ? `PIN-код не подошёл. Ещё раз можно через ${clock(left)}.` : problem}
          onPin={(typed) => {
            setTyped(typed);
            setProblem('');
          }}
        />
      </div>
      {below}
      <div class="bottom login-bottom">
        {foot}
        <Button type="submit" busy={busy || left > 0}>
          {busy ? 'Проверяем…' : button}
        </Button>
      </div>
    </form>
  );
}
