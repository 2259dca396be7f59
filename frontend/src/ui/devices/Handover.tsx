import { ConnectionNotice } from '../connection/ConnectionNotice';
import { Empty } from '../kit/Empty';
import { Notice } from '../kit/Notice';
import { Screen } from '../kit/Screen';
import { OfficeFile } from '../unsent/OfficeFile';
import { NO_MORE, handoverWords } from './words';

/** P17, on every screen where an agent would look for the form. */
export function HandoverNotice() {
  const words = handoverWords();
  return words === null ? null : (
    <Notice tone="amber" icon="alert">
      {words}
    </Notice>
  );
}

/** «Новая квитанция» for an agent who only hands over: why there is no form. */
export function NoForm() {
  return (
    <Screen title="Новая квитанция" back>
      <ConnectionNotice />
      <Empty icon="alert" title={NO_MORE}>
        <p>{handoverWords()?.slice(NO_MORE.length + 2)} Это ошибка? Позвоните в офис.</p>
        <OfficeFile />
      </Empty>
    </Screen>
  );
}
