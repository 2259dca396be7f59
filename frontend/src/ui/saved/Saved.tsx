import { useEffect, useState } from '../kit/hooks';

import { localDate } from '../../domain/dates';
import { sameClient } from '../../domain/fields';
import type { LocalReceipt } from '../../domain/model';
import { formatMoney } from '../../domain/money';
import { receiptsCount } from '../../domain/plural';
import { leftOnlineSentence, savedSentence, sentSentence, stateSentence } from '../../domain/texts';
import { continueVisit, leftOnline, notCounted, receipts, sending, setup } from '../../sync';
import { announcement, means } from '../connection/model';
import { Button } from '../kit/Button';
import { Icon } from '../kit/Icon';
import { Notice } from '../kit/Notice';
import { Said } from '../kit/Said';
import { navigate, openOverlay, overlay } from '../router/router';
import { Receipt } from '../receipt/Receipt';
import { STORAGE_SILENT } from '../unsent/words';
import { ShowClient } from './ShowClient';
import { shareCopies } from './share';
import './saved.css';

/** Readable from a metre: how much, from whom, under which number, and where the receipt is now (P12, P15). */
export function Saved({ id }: { id: string }) {
  const receipt = receipts.value.find((known) => known.id === id);
  return receipt ? <SavedReceipt receipt={receipt} /> : <Receipt id={id} />;
}

function SavedReceipt({ receipt }: { receipt: LocalReceipt }) {
  const [said, setSaid] = useState('');
  const waits = receipt.state === 'waiting';
  const sentence = waits ? savedSentence(receipt.number, means.value) : sentSentence(receipt.number, stateSentence(receipt));
  const renumbered = leftOnline.value === receipt.id ? leftOnlineSentence(receipt.number, !waits) : '';
  const visit = receipt.visit || receipt.id;
  const client = receipts.value.filter(({ id, visit: his }) => id === receipt.id || ((id === visit || his === visit) && !notCounted.value.has(id))).reverse();

  useEffect(() => {
    document.title = `${waits ? 'Сохранена' : 'Отправлена'} · КИАС Офлайн`;
    const said = `${renumbered} ${sentence}`.trim();
    announcement.value = said;
    return () => {
      if (announcement.peek() === said) announcement.value = '';
    };
  }, [sentence]);

  async function another(): Promise<void> {
    if (!receipt.fields || !setup.value) return;
    const { kind } = await continueVisit(visit, sameClient(receipt.fields, setup.value, localDate(new Date())));
    if (kind === 'open') navigate('/new', { replace: true });
    else setSaid(kind === 'begun' ? 'В форме уже начата другая квитанция. Сохраните или очистите её.' : STORAGE_SILENT);
  }

  return (
    <div class="screen">
      <main class="content saved-content">
        <h1 class="unseen">{waits ? 'Квитанция сохранена' : 'Квитанция отправлена'}</h1>
        <div class={`saved-mark on-${waits ? 'red' : 'green'}`}>
          <Icon name={waits ? 'phone' : 'check'} size="big" />
        </div>
        <p class="saved-sum big num">{formatMoney(receipt.amount)}</p>
        {receipt.fields && <p class="saved-name">{receipt.fields.insurant}</p>}
        <p class="saved-number num">№ {receipt.number}</p>
        {renumbered && (
          <div class="saved-sentence">
            <Notice tone="amber" icon="alert">
              <WholeNumber text={renumbered} number={receipt.number} />
            </Notice>
          </div>
        )}
        <p class="saved-sentence">
          <WholeNumber text={sentence} number={receipt.number} />
        </p>
        {waits && sending.value.active && <p class="hint saved-sending">Отправляем…</p>}
        {client.length > 1 && (
          <p class="saved-series on-accent num">
            Принято от клиента: {receiptsCount(client.length)}, {formatMoney(client.reduce((sum, known) => sum + known.amount, 0))}
          </p>
        )}
      </main>
      <footer class="bottom">
        <Said>{said}</Said>
        <div class="saved-pair">
          <Button kind="ghost" onClick={() => openOverlay('client')}>
            Показать клиенту
          </Button>
          <Button kind="ghost" icon="share" onClick={() => void shareCopies(client).then(setSaid)}>
            Поделиться
          </Button>
        </div>
        {receipt.fields && (
          <Button kind="ghost" icon="plus" onClick={() => void another()}>
            Ещё этому клиенту
          </Button>
        )}
        <Button onClick={() => navigate('/', { replace: true })}>Готово</Button>
      </footer>
      {overlay.value === 'client' && <ShowClient receipt={receipt} />}
    </div>
  );
}

/** A number is never broken at its dashes: it is read out to people. */
function WholeNumber({ text, number }: { text: string; number: string }) {
  const [before = '', after = ''] = text.split(number);
  return (
    <>
      {before}
      <span class="num">{number}</span>
      {after}
    </>
  );
}
