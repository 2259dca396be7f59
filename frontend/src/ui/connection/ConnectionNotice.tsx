import { requestCode, session } from '../../sync';
import { install } from '../install/offer';
import { Notice } from '../kit/Notice';
import { navigate } from '../router/router';
import { LittleSpace } from '../ready/LittleSpace';
import { appleTab } from '../ready/model';
import { line, loginNotice, notice } from './model';

interface Words {
  /** instead of the sentence about a line that is gone */
  text?: string | undefined;
  /** what came of a tap, said first */
  lead?: string | false | undefined;
}

/** At once and on every screen where work goes on: what the line's state means for the receipts (P15). */
export function ConnectionNotice(words: Words) {
  return (
    <>
      <LittleSpace />
      <Line {...words} />
    </>
  );
}

/** Why the server is not there; `text` instead of what is said without any network. */
export function AwayNotice({ text, lead }: Words) {
  const icon = line.value === 'foreign_page' ? 'wifi' : line.value === 'server_busy' ? 'server' : 'cloudOff';
  return (
    notice.value !== null && (
      <Notice tone="amber" icon={icon}>
        {lead} {line.value === 'offline' && text ? text : notice.value}
      </Notice>
    )
  );
}

function Line(words: Words) {
  if (notice.value !== null) return <AwayNotice {...words} />;
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
