import type { ComponentChildren } from 'preact';
import { useEffect } from '../kit/hooks';

import { formatPhone } from '../../domain/phone';
import { lock, lockedBy, mayIssue, notices, receipts, sending, session, setup, shellCached, waitingTotals } from '../../sync';
import { needsAttention } from '../attention/rows';
import { HandoverNotice } from '../devices/Handover';
import { install, installed, onApple } from '../install/offer';
import { Dialog } from '../kit/Dialog';
import { Icon, type IconName } from '../kit/Icon';
import { closeOverlay, navigate, openOverlay } from '../router/router';
import { sendNow } from '../unsent/sendNow';
import { READY } from '../ready/Ready';
import { lines, look, phoneReady } from '../ready/model';
import './menu.css';

/** The side menu. Only what works stands in it. */
export function Menu() {
  const waiting = waitingTotals.value.count;
  useEffect(() => void look(), [setup.value, shellCached.value]);
  const attention = receipts.value.filter(needsAttention).length;
  return (
    <Dialog kind="drawer" label="Меню">
      <Who />
      {!mayIssue.value && (
        <div class="menu-ready">
          <HandoverNotice />
        </div>
      )}
      <ul>
        {!installed.value && (
          <Item icon="install" accent onClick={() => void install()}>
            Установить
            {onApple && <span class="hint menu-hint">Так квитанции без сети хранятся надёжно</span>}
          </Item>
        )}
        <Item icon="phone" onClick={() => navigate('/unsent')} count={waiting} urgent>
          Неотправленные
        </Item>
        <Item icon="alert" onClick={() => navigate('/attention')} count={attention + notices.value.length}>
          Требуют внимания
        </Item>
        <Item
          icon="send"
          onClick={() => {
            navigate('/unsent');
            void sendNow();
          }}
        >
          {sending.value.active ? 'Отправляем…' : 'Отправить сейчас'}
        </Item>
      </ul>
      <ul>
        <Item icon="cloudOff" onClick={() => navigate('/offline')}>
          Работа без интернета
          <span class={`menu-hint tone-${phoneReady.value ? 'green' : 'amber'}`}>{phoneReady.value ? READY : lines.value && 'Пока не готов'}</span>
        </Item>
        <Item icon="phone" onClick={() => navigate('/check')}>
          Проверка телефона
        </Item>
        <Item icon="devices" onClick={() => navigate('/devices')}>
          Мои устройства
        </Item>
        {lockedBy.value !== 'nothing' && (
          <Item
            icon="lock"
            onClick={() => {
              closeOverlay();
              void lock();
            }}
          >
            Закрыть PIN-кодом
          </Item>
        )}
        <Item icon="out" onClick={() => openOverlay('logout')}>
          Выйти
        </Item>
      </ul>
    </Dialog>
  );
}

function Who() {
  if (session.value.kind !== 'agent') return null;
  const { agent, installation } = session.value;
  return (
    <div class="menu-who">
      <div>
        <h2>{agent.name}</h2>
        <p class="hint">
          <span class="num">{formatPhone(agent.phone_number)}{'\u00a0'}·</span> <span class="num">телефон {installation.code}</span>
        </p>
      </div>
      <button type="button" class="icon-button" aria-label="Закрыть меню" onClick={closeOverlay}>
        <Icon name="cross" />
      </button>
    </div>
  );
}

function Item({
  icon,
  children,
  count = 0,
  urgent = false,
  accent = false,
  onClick,
}: {
  icon: IconName;
  children: ComponentChildren;
  count?: number;
  urgent?: boolean;
  accent?: boolean;
  onClick: () => void;
}) {
  return (
    <li>
      <button type="button" class={accent ? 'menu-item on-accent' : 'menu-item'} onClick={onClick}>
        <Icon name={icon} />
        <span class="menu-word">{children}</span>
        {count > 0 && <span class={urgent ? 'badge num' : 'menu-count num'}>{count}</span>}
      </button>
    </li>
  );
}
