import { useState } from '../kit/hooks';

import { formatPhone } from '../../domain/phone';
import { type PendingLogin, confirmNumber, mayIssue, requestNumberCode, session } from '../../sync';
import { ConnectionNotice } from '../connection/ConnectionNotice';
import { Button } from '../kit/Button';
import { Empty } from '../kit/Empty';
import { Screen } from '../kit/Screen';
import { CodeStep } from '../login/CodeStep';
import { PhoneStep } from '../login/PhoneStep';
import { goBack } from '../router/router';
import { NO_MORE } from './words';
import '../login/login.css';

/** «Сменить номер»: the new number, the code sent to it, done (P25). */
export function NewNumber() {
  const [pending, setPending] = useState<PendingLogin>({ phone_number: '', attempt: null, code: '' });
  const [changed, setChanged] = useState(false);
  if (session.value.kind !== 'agent') return null;
  const present = formatPhone(session.value.agent.phone_number);

  async function ask(number: string): ReturnType<typeof requestNumberCode> {
    const answer = await requestNumberCode(number);
    if (answer.kind === 'ok') setPending({ ...answer.value, code: pending.code });
    return answer;
  }

  async function confirm(code: string): ReturnType<typeof confirmNumber> {
    const answer = await confirmNumber(code);
    if (answer.kind === 'ok') setChanged(true);
    // A number that is another's, or a code that is over: back to the number, which keeps what was typed.
    else if (answer.kind === 'refused' && answer.problem.code === 'code_expired') setPending({ ...pending, attempt: null, code: '' });
    return answer;
  }

  return (
    <Screen title="Сменить номер" back>
      <ConnectionNotice />
      {changed ? (
        <Empty icon="check" tone="green" title="Номер изменён">
          <p>
            Теперь входите с номером <span class="num">{present}</span>.
          </p>
          <Button kind="ghost" onClick={goBack}>
            Готово
          </Button>
        </Empty>
      ) : !mayIssue.value ? (
        <Empty icon="alert" title={NO_MORE}>
          <p>Сменился номер? Позвоните в офис.</p>
        </Empty>
      ) : pending.attempt ? (
        <CodeStep
          heading={<h2>Код из SMS</h2>}
          button="Сменить номер"
          pending={pending}
          attempt={pending.attempt}
          onTyped={(code) => setPending({ ...pending, code })}
          onForget={() => setPending({ ...pending, attempt: null, code: '' })}
          onAsk={ask}
          onConfirm={confirm}
        />
      ) : (
        <PhoneStep
          heading={null}
          lead={
            <>
              Сейчас <span class="num">{present}</span>. Пришлём код на новый номер, а на прежний — сообщение о смене.
            </>
          }
          label="Новый номер"
          typed={pending.phone_number}
          onTyped={(phone_number) => setPending({ ...pending, phone_number })}
          onAsk={ask}
        />
      )}
    </Screen>
  );
}
