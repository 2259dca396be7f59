import { unlock } from '../../sync';
import { PinForm } from './PinForm';
import { PinScreen } from './PinScreen';
import { wordsOf } from './words';

/** The rows are locked: nothing of theirs is shown before the PIN. */
export function Unlock() {
  return (
    <PinScreen>
      <PinForm label="PIN-код" lead="Введите PIN-код этого телефона." button="Открыть" onPin={async (pin) => wordsOf(await unlock(pin))} />
    </PinScreen>
  );
}
