import { forgetPin, justProven } from '../../sync';
import { line } from '../connection/model';
import { Button } from '../kit/Button';
import { Dialog } from '../kit/Dialog';
import { closeOverlay, navigate } from '../router/router';

/** «Забыли PIN-код?»: the old rows stay closed whatever he does; nothing that waits is lost (P27). */
export function Forgot({ onAfresh }: { onAfresh: () => void }) {
  const proven = justProven();
  const online = proven || line.value === 'online';

  async function goOn(): Promise<void> {
    const sure = justProven(); // no more, if nobody has touched the screen for long
    if (!online) {
      closeOverlay();
      onAfresh();
      return;
    }
    await forgetPin();
    if (sure) closeOverlay();
    else navigate('/login');
  }

  return (
    <Dialog kind="sheet" label="Забыли PIN-код?">
      <h2>Забыли PIN-код?</h2>
      <p>
        {proven
          ? 'Придумайте новый. Неотправленные квитанции останутся и уйдут.'
          : online
            ? 'Войдите по коду из SMS и придумайте новый PIN-код. Неотправленные квитанции останутся и уйдут.'
            : 'Связи нет, но работать можно. Прежние квитанции останутся закрытыми и уйдут после входа по коду из SMS; их номера и суммы видны в «Неотправленных». Начатая форма пропадёт.'}
      </p>
      <Button onClick={closeOverlay}>Вспомнить ещё раз</Button>
      <Button kind="danger" onClick={() => void goOn()}>
        {proven ? 'Придумать новый' : online ? 'Войти по коду из SMS' : 'Начать с чистого списка'}
      </Button>
    </Dialog>
  );
}
