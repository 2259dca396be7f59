import { useState } from '../kit/hooks';

import type { LocalReceipt } from '../../domain/model';
import { cleanText } from '../../domain/text';
import { WITHDRAWAL_REASONS, type WithdrawalReason, setup, withdraw } from '../../sync';
import { STORAGE } from '../form/storageWords';
import { Button } from '../kit/Button';
import { Dialog } from '../kit/Dialog';
import { Segments, TextField } from '../kit/Field';
import { Notice } from '../kit/Notice';
import { now } from '../kit/now';
import { closeOverlay } from '../router/router';
import { inKias } from '../words/rows';
import { issueInstead, notOpened } from './again';

const REASONS = Object.entries(WITHDRAWAL_REASONS).map(([code, name]) => ({ code, name }));

/** «Отменить», «Отменить и оформить заново»: why, and honestly what will come of it (P01). */
export function Withdraw({ receipt, again }: { receipt: LocalReceipt; again: boolean }) {
  const [reason, setReason] = useState<WithdrawalReason | null>(null);
  const [text, setText] = useState('');
  const [busy, setBusy] = useState(false);
  const [problem, setProblem] = useState('');

  async function take(): Promise<void> {
    if (!reason) {
      setProblem('Выберите причину.');
      return;
    }
    setBusy(true);
    const { kind } = await withdraw(receipt.id, reason, reason === 'other' ? text : '');
    setBusy(false);
    if (kind !== 'withdrawn') {
      setProblem(STORAGE[kind]);
      return;
    }
    if (again) await issueInstead(receipt.id);
    if (!again || notOpened.peek()) closeOverlay();
  }

  return (
    <Dialog kind="sheet" label="Отменить квитанцию">
      <h2>{again ? 'Отменить и оформить заново?' : 'Отменить квитанцию?'}</h2>
      <p>{outlook(receipt)}</p>
      <Segments
        id="reason"
        label="Причина"
        value={reason ?? ''}
        choices={REASONS}
        onChoice={(code) => {
          setReason(code as WithdrawalReason);
          setProblem('');
        }}
      />
      {reason === 'other' && <TextField id="withdraw_text" label="Что случилось" value={text} onText={(typed) => setText(cleanText(typed).slice(0, 300))} />}
      {problem && (
        <div role="alert">
          <Notice tone="amber" icon="alert">
            {problem}
          </Notice>
        </div>
      )}
      <Button kind="danger" busy={busy} onClick={() => void take()}>
        {again ? 'Отменить и оформить заново' : 'Отменить квитанцию'}
      </Button>
      <Button kind="ghost" onClick={closeOverlay}>
        Не отменять
      </Button>
    </Dialog>
  );
}

/** What will happen: the phone knows what it has shown and when, not how far the server has come. */
function outlook({ state, copy_shown_at, issued_at }: LocalReceipt): string {
  const minutes = setup.value?.withdraw_minutes ?? 15;
  const solve = 'офис исправит чек или вернёт деньги.';
  if (inKias(state)) return `КИАС уже получил эту квитанцию: ${solve}`;
  const late = now.value.getTime() - Date.parse(issued_at) > minutes * 60_000;
  if (!copy_shown_at && !late) return `Если КИАС её ещё не получил, квитанция аннулируется. Если уже получил, ${solve}`;
  return `${copy_shown_at ? 'Копию уже видел клиент' : `Прошло больше ${minutes} минут`}, поэтому решает офис. Если КИАС её ещё не получил, она подождёт проверки.`;
}

/** Another receipt lies unfinished in the form: it is not thrown away unasked. */
export function Begun({ id }: { id: string }) {
  return (
    <Dialog kind="sheet" label="Начатая квитанция">
      <h2>В форме уже начата квитанция</h2>
      <p>Заменить её этой? Введённое в ней пропадёт.</p>
      <Button onClick={closeOverlay}>Оставить начатую</Button>
      <Button kind="danger" onClick={() => void issueInstead(id, true)}>
        Заменить
      </Button>
    </Dialog>
  );
}
