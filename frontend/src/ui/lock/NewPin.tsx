import type { ComponentChildren } from 'preact';
import { useState } from '../kit/hooks';

import { isWeakPin } from '../../domain/pin';
import { PinForm } from './PinForm';

/** A PIN of the agent's choice, typed twice. */
export function NewPin({ lead, foot, onPin }: { lead: string; foot?: ComponentChildren; onPin: (pin: string) => Promise<string> }) {
  const [first, setFirst] = useState('');
  const [given, setGiven] = useState('');
  return first ? (
    <PinForm
      key="again"
      label="Повторите PIN-код"
      lead="Ещё раз, чтобы не ошибиться."
      button="Готово"
      onPin={async (pin) => {
        if (pin === first) return onPin(pin);
        setGiven('PIN-коды не совпали. Придумайте ещё раз.');
        setFirst('');
        return '';
      }}
    />
  ) : (
    <PinForm
      key="first"
      label="Придумайте PIN-код"
      lead={lead}
      button="Дальше"
      given={given}
      foot={foot}
      onPin={(pin) => {
        const weak = isWeakPin(pin);
        if (!weak) setFirst(pin);
        return Promise.resolve(weak ? 'Такой PIN-код подберут первым. Придумайте другой.' : '');
      }}
    />
  );
}
