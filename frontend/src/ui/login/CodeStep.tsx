import { useEffect, useState } from '../kit/hooks';

import { formatPhone } from '../../domain/phone';
import type { Answer, PendingLogin } from '../../sync';
import { Resend } from './Resend';
import { refusalOf } from './refusal';
import { Step, type StepParts } from './Step';

const LENGTH = 6;

/** Android's Chrome hands over the code of an SMS whose last line names our host (WebOTP, P19). */
async function codeFromSms(signal: AbortSignal): Promise<string | undefined> {
  if (!('OTPCredential' in window)) return undefined;
  const asked = { otp: { transport: ['sms'] }, signal } as CredentialRequestOptions;
  const found = (await navigator.credentials.get(asked).catch(() => null)) as { code?: string } | null;
  return found?.code;
}

/** The six digits of the SMS that has just been sent to `pending.phone_number`. */
export function CodeStep({ pending, attempt, onTyped, onForget, onAsk, onConfirm, ...parts }: Pick<StepParts, 'heading' | 'button' | 'foot'> & {
  pending: PendingLogin;
  attempt: NonNullable<PendingLogin['attempt']>;
  onTyped: (code: string) => void;
  onForget: () => void;
  onAsk: (number: string) => Promise<Answer<unknown>>;
  onConfirm: (code: string) => Promise<Answer<unknown>>;
}) {
  const [problem, tell] = useState('');
  const [asking, setAsking] = useState(false);
  useEffect(() => {
    const leaving = new AbortController();
    void codeFromSms(leaving.signal).then((code) => {
      const input = document.querySelector<HTMLInputElement>('#code');
      if (!code || !input || leaving.signal.aborted) return;
      onTyped(code);
      input.value = code;
      input.form?.requestSubmit();
    });
    return () => leaving.abort();
  }, [attempt.id]);

  async function resend(): Promise<void> {
    setAsking(true);
    tell(refusalOf(await onAsk(pending.phone_number))?.message ?? '');
    setAsking(false);
  }

  return (
    <Step
      {...parts}
      lead={
        <>
          Отправили на <span class="num">{formatPhone(pending.phone_number)}</span>.{' '}
          <button type="button" class="link" onClick={onForget}>
            Изменить
          </button>
        </>
      }
      field={{
        id: 'code',
        label: 'Код из SMS',
        inputMode: 'numeric',
        autocomplete: 'one-time-code',
        class: 'login-code',
        value: pending.code,
        onText: (text) => onTyped(text.replace(/\D/g, '').slice(0, LENGTH)),
      }}
      shut={asking}
      problem={problem}
      tell={tell}
      onDone={async (typed) => {
        const code = typed.replace(/\D/g, '');
        return code.length === LENGTH ? (refusalOf(await onConfirm(code))?.message ?? '') : 'Введите 6 цифр из последней SMS.';
      }}
      below={<Resend attempt={attempt} busy={asking} onResend={() => void resend()} />}
    />
  );
}
