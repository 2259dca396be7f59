import { useEffect } from '../kit/hooks';

import type { LocalReceipt } from '../../domain/model';
import { formatMoney } from '../../domain/money';
import { amountInWords } from '../../domain/words';
import { noteCopyShown, setup } from '../../sync';
import { Button } from '../kit/Button';
import { Dialog } from '../kit/Dialog';
import { closeOverlay } from '../router/router';
import { checkWords, issuedWords, policyWords } from '../words/copy';

/** Turned towards the client: large type, nothing that is his secret (P24). */
export function ShowClient({ receipt }: { receipt: LocalReceipt }) {
  useEffect(() => void noteCopyShown(receipt.id), [receipt.id]);
  return (
    <Dialog kind="page" label="Показать клиенту">
      <div class="client">
        <p class="client-kind">Квитанция на получение страховой премии (взноса)</p>
        <p class="client-number num">№ {receipt.number}</p>
        {receipt.replaces?.number && (
          <p class="client-words">
            Взамен квитанции <span class="num">№ {receipt.replaces.number}</span>
          </p>
        )}
        <p class="client-sum big num">{formatMoney(receipt.amount)}</p>
        <p class="client-words">{amountInWords(receipt.amount)}</p>
        <dl class="client-facts">
          {receipt.fields && (
            <>
              <dt>Страхователь</dt>
              <dd>{receipt.fields.insurant}</dd>
              <dt>За что</dt>
              <dd>{policyWords(receipt, setup.value)}</dd>
            </>
          )}
          <dt>Когда</dt>
          <dd class="num">{issuedWords(receipt)}</dd>
        </dl>
        <p class="client-check">{checkWords(receipt)}</p>
      </div>
      <div class="bottom">
        <Button onClick={closeOverlay}>Закрыть</Button>
      </div>
    </Dialog>
  );
}
