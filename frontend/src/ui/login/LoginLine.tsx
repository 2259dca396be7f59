import { session, storageLost } from '../../sync';
import { line } from '../connection/model';
import { Button } from '../kit/Button';
import { Notice } from '../kit/Notice';
import { navigate } from '../router/router';
import { OfficeFile } from '../unsent/OfficeFile';

/** Under the fields, above the button: why a login is not possible now, and what still is. */
export function LoginLine() {
  const away = line.value;
  const who = session.value;
  const known = who.kind === 'agent';
  const text =
    away === 'offline'
      ? 'Для входа нужна связь: код приходит в SMS. Проверьте интернет и попробуйте снова.'
      : away === 'foreign_page'
        ? 'Эта сеть Wi-Fi просит сначала войти на её странице. Откройте браузер, войдите и вернитесь.'
        : away === 'server_busy'
          ? 'Интернет есть, сервер временно занят. Попробуйте через минуту.'
          : null;
  return (
    <>
      {text && (
        <Notice tone="amber" icon={away === 'foreign_page' ? 'wifi' : away === 'server_busy' ? 'server' : 'cloudOff'}>
          {text}
          {known && ' Оформлять квитанции можно и без входа.'}
        </Notice>
      )}
      {storageLost.value && (
        <Notice tone="amber" icon="alert">
          Данных приложения здесь нет: браузер их очистил, либо оно только что установлено. Отправленное цело. Неотправленное могло пропасть: войдите, и мы скажем, что ждало отправки.
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
