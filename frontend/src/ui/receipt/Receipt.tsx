import type { ComponentChildren } from 'preact';
import { useEffect, useState } from '../kit/hooks';

import type { LocalReceipt } from '../../domain/model';
import { formatMoney } from '../../domain/money';
import { stateSentence } from '../../domain/texts';
import { amountInWords } from '../../domain/words';
import { receipts } from '../../sync';
import { mayReissue, replacementOf } from '../attention/rows';
import { ConnectionNotice } from '../connection/ConnectionNotice';
import { Button } from '../kit/Button';
import { Empty } from '../kit/Empty';
import { Notice } from '../kit/Notice';
import { Said } from '../kit/Said';
import { Screen } from '../kit/Screen';
import { StateMark } from '../kit/StateMark';
import { openOverlay, overlay } from '../router/router';
import { ShowClient } from '../saved/ShowClient';
import { shareCopies } from '../saved/share';
import { insteadOf } from '../words/copy';
import { OfficeFile } from '../unsent/OfficeFile';
import { rowOf } from '../words/rows';
import { STATES } from '../words/states';
import { CheckQr } from './CheckQr';
import { Facts } from './Facts';
import { History } from './History';
import { Steps } from './Steps';
import { insteadWords, issueInstead, notOpened } from './again';
import { useReceipt } from './useReceipt';
import { Begun, Withdraw } from './Withdraw';
import './receipt.css';

export function Receipt({ id }: { id: string }) {
  const found = useReceipt(id);
  switch (found.kind) {
    case 'here':
      return <Whole receipt={found.receipt} />;
    case 'loading':
      return (
        <Screen title="Квитанция" back>
          <div class="card receipt-head">
            <span class="skeleton skeleton-short" />
            <span class="skeleton skeleton-long" />
          </div>
        </Screen>
      );
    case 'away':
      return (
        <Screen title="Квитанция" back>
          <ConnectionNotice />
          <Empty icon="cloudOff" title="Этой квитанции нет на телефоне">
            <p>Её видно, когда есть связь.</p>
          </Empty>
        </Screen>
      );
    case 'not_found':
      return (
        <Screen title="Квитанция" back>
          <Empty icon="search" title="Квитанция не нашлась">
            <p>{found.message ?? 'Найдите её в списке.'}</p>
          </Empty>
        </Screen>
      );
  }
}

function Whole({ receipt }: { receipt: LocalReceipt }) {
  const [said, setSaid] = useState('');
  useEffect(() => {
    setSaid('');
    return () => void (notOpened.value = '');
  }, [receipt.id]);
  const { short, tone } = STATES[receipt.state];
  const sentence = stateSentence(receipt);
  const replacement = replacementOf(receipt.id);
  const here = receipts.value.some(({ id }) => id === receipt.id);
  const mayWithdraw = here && !receipt.withdrawal && !receipt.by_agent && receipt.state !== 'annulled' && !receipt.refunded && !replacement;

  return (
    <Screen
      title="Квитанция"
      back
      bottom={
        <>
          <Said>{said || notOpened.value}</Said>
          {mayReissue(receipt) && (
            <Button icon="plus" onClick={() => void issueInstead(receipt.id)}>
              {insteadWords(receipt)}
            </Button>
          )}
          <div class="saved-pair">
            <Button kind="ghost" onClick={() => openOverlay('client')}>
              Показать клиенту
            </Button>
            <Button kind="ghost" icon="share" onClick={() => void shareCopies([receipt]).then(setSaid)}>
              Поделиться
            </Button>
          </div>
        </>
      }
    >
      <ConnectionNotice />
      <section class="card receipt-head">
        <p class="receipt-number num">№ {receipt.number}</p>
        <p class="receipt-sum big num">{formatMoney(receipt.amount)}</p>
        <p class="hint">{amountInWords(receipt.amount)}</p>
        <p class={`receipt-state tone-${tone}`}>
          <StateMark state={receipt.state} />
          {rowOf(receipt).word ?? short}
        </p>
        <Steps state={receipt.state} />
        {receipt.replaces && (
          <Chained to={receipt.replaces.id}>{insteadOf(receipt.replaces.number || numberOf(receipt.replaces.id))}</Chained>
        )}
        {replacement && <Chained to={replacement.id}>Заменена квитанцией № {replacement.number}</Chained>}
      </section>
      {sentence && (
        <div class="receipt-word">
          <Notice tone={tone === 'red' ? 'red' : 'amber'} icon={receipt.state === 'held' ? 'clock' : 'alert'}>
            {sentence}
          </Notice>
          {receipt.later_reason === 'unknown_version' && <OfficeFile />}
        </div>
      )}
      {receipt.check && <CheckQr check={receipt.check} />}
      <Facts receipt={receipt} />
      <History steps={receipt.history} />
      {mayWithdraw && (
        <div class="saved-pair receipt-word">
          <Button kind="ghost" onClick={() => openOverlay('withdraw')}>
            Отменить
          </Button>
          <Button kind="ghost" onClick={() => openOverlay('again')}>
            Отменить и оформить заново
          </Button>
        </div>
      )}
      {overlay.value === 'client' && <ShowClient receipt={receipt} />}
      {(overlay.value === 'withdraw' || overlay.value === 'again') && <Withdraw receipt={receipt} again={overlay.value === 'again'} />}
      {overlay.value === 'begun' && <Begun id={receipt.id} />}
    </Screen>
  );
}

function Chained({ to, children }: { to: string; children: ComponentChildren }) {
  return (
    <p class="hint num">
      <a href={`/receipt/${to}`}>{children}</a>
    </p>
  );
}

const numberOf = (id: string): string => receipts.value.find((known) => known.id === id)?.number ?? '';
