import { useEffect, useRef, useState } from 'preact/hooks';

import { formatPhone, normalisePhone } from '../../domain/phone';
import { type Problem, pendingLogin, rememberTyped, requestCode, session } from '../../sync';
import { Button } from '../kit/Button';
import { TextField } from '../kit/Field';
import { LoginLine } from './LoginLine';
import { refusalOf } from './refusal';

const WRONG = 'Введите номер целиком, например +7 900 000-00-01.';

export function PhoneStep() {
  const known = session.value.kind === 'agent' ? formatPhone(session.value.agent.phone_number) : '';
  const typed = pendingLogin.value?.phone_number ?? known;
  const [problem, setProblem] = useState<Problem | null>(null);
  const [busy, setBusy] = useState(false);
  const input = useRef<HTMLFormElement>(null);
  const focusField = () => input.current?.querySelector('input')?.focus();
  useEffect(focusField, []);

  async function ask(): Promise<void> {
    const text = input.current?.querySelector('input')?.value ?? typed;
    const number = normalisePhone(text);
    if (number === null) {
      setProblem({ code: 'invalid', message: WRONG, field: 'phone_number' });
      focusField();
      return;
    }
    setBusy(true);
    setProblem(refusalOf(await requestCode(number)));
    setBusy(false);
  }

  return (
    <form
      ref={input}
      noValidate
      class="login-form"
      onSubmit={(event) => {
        event.preventDefault();
        if (!busy) void ask();
      }}
    >
      <h1>Вход</h1>
      <p class="hint login-lead">
        {known ? 'Пришлём код в SMS. Неотправленные квитанции на месте и уйдут после входа.' : 'Пришлём код в SMS на номер, который знает офис.'}
      </p>
      <div class="card fields">
        <TextField
          id="phone_number"
          label="Телефон"
          inputMode="tel"
          autocomplete="tel"
          enterkeyhint="go"
          placeholder="+7 900 000-00-01"
          value={typed}
          onText={(phone_number) => {
            rememberTyped({ phone_number });
            setProblem(null);
          }}
          error={problem?.message}
          class="login-field num"
        />
      </div>
      <div class="bottom login-bottom">
        <LoginLine />
        <Button type="submit" busy={busy}>
          {busy ? 'Отправляем…' : 'Получить код'}
        </Button>
      </div>
    </form>
  );
}
