import { stateSentence } from '../../domain/texts';
import { notices, receipts } from '../../sync';
import { ConnectionNotice } from '../connection/ConnectionNotice';
import { Button } from '../kit/Button';
import { Empty } from '../kit/Empty';
import { ReceiptRow } from '../kit/ReceiptRow';
import { Screen } from '../kit/Screen';
import { navigate } from '../router/router';
import { rowOf } from '../words/rows';
import { insteadWords, issueInstead } from '../receipt/again';
import { Notices } from './Notices';
import { mayReissue, needsAttention } from './rows';

/** «Требуют внимания»: what KIAS refused and what the office examines, with who has to act (P02, P09). */
export function Attention() {
  const rows = receipts.value.filter(needsAttention);
  return (
    <Screen title="Требуют внимания" back>
      <ConnectionNotice />
      <Notices />
      {rows.length === 0 && notices.value.length === 0 && (
        <Empty icon="check" tone="green" title="Ничего не требует внимания">
          <p>Здесь будет то, что КИАС не провёл или проверяет офис.</p>
        </Empty>
      )}
      {rows.length > 0 && (
        <ul class="card rows">
          {rows.map((receipt) => (
            <ReceiptRow
              key={receipt.id}
              {...rowOf(receipt)}
              note={stateSentence(receipt)}
              action={
                mayReissue(receipt) && (
                  <Button
                    kind="ghost"
                    onClick={() => {
                      navigate(`/receipt/${receipt.id}`);
                      void issueInstead(receipt.id);
                    }}
                  >
                    {insteadWords(receipt)}
                  </Button>
                )
              }
            />
          ))}
        </ul>
      )}
    </Screen>
  );
}
