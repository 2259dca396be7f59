import { useEffect } from '../kit/hooks';

import { formatPhone } from '../../domain/phone';
import { confirmCode, forgetAttempt, pendingLogin, rememberTyped, requestCode, session } from '../../sync';
import { CodeStep } from './CodeStep';
import { LoginLine } from './LoginLine';
import { PhoneStep } from './PhoneStep';
import './login.css';

/** Phone number, then the code from the SMS. A phone that already has an installation may go on without it. */
export function Login() {
  useEffect(() => {
    document.title = 'Вход · КИАС Офлайн';
  }, []);
  const pending = pendingLogin.value;
  const known = session.value.kind === 'agent' ? formatPhone(session.value.agent.phone_number) : '';
  return (
    <div class="screen">
      <main class="content login-content">
        <img class="login-mark" src={`${import.meta.env.BASE_URL}icons/icon.svg`} alt="" width="64" height="64" />
        {pending?.attempt ? (
          <CodeStep
            heading={<h1>Код из SMS</h1>}
            button="Войти"
            pending={pending}
            attempt={pending.attempt}
            onTyped={(code) => rememberTyped({ code })}
            onForget={forgetAttempt}
            onAsk={requestCode}
            onConfirm={confirmCode}
            foot={<LoginLine />}
          />
        ) : (
          <PhoneStep
            heading={<h1>Вход</h1>}
            lead={known ? 'Пришлём код в SMS. Неотправленные уйдут после входа.' : 'Пришлём код в SMS на номер, который знает офис.'}
            label="Телефон"
            typed={pending?.phone_number ?? known}
            onTyped={(phone_number) => rememberTyped({ phone_number })}
            onAsk={requestCode}
            foot={<LoginLine />}
          />
        )}
      </main>
    </div>
  );
}
