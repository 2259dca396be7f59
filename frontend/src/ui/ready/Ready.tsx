import { useEffect, useState } from '../kit/hooks';

import { applyUpdate, keepStorage, renewDirectories, setup, shellCached } from '../../sync';
import { install } from '../install/offer';
import { Button } from '../kit/Button';
import { Icon } from '../kit/Icon';
import { Notice } from '../kit/Notice';
import { RowSkeletons } from '../kit/ReceiptRow';
import { Screen } from '../kit/Screen';
import { navigate } from '../router/router';
import type { Line, Remedy } from './lines';
import { lines, look, phoneReady } from './model';
import './ready.css';

export const READY = 'Телефон готов: можно работать без интернета';

const REMEDIES: Record<Remedy, readonly [label: string, action: () => Promise<void> | void]> = {
  install: ['Установить', install],
  keep: ['Закрепить память', keepStorage],
  renew: ['Загрузить', renewDirectories],
  login: ['Войти', () => navigate('/login')],
  update: ['Обновить', () => applyUpdate(() => Promise.resolve())],
};

/** «Работа без интернета»: whether one may go, and what is still missing (P36). */
export function Ready() {
  useEffect(() => void look(), [setup.value, shellCached.value]);
  return (
    <Screen
      title="Работа без интернета"
      back
      bottom={
        <Button kind="ghost" icon="phone" onClick={() => navigate('/check')}>
          Проверка телефона
        </Button>
      }
    >
      {lines.value === null ? (
        <RowSkeletons count={4} />
      ) : (
        <>
          <div role="status">
            <Notice tone={phoneReady.value ? 'green' : 'amber'} icon={phoneReady.value ? 'check' : 'alert'}>
              {phoneReady.value ? READY : 'Пока не готов к работе без интернета'}
            </Notice>
          </div>
          <ul class="card rows">
            {lines.value.map((line) => (
              <Item key={line.text} line={line} />
            ))}
          </ul>
        </>
      )}
    </Screen>
  );
}

function Item({ line: { ok, matters, text, remedy } }: { line: Line }) {
  const [busy, setBusy] = useState(false);
  const [label, action] = remedy ? REMEDIES[remedy] : [];

  async function mend(): Promise<void> {
    setBusy(true);
    await action?.();
    await look();
    setBusy(false);
  }

  return (
    <li class={`ready-line tone-${ok ? 'green' : matters ? 'red' : 'amber'}`}>
      <Icon name={ok ? 'check' : 'alert'} />
      <span class="menu-word">{text}</span>
      {label && (
        <Button kind="plain" busy={busy} onClick={() => void mend()}>
          {label}
        </Button>
      )}
    </li>
  );
}
