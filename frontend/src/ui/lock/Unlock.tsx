import { useState } from '../kit/hooks';

import { plural, receiptsCount } from '../../domain/plural';
import { lockedBy, session, unlock, unlockByPasskey, waitingTotals } from '../../sync';
import { ConnectionNotice } from '../connection/ConnectionNotice';
import { line } from '../connection/model';
import { onSum } from '../devices/words';
import { Button } from '../kit/Button';
import { Logout } from '../menu/Logout';
import { openOverlay, overlay } from '../router/router';
import { OfficeFile } from '../unsent/OfficeFile';
import { Forgot } from './Forgot';
import { PinForm } from './PinForm';
import { PinScreen } from './PinScreen';
import { SetPin } from './SetPin';
import { wordsOf } from './words';

/** The rows are locked: nothing of theirs is shown before the PIN but how much waits. */
export function Unlock() {
  const [afresh, setAfresh] = useState(false);
  const [declined, setDeclined] = useState('');
  if (session.value.kind !== 'agent') return null;
  if (afresh) return <SetPin onBack={() => setAfresh(false)} />;
  const { count, sum } = waitingTotals.value;
  return (
    <PinScreen>
      <PinForm
        key={declined}
        label="PIN-код"
        lead={
          <>
            {session.value.agent.name}
            {count > 0 && (
              <strong class="pin-waiting">
                {receiptsCount(count)}
                {onSum(sum)} {plural(count, 'ждёт', 'ждут', 'ждут')} отправки
              </strong>
            )}
          </>
        }
        button="Открыть"
        given={declined}
        tries
        onPin={async (pin) => wordsOf(await unlock(pin))}
        below={
          <p class="hint pin-ways">
            <button type="button" class="link" onClick={() => openOverlay('forgot')}>
              Забыли PIN-код?
            </button>
            <button type="button" class="link" onClick={() => openOverlay('logout')}>
              Войти другому агенту
            </button>
          </p>
        }
        foot={
          <>
            <ConnectionNotice />
            {line.value !== 'online' && <OfficeFile />}
            {lockedBy.value === 'passkey' && (
              <Button kind="ghost" icon="lock" onClick={() => void unlockByPasskey().then((result) => setDeclined(wordsOf(result)))}>
                По отпечатку или лицу
              </Button>
            )}
          </>
        }
      />
      {overlay.value === 'forgot' && <Forgot onAfresh={() => setAfresh(true)} />}
      {overlay.value === 'logout' && <Logout />}
    </PinScreen>
  );
}
