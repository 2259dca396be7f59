import { computed, effect, signal } from '@preact/signals';

import { receiptsCount } from '../../domain/plural';
import { type SendingMeans, connectionNotice } from '../../domain/texts';
import { type Unreachable, canSyncInBackground, connection, session, waitingTotals } from '../../sync';

/** How long a state must last before it is spoken (spec 4, P15): no announcement at every flicker. */
const STABLE_MS = 5000;

/** The last answer about the line: «checking» says nothing new. */
export const line = signal<'unknown' | 'online' | Unreachable>('unknown');

export const means = computed<SendingMeans>(() => ({
  confirmed: session.value.kind === 'agent' && session.value.confirmed,
  inBackground: canSyncInBackground.value,
  online: line.value === 'online',
}));

/** Shown at once; null with a working line. */
export const notice = computed<string | null>(() =>
  line.value === 'unknown' || line.value === 'online' ? null : connectionNotice(line.value, means.value),
);

/** What the polite region says. */
export const announcement = signal('');

function backSentence(): string {
  const { count } = waitingTotals.peek();
  if (count === 0) return 'Снова есть связь.';
  if (!means.peek().confirmed) return 'Снова есть связь. Войдите по коду из SMS, чтобы отправить квитанции.';
  return `Снова есть связь. Отправляем: ${receiptsCount(count)}.`;
}

export function watchConnection(): void {
  let spoken: string | null = null; // null: the line works as far as anybody was told
  effect(() => {
    if (connection.value !== 'checking') line.value = connection.value;
  });
  effect(() => {
    if (line.value === 'unknown') return;
    const text = notice.value;
    if (text === spoken) return;
    const timer = setTimeout(() => {
      spoken = text;
      announcement.value = text ?? backSentence();
    }, STABLE_MS);
    return () => clearTimeout(timer);
  });
}
