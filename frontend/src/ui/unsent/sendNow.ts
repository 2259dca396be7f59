import { signal } from '@preact/signals';

import { receiptsCount } from '../../domain/plural';
import { type DrainOutcome, drainNow } from '../../sync';
import type { Tone } from '../kit/Notice';

export interface Outcome {
  tone: Tone;
  text: string;
}

/** What came of the last «Отправить сейчас»; leaves with the screen. */
export const lastOutcome = signal<Outcome | null>(null);

/** One sentence for each outcome; null where the connection notice says it already. */
function outcomeWords(outcome: DrainOutcome): Outcome | null {
  switch (outcome.kind) {
    case 'done': {
      const kept = outcome.kept > 0 ? ` Сервер просит подождать: ${receiptsCount(outcome.kept)}.` : '';
      if (outcome.sent === 0 && kept) return { tone: 'amber', text: `${kept.trim()} Отправим позже сами.` };
      return { tone: 'green', text: `Отправлено: ${receiptsCount(outcome.sent)}.${kept}` };
    }
    case 'nothing':
      return { tone: 'green', text: 'Отправлять нечего: на этом телефоне ничего не ждёт.' };
    case 'busy':
      return { tone: 'accent', text: 'Уже отправляем.' };
    case 'login_required':
      return { tone: 'amber', text: 'Войдите по коду из SMS — и квитанции уйдут сами.' };
    case 'refused':
      return { tone: 'red', text: `${outcome.problem.message} Квитанции остались на телефоне.` };
    case 'storage_failed':
      return { tone: 'red', text: 'Память телефона не ответила. Закройте приложение и откройте снова: ничего не потеряно.' };
    case 'offline':
    case 'foreign_page':
    case 'server_busy':
      return outcome.sent > 0 ? { tone: 'amber', text: `Успели отправить: ${receiptsCount(outcome.sent)}. Остальные уйдут позже.` } : null;
  }
}

export async function sendNow(): Promise<void> {
  lastOutcome.value = null;
  lastOutcome.value = outcomeWords(await drainNow());
}
