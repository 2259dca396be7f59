import { useEffect, useState } from '../kit/hooks';

import type { Draft, Setup } from '../../domain/model';
import { draft, openDraft, setup } from '../../sync';
import { ConnectionNotice } from '../connection/ConnectionNotice';
import { line } from '../connection/model';
import { Button } from '../kit/Button';
import { Empty } from '../kit/Empty';
import { Screen } from '../kit/Screen';
import { appleTab } from '../ready/model';
import { navigate } from '../router/router';
import { Form } from './Form';
import { STORAGE } from './storageWords';
import './form.css';

type Opened = { kind: 'opening' | 'apple_tab' } | { kind: 'open'; draft: Draft } | { kind: 'storage_full' | 'storage_failed' | 'not_ready' };

/** «Новая квитанция»: the open draft, or a new one whose number is already stored when it is shown (F18). */
export function NewReceipt() {
  const [opened, setOpened] = useState<Opened>({ kind: 'opening' });
  const directories: Setup | null = setup.value;
  const ready = directories !== null;
  // What a tab of an iPhone's browser keeps goes after 7 days without use: no new form there without network (F23).
  const allowed = !appleTab || draft.value !== null || line.value === 'online';
  const asked = line.value !== 'unknown';

  async function open(): Promise<void> {
    if (opened.kind === 'open') return;
    if (!allowed) return setOpened({ kind: asked ? 'apple_tab' : 'opening' });
    setOpened({ kind: 'opening' });
    setOpened(await openDraft());
  }
  // again when the directories have come: before them there is nothing to open
  useEffect(() => void open(), [ready, allowed, asked]);

  if (opened.kind === 'open' && directories) return <Form key={opened.draft.id} draft={opened.draft} setup={directories} />;
  return (
    <Screen title="Новая квитанция" back>
      <ConnectionNotice />
      {opened.kind === 'opening' && <FormSkeleton />}
      {opened.kind === 'apple_tab' && (
        <Empty icon="cloudOff" title="Без интернета — из приложения">
          <p>Safari очищает память вкладок через 7 дней. Откройте «КИАС Офлайн» по значку. Если его нет, найдите связь и установите приложение.</p>
          <Button onClick={() => navigate('/install')}>Как установить</Button>
        </Empty>
      )}
      {(opened.kind === 'storage_full' || opened.kind === 'storage_failed') && (
        <Empty icon="alert" tone="red" title="Форма не открылась">
          <p>{STORAGE[opened.kind]}</p>
          <Button kind="ghost" onClick={() => void open()}>
            Повторить
          </Button>
        </Empty>
      )}
      {(opened.kind === 'not_ready' || (opened.kind === 'open' && !directories)) && (
        <Empty icon="clock" title="Телефон ещё не готов">
          <p>Нужны справочники с сервера. Найдите связь, и форма откроется.</p>
          <Button kind="ghost" onClick={() => void open()}>
            Повторить
          </Button>
        </Empty>
      )}
    </Screen>
  );
}

function FormSkeleton() {
  return (
    <>
      {[1, 3, 2].map((lines) => (
        <div class="card" key={lines}>
          {Array.from({ length: lines }, (_, place) => (
            <div class="field" key={place}>
              <span class="skeleton skeleton-short" />
              <span class="skeleton skeleton-long" />
            </div>
          ))}
        </div>
      ))}
    </>
  );
}
