import { setup } from '../../sync';
import { Notice } from '../kit/Notice';

/** Whether one may go where there is no network, or what is still missing. */
export function Readiness({ ready }: { ready: boolean }) {
  const missing = setup.value === null ? 'справочники' : 'само приложение';
  return (
    <div class="menu-ready">
      {ready ? (
        <Notice tone="green" icon="check">
          Телефон готов: можно работать без интернета
        </Notice>
      ) : (
        <Notice tone="amber" icon="clock">
          Пока не готов к работе без интернета: загружаем {missing}. Не закрывайте приложение, пока есть связь.
        </Notice>
      )}
    </div>
  );
}
