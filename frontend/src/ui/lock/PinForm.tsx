import { useState } from '../kit/hooks';

import { MIN_PIN } from '../../sync';
import { announcement } from '../connection/model';
import { Step, type StepParts } from '../login/Step';
import { clock, useWait } from './wait';

const LONGEST = 12;

/**
 * One step of typing a PIN: dots, digits only, and nothing that a browser would offer to remember (P30). `onPin` says what
 * is wrong with it, or nothing; `given`: what was wrong with the step before.
 * `tries`: an existing PIN is tried here, so wrong ones make it wait.
 */
export function PinForm({ label, given = '', tries = false, onPin, ...parts }: Omit<StepParts, 'heading'> & {
  label: string;
  given?: string;
  tries?: boolean;
  onPin: (pin: string) => Promise<string>;
}) {
  const [pin, setPin] = useState('');
  const [problem, setProblem] = useState(given);
  const [wait, look] = useWait();
  const left = tries ? wait : 0;
  return (
    <Step
      {...parts}
      heading={<h1>{label}</h1>}
      field={{
        id: 'pin',
        label,
        inputMode: 'numeric',
        class: 'login-code pin',
        hint: tries ? '' : `Не меньше ${String(MIN_PIN)} цифр`,
        value: pin,
        onText: (text) => setPin(text.replace(/\D/g, '').slice(0, LONGEST)),
        ...(left > 0 && { error: `PIN-код не подошёл. Ещё раз можно через ${clock(left)}.` }),
      }}
      shut={left > 0}
      problem={problem}
      tell={(wrong) => {
        setProblem(wrong);
        announcement.value = wrong;
      }}
      onDone={async () => {
        if (pin.length < MIN_PIN) return `Нужно не меньше ${String(MIN_PIN)} цифр.`;
        const wrong = await onPin(pin);
        setPin('');
        look();
        return wrong;
      }}
    />
  );
}
