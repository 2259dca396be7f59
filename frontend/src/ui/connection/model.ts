import { computed, effect, signal } from '../../signals';

import { receiptsCount } from '../../domain/plural';
import { type SendingMeans, connectionNotice } from '../../domain/texts';
import { type Unreachable, canSyncInBackground, connection, session, sessionEnds, waitingTotals } from '../../sync';
import { now } from '../kit/now';

/** How long a state must last before it is spoken (spec 4, P15): no announcement at every flicker. */
const STABLE_MS = 5000;

/** The last answer about the line: «checking» says nothing new. */
export const line = signal<'unknown' | 'online' | Unreachable>('unknown');

export const means = computed<SendingMeans>(() => ({
  // Without network nobody but the clock says that the session has ended meanwhile.
  confirmed: session.value.kind === 'agent' && session.value.confirmed && (line.value === 'online' || now.value.getTime() < sessionEnds.value),
  inBackground: canSyncInBackground.value,
  online: line.value === 'online',
}));

/** Shown at once; null with a working line. */
export const notice = computed<string | null>(() =>
  line.value === 'unknown' || line.value === 'online' ? null : connectionNotice(line.value, means.value),
);

const ENDED = 'Войдите по коду из SMS — и квитанции уйдут сами. Оформлять можно и без входа.';
const REVOKED = 'Этот телефон отозван. Всё, что на нём, цело. Войдите по коду из SMS: телефон получит новый код, неотправленные квитанции уйдут, и их проверит офис.';
const ENDS_SOON = 'Подтвердите вход сейчас, пока есть связь.';

/** With a working line: a login is needed, or will be soon (P16); null where there is nothing to say. */
export const loginNotice = computed<string | null>(() => {
  const who = session.value;
  if (who.kind !== 'agent' || notice.value !== null) return null;
  if (!who.confirmed) return who.revoked ? REVOKED : ENDED;
  return who.ask_ahead && line.value === 'online' ? ENDS_SOON : null;
});

/** What the polite region says. */
export const announcement = signal('');

/** Nothing stands in the way any more; `was` did. */
function backSentence(was: string | null): string {
  const { count } = waitingTotals.peek();
  const back = was === ENDED || was === ENDS_SOON || was === REVOKED ? 'Вы вошли.' : 'Снова есть связь.';
  return count === 0 ? back : `${back} Отправляем: ${receiptsCount(count)}.`;
}

export function watchConnection(): void {
  let spoken: string | null = null; // null: the line works as far as anybody was told
  effect(() => {
    if (connection.value !== 'checking') line.value = connection.value;
  });
  effect(() => {
    if (line.value === 'unknown') return;
    const text = notice.value ?? loginNotice.value;
    if (text === spoken) return;
    const timer = setTimeout(() => {
      announcement.value = text ?? backSentence(spoken);
      spoken = text;
    }, STABLE_MS);
    return () => clearTimeout(timer);
  });
}
