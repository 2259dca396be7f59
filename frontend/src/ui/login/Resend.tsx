import { useState } from '../kit/hooks';

import type { PendingLogin } from '../../sync';
import { useEverySecond } from '../kit/now';
import { clock } from '../lock/wait';

/** «Код не пришёл?»: after a minute once more by the other provider, then the office's code (P16). */
export function Resend({
  attempt: { resend_at, again, sign, office_phone },
  busy,
  onResend,
}: {
  attempt: NonNullable<PendingLogin['attempt']>;
  busy: boolean;
  onResend: () => void;
}) {
  const [now, setNow] = useState(Date.now);
  const [office, setOffice] = useState(false);
  useEverySecond(() => setNow(Date.now()));
  const left = Math.ceil((resend_at - now) / 1000);
  return (
    <div class="hint login-resend">
      <p>
        Код не пришёл?{' '}
        {left > 0 ? (
          <>
            Отправить ещё раз через <span class="num">{clock(left)}</span>
          </>
        ) : (
          <button type="button" class="link" aria-disabled={busy || undefined} onClick={() => !busy && onResend()}>
            Отправить ещё раз
          </button>
        )}
      </p>
      {sign && (again || left <= 0 || office) && (
        <p>
          <button type="button" class="link" aria-expanded={office} onClick={() => setOffice(!office)}>
            Код из офиса
          </button>
        </p>
      )}
      {office && (
        <p>
          Позвоните в офис{' '}
          <a class="num" href={`tel:${office_phone.replace(/[^+\d]/g, '')}`}>
            {office_phone}
          </a>{' '}
          и продиктуйте эти знаки:
          <strong class="login-sign num">{[...sign].join(' ')}</strong>
          Код, который скажет офис, введите в то же поле.
        </p>
      )}
    </div>
  );
}
