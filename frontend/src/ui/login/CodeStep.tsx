import { useEffect, useRef, useState } from 'preact/hooks';

import { formatPhone } from '../../domain/phone';
import { type PendingLogin, type Problem, confirmCode, forgetAttempt, rememberTyped, requestCode } from '../../sync';
import { Button } from '../kit/Button';
import { TextField } from '../kit/Field';
import { LoginLine } from './LoginLine';
import { Resend } from './Resend';
import { refusalOf } from './refusal';

const LENGTH = 6;

export function CodeStep({ pending, attempt }: { pending: PendingLogin; attempt: NonNullable<PendingLogin['attempt']> }) {
  const [problem, setProblem] = useState<Problem | null>(null);
  const [busy, setBusy] = useState(false);
  const form = useRef<HTMLFormElement>(null);
  const field = () => form.current?.querySelector('input');
  useEffect(() => field()?.focus(), []);

  function refuse(refusal: Problem | null): void {
    setProblem(refusal);
    if (refusal) field()?.select();
  }

  async function confirm(): Promise<void> {
    const code = (field()?.value ?? pending.code).replace(/\D/g, '');
    if (code.length !== LENGTH) {
      refuse({ code: 'invalid', message: 'Введите 6 цифр из последней SMS.', field: 'code' });
      return;
    }
    setBusy(true);
    const refusal = refusalOf(await confirmCode(code));
    setBusy(false);
    refuse(refusal);
  }

  async function resend(): Promise<void> {
    setBusy(true);
    const refusal = refusalOf(await requestCode(pending.phone_number));
    setBusy(false);
    refuse(refusal);
  }

  return (
    <form
      ref={form}
      noValidate
      class="login-form"
      onSubmit={(event) => {
        event.preventDefault();
        if (!busy) void confirm();
      }}
    >
      <h1>Код из SMS</h1>
      <p class="hint login-lead">
        Отправили на <span class="num">{formatPhone(pending.phone_number)}</span>.{' '}
        <button type="button" class="link" onClick={forgetAttempt}>
          Изменить
        </button>
      </p>
      <div class="card fields">
        <TextField
          id="code"
          label="Код из SMS"
          inputMode="numeric"
          autocomplete="one-time-code"
          enterkeyhint="go"
          value={pending.code}
          onText={(text) => {
            rememberTyped({ code: text.replace(/\D/g, '').slice(0, LENGTH) });
            setProblem(null);
          }}
          error={problem?.message}
          class="login-field login-code num"
        />
      </div>
      <Resend at={attempt.resend_at} busy={busy} onResend={() => void resend()} />
      <div class="bottom login-bottom">
        <LoginLine />
        <Button type="submit" busy={busy}>
          {busy ? 'Проверяем…' : 'Войти'}
        </Button>
      </div>
    </form>
  );
}
