import { useEffect } from 'preact/hooks';

import { pendingLogin } from '../../sync';
import { CodeStep } from './CodeStep';
import { PhoneStep } from './PhoneStep';
import './login.css';

/** Phone number, then the code from the SMS. A phone that already has an installation may go on without it. */
export function Login() {
  useEffect(() => {
    document.title = 'Вход · КИАС Офлайн';
  }, []);
  const pending = pendingLogin.value;
  return (
    <div class="screen login">
      <main class="content login-content">
        <img class="login-mark" src={`${import.meta.env.BASE_URL}icons/icon.svg`} alt="" width="64" height="64" />
        {pending?.attempt ? <CodeStep pending={pending} attempt={pending.attempt} /> : <PhoneStep />}
      </main>
    </div>
  );
}
