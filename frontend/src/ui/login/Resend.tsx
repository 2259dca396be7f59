import { useState } from 'preact/hooks';

import { useEverySecond } from '../kit/now';

function countdown(seconds: number): string {
  return `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, '0')}`;
}

/** «Код не пришёл?»: a countdown to `at` (milliseconds since 1970), then a button. */
export function Resend({ at, busy, onResend }: { at: number; busy: boolean; onResend: () => void }) {
  const [now, setNow] = useState(Date.now);
  useEverySecond(() => setNow(Date.now()));
  const left = Math.ceil((at - now) / 1000);
  if (left > 0) {
    return (
      <p class="hint login-resend">
        Код не пришёл? Отправить ещё раз через <span class="num">{countdown(left)}</span>
      </p>
    );
  }
  return (
    <p class="hint login-resend">
      Код не пришёл?{' '}
      <button type="button" class="link" aria-disabled={busy || undefined} onClick={() => !busy && onResend()}>
        Отправить ещё раз
      </button>
    </p>
  );
}
