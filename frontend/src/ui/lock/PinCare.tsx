import { useEffect, useState } from '../kit/hooks';

import { changeMyPin, disablePasskey, enablePasskey, lockedBy, passkeyPossible, unlock } from '../../sync';
import { Button } from '../kit/Button';
import { Dialog } from '../kit/Dialog';
import { Said } from '../kit/Said';
import { closeOverlay, openOverlay, overlay } from '../router/router';
import { NewPin } from './NewPin';
import { PinForm } from './PinForm';
import { wordsOf } from './words';
import '../login/login.css';

/** «Мои устройства»: what opens the receipts on this phone. Whoever changes it proves first that he knows the PIN. */
export function PinCare() {
  const [possible, setPossible] = useState(false);
  const [said, setSaid] = useState('');
  useEffect(() => void passkeyPossible().then(setPossible), []);
  if (lockedBy.value === 'nothing') return null;
  const by = lockedBy.value === 'passkey';
  return (
    <>
      <Said>{said}</Said>
      <Button kind="ghost" onClick={() => openOverlay('pin')}>
        Сменить PIN-код
      </Button>
      {(possible || by) && (
        <Button kind="ghost" onClick={() => openOverlay('passkey')}>
          Вход по отпечатку или лицу{by ? ': включён' : ''}
        </Button>
      )}
      {overlay.value === 'pin' && <ChangePin onDone={() => setSaid('PIN-код изменён.')} />}
      {overlay.value === 'passkey' && <Passkey by={by} />}
    </>
  );
}

/** Asks for the present PIN, then goes on with it. */
function Proof({ lead, button, onProven }: { lead: string; button: string; onProven: (pin: string) => void }) {
  return (
    <PinForm
      label="Текущий PIN-код"
      lead={lead}
      button={button}
      tries
      onPin={async (pin) => {
        const result = await unlock(pin);
        if (result.kind === 'open') onProven(pin);
        return wordsOf(result);
      }}
    />
  );
}

function ChangePin({ onDone }: { onDone: () => void }) {
  const [former, setFormer] = useState('');
  return (
    <Dialog kind="sheet" label="Сменить PIN-код">
      {former ? (
        <NewPin
          lead="Новый, который помните только вы."
          onPin={async (pin) => {
            const result = await changeMyPin(former, pin);
            if (result.kind === 'open') {
              onDone();
              closeOverlay();
            }
            return wordsOf(result);
          }}
        />
      ) : (
        <Proof lead="Потом придумаете новый." button="Дальше" onProven={setFormer} />
      )}
    </Dialog>
  );
}

function Passkey({ by }: { by: boolean }) {
  const [pin, setPin] = useState('');
  const [problem, setProblem] = useState('');
  return (
    <Dialog kind="sheet" label="Вход по отпечатку или лицу">
      {by || pin ? (
        <>
          <h2>Вход по отпечатку или лицу</h2>
          <p>{problem || (by ? 'Включён. Без него останется PIN-код.' : 'Телефон спросит отпечаток, лицо или свой код.')}</p>
          <Button
            kind={by ? 'danger' : 'main'}
            onClick={() =>
              void (by ? disablePasskey() : enablePasskey(pin)).then((result) => {
                if (result.kind === 'open') closeOverlay();
                setProblem(wordsOf(result));
              })
            }
          >
            {by ? 'Выключить' : 'Включить'}
          </Button>
        </>
      ) : (
        <Proof lead="Потом включите вход по отпечатку или лицу." button="Дальше" onProven={setPin} />
      )}
    </Dialog>
  );
}
