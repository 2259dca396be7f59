import { useEffect } from '../kit/hooks';

import type { LocalReceipt } from '../../domain/model';
import { formatMoney } from '../../domain/money';
import { plural, receiptsCount, unsentCount } from '../../domain/plural';
import { stateSentence } from '../../domain/texts';
import { elsewhere, mayIssue, notCounted, othersWaiting, receipts, sending, waitingTotals, waitingWithdrawals } from '../../sync';
import { ConnectionNotice } from '../connection/ConnectionNotice';
import { Progress } from '../connection/Progress';
import { notice } from '../connection/model';
import { HandoverNotice } from '../devices/Handover';
import { elsewhereWords, onSum } from '../devices/words';
import { Button, IconButton } from '../kit/Button';
import { Empty } from '../kit/Empty';
import { Gradually } from '../kit/Gradually';
import { Notice } from '../kit/Notice';
import { today } from '../kit/now';
import { ReceiptRow } from '../kit/ReceiptRow';
import { Screen } from '../kit/Screen';
import { navigate } from '../router/router';
import { whenWords } from '../words/dates';
import { rowOf } from '../words/rows';
import { OfficeFile } from './OfficeFile';
import { gone, waits } from './gone';
import { lastOutcome, sendNow } from './sendNow';
import './unsent.css';

/** «Неотправленные»: red circles are on this phone only, amber squares wait for KIAS on the server (P36). */
export function Unsent() {
  useEffect(() => () => void (lastOutcome.value = null), []);
  // What has gone meanwhile by itself is no longer «not yet».
  const said = lastOutcome.value?.tone === 'amber' && waitingTotals.value.count + othersWaiting.value.count === 0 ? null : lastOutcome.value;
  const withLine = said?.away && notice.value !== null;
  return (
    <Screen
      title="Неотправленные"
      back
      action={<SendNow />}
      bottom={
        mayIssue.value ? (
          <Button icon="plus" onClick={() => navigate('/new')}>
            Новая квитанция
          </Button>
        ) : (
          <HandOver />
        )
      }
    >
      <HandoverNotice />
      <ConnectionNotice text={nothingLost()} lead={withLine && said.text} />
      <Progress />
      {said && !withLine && (
        <Notice tone={said.tone} icon={said.tone === 'green' ? 'check' : 'alert'}>
          {said.text}
        </Notice>
      )}
      <Groups all={receipts.value} />
      <Others />
      <OfficeFile />
      {elsewhereWords() && <p class="hint list-foot">{elsewhereWords()}</p>}
    </Screen>
  );
}

/** What follows the sending is drawn alone: hundreds of rows below have no part in it. */
function SendNow() {
  return <IconButton icon="send" label="Отправить сейчас" accent busy={sending.value.active} onClick={() => void sendNow()} />;
}

function HandOver() {
  return (
    <Button icon="send" busy={sending.value.active} onClick={() => void sendNow()}>
      Передать оставшиеся
    </Button>
  );
}

function nothingLost(): string | undefined {
  const { count, sum } = waitingTotals.value;
  if (count === 0) return undefined;
  const wait = plural(count, 'ждёт', 'ждут', 'ждут');
  return `Нет связи с сервером. Ничего не потеряно: ${unsentCount(count, waitingWithdrawals.value)}${onSum(sum)} ${wait} на этом телефоне.`;
}

function Groups({ all }: { all: LocalReceipt[] }) {
  const waiting = all.filter(waits);
  const onServer = all.filter((receipt) => (receipt.state === 'accepted' || receipt.state === 'held') && !waits(receipt));
  if (waiting.length + onServer.length === 0) return <AllGone all={all} />;
  return (
    <>
      {waiting.length > 0 && <Group title="На этом телефоне" rows={waiting} when={savedWord} />}
      {onServer.length > 0 && <Group title="На сервере, ждут КИАС" rows={onServer} when={acceptedWord} />}
    </>
  );
}

function savedWord(receipt: LocalReceipt): string {
  return whenWords(receipt.issued_at, today.value);
}

function acceptedWord({ state, history }: LocalReceipt): string | false | undefined {
  const step = history.findLast((known) => known.state === 'accepted');
  return state !== 'held' && step && `принята ${whenWords(step.at, today.value)}`;
}

function Group({ title, rows, when }: { title: string; rows: LocalReceipt[]; when: (receipt: LocalReceipt) => string | false | undefined }) {
  const sum = rows.reduce((total, { id, amount }) => total + (notCounted.value.has(id) ? 0 : amount), 0);
  return (
    <section aria-label={title}>
      <h2 class="day">
        <span>{title}</span>
        <span class="num">
          {rows.length}
          {sum > 0 && ` · ${formatMoney(sum)}`}
        </span>
      </h2>
      <ul class="card rows">
        <Gradually
          all={rows}
          draw={(receipt) => {
            const row = rowOf(receipt);
            if (receipt.state === 'waiting') row.note ??= stateSentence(receipt);
            return <ReceiptRow key={row.id} {...row} when={when(receipt)} />;
          }}
        />
      </ul>
    </section>
  );
}

function AllGone({ all }: { all: LocalReceipt[] }) {
  switch (gone(all, othersWaiting.value.count + elsewhere.value.count)) {
    case 'attention':
      return (
        <Empty icon="alert" title="Отправлять нечего">
          <p>
            На телефоне ничего не ждёт, но не всё прошло в КИАС: <a href="/attention">посмотрите, что требует внимания</a>.
          </p>
        </Empty>
      );
    case 'confirmed':
      return (
        <Empty icon="check" tone="green" title="Всё отправлено и подтверждено КИАС">
          <p>На телефоне ничего не ждёт.</p>
        </Empty>
      );
    case 'nothing':
      return (
        <Empty icon="phone" title="Неотправленных нет">
          <p>Оформленные без связи ждут здесь и уходят сами, когда связь появится.</p>
        </Empty>
      );
    case 'not_all':
      return null; // what waits elsewhere is said below
  }
}

function Others() {
  const { count, sum } = othersWaiting.value;
  if (count === 0) return null;
  return (
    <p class="hint list-foot">
      На этом телефоне есть и квитанции другого агента: {receiptsCount(count)} на {formatMoney(sum)}. Они уйдут вместе с вашими.
    </p>
  );
}
