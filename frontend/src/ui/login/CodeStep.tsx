import type { ComponentChildren } from 'preact';
import { useEffect, useRef, useState } from '../kit/hooks';

import { formatPhone } from '../../domain/phone';
import type { Answer, PendingLogin, Problem } from '../../sync';
import { Button } from '../kit/Button';
import { TextField } from '../kit/Field';
import { Resend } from './Resend';
import { refusalOf } from './refusal';

const LENGTH = 6;

/** Android's Chrome hands over the code of an SMS whose last line names our host (WebOTP, P19). */
async function codeFromSms(signal: AbortSignal): Promise<string | undefined> {
  if (!('OTPCredential' in window)) return undefined;
  const asked = { otp: { transport: ['sms'] }, signal } as CredentialRequestOptions;
  const found = (await navigator.credentials.get(asked).catch(() => null)) as { code?: string } | null;
  return found?.code;
}

/** The six digits of the SMS that has just been sent to `pending.phone_number`. */
export function CodeStep({
  heading,
  button,
  pending,
  attempt,
  onTyped,
  onForget,
  onAsk,
  onConfirm,
  foot,
}: {
  heading: ComponentChildren;
  button: string;
  pending: PendingLogin;
  attempt: NonNullable<PendingLogin['attempt']>;
  onTyped: (code: string) => void;
  onForget: () => void;
  onAsk: (number: string) => Promise<Answer<unknown>>;
  onConfirm: (code: string) => Promise<Answer<unknown>>;
  foot?: ComponentChildren;
}) {
  const [problem, setProblem] = useState<Problem | null>(null);
  const [busy, setBusy] = useState(false);
  const form = useRef<HTMLFormElement>(null);
  const field = () => form.current?.querySelector('input');
  useEffect(() => field()?.focus(), []);
  useEffect(() => {
    const leaving = new AbortController();
    void codeFromSms(leaving.signal).then((code) => {
      if (!code || leaving.signal.aborted) return;
      onTyped(code);
      const input = field();
      if (input) input.value = code;
      form.current?.requestSubmit();
    });
    return () => leaving.abort();
  }, [attempt.id]);

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
    const refusal = refusalOf(await onConfirm(code));
    setBusy(false);
    refuse(refusal);
  }

  async function resend(): Promise<void> {
    setBusy(true);
    const refusal = refusalOf(await onAsk(pending.phone_number));
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
      {heading}
      <p class="hint login-lead">
        Отправили на <span class="num">{formatPhone(pending.phone_number)}</span>.{' '}
        <button type="button" class="link" onClick={onForget}>
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
            onTyped(text.replace(/\D/g, '').slice(0, LENGTH));
            setProblem(null);
          }}
          error={problem?.message}
          class="login-field login-code num"
        />
      </div>
      <Resend attempt={attempt} busy={busy} onResend={() => void resend()} />
      <div class="bottom login-bottom">
        {foot}
        <Button type="submit" busy={busy}>
          {busy ? 'Проверяем…' : button}
        </Button>
      </div>
    </form>
  );
}
