import { pinOptional, setPin, startAfresh } from '../../sync';
import { Button } from '../kit/Button';
import { NewPin } from './NewPin';
import { PinScreen } from './PinScreen';
import { wordsOf } from './words';

/** The agent's first PIN, or the one after a forgotten one. `onBack`: it was forgotten without network, and he may still remember. */
export function SetPin({ onBack }: { onBack?: () => void }) {
  return (
    <PinScreen>
      <NewPin
        lead="Он закроет квитанции на этом телефоне от чужих глаз."
        foot={
          onBack ? (
            <Button kind="ghost" onClick={onBack}>
              Ввести прежний
            </Button>
          ) : (
            pinOptional() && (
              <Button kind="ghost" onClick={() => void setPin(null)}>
                Без PIN-кода
              </Button>
            )
          )
        }
        onPin={async (pin) => wordsOf(await (onBack ? startAfresh : setPin)(pin))}
      />
    </PinScreen>
  );
}
