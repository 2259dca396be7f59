import { useState } from '../kit/hooks';

import { plural, unsentCount } from '../../domain/plural';
import { logout, waitingTotals, waitingWithdrawals } from '../../sync';
import { refusalOf } from '../login/refusal';
import { Button } from '../kit/Button';
import { Dialog } from '../kit/Dialog';
import { Notice } from '../kit/Notice';
import { closeOverlay, navigate } from '../router/router';

/** «Выйти»: with unsent receipts it says how many stay, and needs a second tap (F25, P36). */
export function Logout() {
  const [busy, setBusy] = useState(false);
  const [problem, setProblem] = useState<string | null>(null);
  const { count } = waitingTotals.value;

  async function leave(): Promise<void> {
    setBusy(true);
    const refusal = refusalOf(await logout());
    setBusy(false);
    if (refusal) setProblem(refusal.message);
    else navigate('/login', { replace: true });
  }

  return (
    <Dialog kind="sheet" label="Выйти">
      <h2>Выйти?</h2>
      <p>
        {count > 0
          ? `На телефоне ${waitingWithdrawals.value ? `ждут отправки ${unsentCount(count, waitingWithdrawals.value)}` : `${count}\u00a0${plural(count, 'неотправленная квитанция', 'неотправленные квитанции', 'неотправленных квитанций')}`}. ${count === 1 ? 'Она останется здесь и уйдёт' : 'Они останутся здесь и уйдут'} после вашего входа.`
          : ''}{' '}
        Чтобы войти снова, нужны связь и код из SMS.
      </p>
      {problem && (
        <Notice tone="amber" icon="alert">
          {problem}
        </Notice>
      )}
      <Button onClick={closeOverlay}>Остаться</Button>
      <Button kind="danger" busy={busy} onClick={() => void leave()}>
        Выйти
      </Button>
    </Dialog>
  );
}
