import { signal } from '../../signals';

import { receiptsCount } from '../../domain/plural';
import { type DrainOutcome, drainNow, othersWaiting, receipts, waitingTotals } from '../../sync';
import { announcement } from '../connection/model';
import type { Tone } from '../kit/Notice';
import { navigate } from '../router/router';
import { STORAGE_SILENT } from './words';

export interface Outcome {
  tone: Tone;
  text: string;
  /** the line was in the way: said with what the line's state means, as one notice */
  away?: true;
}

/** What came of the last «Отправить сейчас»; leaves with the screen. */
export const lastOutcome = signal<Outcome | null>(null);

const SENDING = 'Уже отправляем.';

/** One sentence for each outcome: a tap is always answered. Null: only a login helps. */
function outcomeWords(outcome: DrainOutcome, withdrawals: number): Outcome | null {
  switch (outcome.kind) {
    case 'done': {
      const kept = outcome.kept > 0 ? ` Пока не прошло: ${receiptsCount(outcome.kept)}.` : '';
      if (outcome.sent === 0 && kept) return { tone: 'amber', text: `${kept.trim()} Отправим позже сами.` };
      return { tone: 'green', text: `Отправлено${withdrawals ? '' : `: ${receiptsCount(outcome.sent)}`}.${kept}` };
    }
    case 'nothing':
      if (waitingTotals.peek().count + othersWaiting.peek().count > 0) return { tone: 'accent', text: SENDING }; // saved meanwhile
      return { tone: 'green', text: 'Отправлять нечего.' };
    case 'busy':
      return { tone: 'accent', text: SENDING };
    case 'login_required':
      return null;
    case 'refused':
      return { tone: 'red', text: `${outcome.problem.message} Квитанции остались на телефоне.` };
    case 'storage_failed':
      return { tone: 'red', text: STORAGE_SILENT };
    case 'offline':
    case 'foreign_page':
    case 'server_busy':
      return { tone: 'amber', away: true, text: outcome.sent > 0 ? `Успели отправить: ${receiptsCount(outcome.sent)}.` : 'Пока не отправилось.' };
  }
}

export async function sendNow(): Promise<void> {
  lastOutcome.value = null;
  const withdrawals = receipts.peek().filter(({ withdrawal }) => withdrawal?.state === 'waiting').length;
  const outcome = outcomeWords(await drainNow(), withdrawals);
  lastOutcome.value = outcome;
  if (outcome) announcement.value = outcome.text;
  else navigate('/login');
}
