import { useState } from '../kit/hooks';

import { normalisePhone } from '../../domain/phone';
import type { Answer } from '../../sync';
import { refusalOf } from './refusal';
import { Step, type StepParts } from './Step';

/** A number that a code is sent to: the login's, or the one that the agent changes to (P25). */
export function PhoneStep({ label, typed, onTyped, onAsk, ...parts }: Pick<StepParts, 'heading' | 'lead' | 'foot'> & {
  label: string;
  typed: string;
  onTyped: (typed: string) => void;
  onAsk: (number: string) => Promise<Answer<unknown>>;
}) {
  const [problem, tell] = useState('');
  return (
    <Step
      {...parts}
      button="Получить код"
      field={{ id: 'phone_number', label, inputMode: 'tel', autocomplete: 'tel', placeholder: '+7 900 000-00-01', value: typed, onText: onTyped }}
      problem={problem}
      tell={tell}
      onDone={async (text) => {
        const number = normalisePhone(text);
        return number === null ? 'Введите номер целиком, например +7 900 000-00-01.' : (refusalOf(await onAsk(number))?.message ?? '');
      }}
    />
  );
}
