import { session, storageLost } from '../../sync';
import { AwayNotice } from '../connection/ConnectionNotice';
import { Button } from '../kit/Button';
import { Notice } from '../kit/Notice';
import { navigate } from '../router/router';
import { OfficeFile } from '../unsent/OfficeFile';

/** Under the fields, above the button: why a login is not possible now, and what still is. */
export function LoginLine() {
  const who = session.value;
  const known = who.kind === 'agent';
  return (
    <>
      <AwayNotice text="Для входа нужна связь. Проверьте интернет." />
      {storageLost.value && (
        <Notice tone="amber" icon="alert">
          Данных приложения здесь нет: браузер их очистил, либо оно только что установлено. Отправленное цело. Войдите: скажем, что ждало отправки.
        </Notice>
      )}
      {(!known || who.revoked) && <OfficeFile />}
      {known && (
        <Button kind="ghost" onClick={() => navigate('/', { replace: true })}>
          Продолжить без входа
        </Button>
      )}
      <Button kind="plain" onClick={() => navigate('/check')}>
        Проверка телефона
      </Button>
    </>
  );
}
