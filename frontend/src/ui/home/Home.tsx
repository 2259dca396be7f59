import { useEffect } from '../kit/hooks';

import { formatMoney } from '../../domain/money';
import { receiptsCount } from '../../domain/plural';
import { mayIssue, notCounted, notices, waitingTotals } from '../../sync';
import { Progress } from '../connection/Progress';
import { HandoverNotice } from '../devices/Handover';
import { elsewhereWords } from '../devices/words';
import { Button, IconButton } from '../kit/Button';
import { Empty } from '../kit/Empty';
import { Gradually } from '../kit/Gradually';
import { Notice } from '../kit/Notice';
import { RowSkeletons } from '../kit/ReceiptRow';
import { Screen } from '../kit/Screen';
import { navigate, openOverlay } from '../router/router';
import { byDay, totalsOf } from '../words/rows';
import { DayGroup } from './DayGroup';
import { away, dayTotals, failed, hasMore, hidden, loading, loadingMore, query, showMore, shown, tryAgain, watchList } from './list';
import { LateNotice } from './LateNotice';
import { Search } from './Search';
import './home.css';

/** The search is over: it must not hide what is issued now. */
function issueNew(): void {
  query.value = '';
  navigate('/new');
}

export function Home() {
  useEffect(watchList, []);
  return (
    <Screen
      title="Квитанции"
      action={<MenuButton />}
      bottom={
        mayIssue.value ? (
          <Button icon="plus" onClick={issueNew}>
            Новая квитанция
          </Button>
        ) : (
          waitingTotals.value.count > 0 && (
            <Button icon="send" onClick={() => navigate('/unsent')}>
              Передать оставшиеся
            </Button>
          )
        )
      }
    >
      <Search />
      <HandoverNotice />
      <LateNotice />
      <Progress late />
      {failed.value !== null && (
        <Notice tone="amber" icon="alert" action={{ label: 'Повторить', onClick: tryAgain }}>
          {failed.value}
        </Notice>
      )}
      <List />
      <Elsewhere />
    </Screen>
  );
}

function MenuButton() {
  const { count } = waitingTotals.value;
  return (
    <span class="menu-button">
      <IconButton icon="menu" label="Меню" onClick={() => openOverlay('menu')} />
      {count + notices.value.length > 0 && <span class="menu-dot" aria-hidden="true" />}
    </span>
  );
}

function List() {
  const days = byDay(shown.value);
  if (days.length === 0 && loading.value) return <RowSkeletons count={4} />;
  if (days.length === 0 && hidden.value.length === 0) return <Nothing />;
  return (
    <>
      <Gradually
        all={days}
        draw={(day) => (
          <DayGroup
            key={day.date}
            day={day}
            // the last day of a page may go on in the next one: no sum rather than a wrong one
            totals={hasMore.value && day === days.at(-1) ? null : (dayTotals.value.get(day.date) ?? null)}
          />
        )}
      />
      {hasMore.value && (
        <Button kind="ghost" busy={loadingMore.value} onClick={showMore}>
          {loadingMore.value ? 'Загружаем…' : 'Показать ещё'}
        </Button>
      )}
      <Hidden />
    </>
  );
}

/** P35: what the list leaves out without a line, and when it comes back. */
function Hidden() {
  const { count, sum } = totalsOf(hidden.value, notCounted.value);
  if (count === 0) return null;
  return (
    <p class="hint list-foot">
      Ещё <span class="num">{receiptsCount(count)}</span> на <span class="num">{formatMoney(sum)}</span> уже в КИАС — {count === 1 ? 'её' : 'их'} видно,
      когда есть связь
    </p>
  );
}

function Elsewhere() {
  const words = elsewhereWords();
  return words === null ? null : (
    <p class="hint list-foot">
      <a href="/devices">{words}</a>
    </p>
  );
}

function Nothing() {
  if (query.value.trim()) {
    return (
      <Empty icon="search" title="Ничего не нашлось">
        <p>
          {away.value && 'Без связи ищем только на этом телефоне. '}
          Проверьте номер, полис или фамилию.
        </p>
        <Button kind="ghost" onClick={() => (query.value = '')}>
          Показать все
        </Button>
      </Empty>
    );
  }
  return (
    <Empty icon="receipt" title={away.value ? 'На этом телефоне квитанций нет' : 'Квитанций пока нет'}>
      {mayIssue.value && <p>Нажмите «Новая квитанция». Интернет не нужен.</p>}
    </Empty>
  );
}
