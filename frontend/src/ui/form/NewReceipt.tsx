import { useEffect, useState } from '../kit/hooks';

import type { Draft, Setup } from '../../domain/model';
import { openDraft, setup } from '../../sync';
import { ConnectionNotice } from '../connection/ConnectionNotice';
import { Button } from '../kit/Button';
import { Empty } from '../kit/Empty';
import { Screen } from '../kit/Screen';
import { Form } from './Form';
import { STORAGE } from './storageWords';
import './form.css';

type Opened = { kind: 'opening' } | { kind: 'open'; draft: Draft } | { kind: 'storage_full' | 'storage_failed' | 'not_ready' };

/** «Новая квитанция»: the open draft, or a new one whose number is already stored when it is shown (F18). */
export function NewReceipt() {
  const [opened, setOpened] = useState<Opened>({ kind: 'opening' });
  const directories: Setup | null = setup.value;
  const ready = directories !== null;

  async function open(): Promise<void> {
    setOpened({ kind: 'opening' });
    setOpened(await openDraft());
  }
  // again when the directories have come: before them there is nothing to open
  useEffect(() => void open(), [ready]);

  if (opened.kind === 'open' && directories) return <Form key={opened.draft.id} draft={opened.draft} setup={directories} />;
  return (
    <Screen title="Новая квитанция" back>
      <ConnectionNotice />
      {opened.kind === 'opening' && <FormSkeleton />}
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
          <p>Нужны справочники с сервера. Найдите связь: они загрузятся сами, и форма откроется.</p>
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
              <span class="skeleton skeleton-long form-skeleton" />
            </div>
          ))}
        </div>
      ))}
    </>
  );
}
