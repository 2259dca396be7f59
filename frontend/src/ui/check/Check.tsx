import { useEffect, useState } from '../kit/hooks';

import { canSyncInBackground, connection, failures, session, shellCached, updateError, updateReady, workerState } from '../../sync';
import { installed } from '../install/offer';
import { Button } from '../kit/Button';
import { now } from '../kit/now';
import { Screen } from '../kit/Screen';
import { facts, look } from '../ready/model';
import { shareText } from '../saved/share';
import { checkText } from './text';
import '../ready/ready.css';

/** «Проверка телефона»: what an agent sends to the office when something is wrong; shown before it is shared. */
export function Check() {
  const [said, setSaid] = useState('');
  useEffect(() => void look(), []);
  const who = session.value;
  const text =
    facts.value &&
    checkText({
      facts: facts.value,
      now: now.value,
      version: __APP_VERSION__,
      newer: updateReady.value,
      shell: shellCached.value,
      worker: workerState(),
      inBackground: canSyncInBackground.value,
      connection: connection.value,
      session: who.kind !== 'agent' ? 'нет' : who.revoked ? 'отозван' : who.confirmed ? 'есть' : 'нужен код',
      installed: installed.value,
      failures: [...failures.value, updateError.value].filter(Boolean),
      userAgent: navigator.userAgent,
    });
  return (
    <Screen
      title="Проверка телефона"
      back
      bottom={
        <Button icon="share" onClick={() => void (text && shareText(text, 'Текст скопирован: вставьте его в сообщение офису.', 'Телефон не дал поделиться. Скопируйте текст.').then(setSaid))}>
          Поделиться
        </Button>
      }
    >
      <p class="hint">Для офиса, если что-то не работает. Здесь нет имён, телефонов и полисов.</p>
      <pre class="card check-text">{text}</pre>
      <p role="status">{said}</p>
    </Screen>
  );
}
