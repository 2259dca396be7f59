import { useEffect, useState } from '../kit/hooks';

import { type Guide, fetchGuide } from '../../sync';
import { line } from '../connection/model';
import { Button } from '../kit/Button';
import { Empty } from '../kit/Empty';
import { Notice } from '../kit/Notice';
import { RowSkeletons } from '../kit/ReceiptRow';
import { Screen } from '../kit/Screen';
import { appleTab } from '../ready/model';
import { goBack } from '../router/router';
import { install, installOffer, installed, told } from './offer';
import { variantOf } from './variant';
import './install.css';

/** How to install exactly here, step by step; texts and pictures come from the server when they are asked for. */
export function Install() {
  const [guide, setGuide] = useState<Guide | null | undefined>();
  const [chosen, setChosen] = useState('');
  const [picking, setPicking] = useState(false);
  const away = line.value !== 'online' && line.value !== 'unknown';

  const load = () => {
    setGuide(undefined);
    void fetchGuide().then(setGuide);
  };
  useEffect(() => {
    if (!guide) load();
  }, [away]);

  function pick(id: string): void {
    setChosen(id);
    setPicking(false);
    scrollTo(0, 0);
  }

  const own = chosen || (guide && variantOf(guide, told));
  const way = guide?.ways.find(({ id }) => id === own);
  if (installed.value) {
    return (
      <Screen title="Установить" back>
        <Empty icon="check" tone="green" title="Приложение установлено">
          <p>Открывайте «КИАС Офлайн» по его значку.</p>
          <Button onClick={goBack}>Понятно</Button>
        </Empty>
      </Screen>
    );
  }
  return (
    <Screen
      title="Установить"
      back
      bottom={
        installOffer.value && !picking && (
          <Button icon="install" onClick={() => void install()}>
            Установить
          </Button>
        )
      }
    >
      {guide === undefined && <RowSkeletons count={3} />}
      {guide === null && (
        <Empty icon={away ? 'cloudOff' : 'alert'} title={away ? 'Нет связи' : 'Шаги не загрузились'}>
          <p>Для установки нужен интернет.{!appleTab && ' Работать и сохранять квитанции можно и так.'}</p>
          <Button kind="ghost" onClick={load}>
            Повторить
          </Button>
        </Empty>
      )}
      {way && !picking && (
        <>
          {way.note && (
            <Notice tone="accent" icon="phone">
              {way.note}
            </Notice>
          )}
          <h2>{way.name}</h2>
          <ol class="install-steps">
            {way.steps.map(({ text, picture }) => (
              <li key={text} class="card">
                <p>{text.replace('{address}', location.host)}</p>
                <img src={`${import.meta.env.BASE_URL}install/${picture}.svg`} alt="" width="320" height="172" />
              </li>
            ))}
          </ol>
          <Button kind="ghost" onClick={() => setPicking(true)}>
            У меня другой телефон
          </Button>
        </>
      )}
      {guide && picking && (
        <>
          <h2>Что у вас?</h2>
          <ul class="card rows">
            {guide.ways.map(({ id, name }) => (
              <li key={id}>
                <button type="button" class="menu-item" onClick={() => pick(id)}>
                  {name}
                </button>
              </li>
            ))}
          </ul>
        </>
      )}
    </Screen>
  );
}
