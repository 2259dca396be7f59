import { requestCode, session } from '../../sync';
import { install } from '../install/offer';
import { Notice } from '../kit/Notice';
import { navigate } from '../router/router';
import { LittleSpace } from '../ready/LittleSpace';
import { appleTab } from '../ready/model';
import { line, loginNotice, notice } from './model';

/** At once and on every screen where work goes on: what the line's state means for the receipts (P15). */
export function ConnectionNotice({ text }: { text?: string | undefined }) {
  return (
    <>
      <LittleSpace />
      <Line text={text} />
    </>
  );
}

function Line({ text }: { text: string | undefined }) {
  if (notice.value !== null) {
    const icon = line.value === 'foreign_page' ? 'wifi' : line.value === 'server_busy' ? 'server' : 'cloudOff';
    return (
      <Notice tone="amber" icon={icon}>
        {line.value === 'offline' && text ? text : notice.value}
      </Notice>
    );
  }
  const who = session.value;
  if (who.kind !== 'agent' || loginNotice.value === null) {
    return appleTab ? (
      <Notice tone="accent" icon="install" action={{ label: 'Установить', onClick: () => void install() }}>
        Без интернета работает только установленное приложение.
      </Notice>
    ) : null;
  }
  const toLogin = () => {
    if (who.confirmed) void requestCode(who.agent.phone_number);
    navigate('/login');
  };
  return (
    <Notice tone="accent" icon="phone" action={{ label: who.confirmed ? 'Получить код' : 'Войти', onClick: toLogin }}>
      {loginNotice.value}
    </Notice>
  );
}
