import { useState } from '../kit/hooks';

import { type Device, revokeDevice } from '../../sync';
import { Button } from '../kit/Button';
import { Dialog } from '../kit/Dialog';
import { Notice } from '../kit/Notice';
import { refusalOf } from '../login/refusal';
import { closeOverlay } from '../router/router';
import { unsentWords } from './words';

/** «Отозвать» says what happens to the phone and to what waits on it, and needs a second tap (F35). */
export function Revoke({ device, onDone }: { device: Device; onDone: () => Promise<void> }) {
  const [busy, setBusy] = useState(false);
  const [problem, setProblem] = useState<string | null>(null);
  const { code, waiting } = device;

  async function revoke(): Promise<void> {
    setBusy(true);
    const refusal = refusalOf(await revokeDevice(device.id));
    setBusy(false);
    if (refusal) {
      setProblem(refusal.message);
      return;
    }
    closeOverlay();
    await onDone();
  }

  return (
    <Dialog kind="sheet" label="Отозвать телефон">
      <h2>Отозвать телефон {code}?</h2>
      <p>
        Вход на нём закончится, как только он выйдет на связь. Принятые квитанции не пострадают.{' '}
        {waiting.count > 0 ? `На нём ${unsentWords(waiting)}: передать их ещё можно, сначала их проверит офис.` : 'Неотправленные, если они есть, передать можно: сначала их проверит офис.'}{' '}
        Отменить это нельзя.
      </p>
      {problem && (
        <Notice tone="amber" icon="alert">
          {problem}
        </Notice>
      )}
      <Button onClick={closeOverlay}>Не отзывать</Button>
      <Button kind="danger" busy={busy} onClick={() => void revoke()}>
        Отозвать
      </Button>
    </Dialog>
  );
}
