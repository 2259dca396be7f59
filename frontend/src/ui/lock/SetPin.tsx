import { useState } from '../kit/hooks';

import { pinOptional, setPin } from '../../sync';
import { Button } from '../kit/Button';
import { wordsOf } from './words';
import { PinForm } from './PinForm';
import { PinScreen } from './PinScreen';

/** The agent's first PIN, or the one after a forgotten one: typed twice. */
export function SetPin() {
  const [first, setFirst] = useState('');
  return (
    <PinScreen>
      {first ? (
        <PinForm
          key="again"
          label="Повторите PIN-код"
          lead="Ещё раз, чтобы не ошибиться."
          button="Готово"
          onPin={async (pin) => {
            if (pin !== first) {
              setFirst('');
              return 'PIN-коды не совпали. Придумайте ещё раз.';
            }
            return wordsOf(await setPin(pin));
          }}
        />
      ) : (
        <PinForm
          key="first"
          label="Придумайте PIN-код"
          lead="Он закроет квитанции на этом телефоне от чужих глаз. Понадобится и без интернета."
          button="Дальше"
          foot={
            pinOptional() && (
              <Button kind="ghost" onClick={() => void setPin(null)}>
                Без PIN-кода
              </Button>
            )
          }
          onPin={(pin) => {
            setFirst(pin);
            return Promise.resolve('');
          }}
        />
      )}
    </PinScreen>
  );
}
