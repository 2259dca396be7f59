/** The exact sentences about sending (P15) and the hops of a receipt (P36). */

import type { LocalReceipt, ReceiptState } from './model';

/** What decides how unsent receipts will leave this phone. */
export interface SendingMeans {
  /** a session confirmed by SMS is alive */
  confirmed: boolean;
  /** the line works at this moment */
  online?: boolean;
  /** the browser sends with the app closed */
  inBackground: boolean;
}

type Away = 'offline' | 'foreign_page' | 'server_busy';

function later(means: SendingMeans, theyLeave: string): string {
  if (means.online && !means.confirmed) return `Войдите по коду из SMS — ${theyLeave}.`;
  return `Когда появится связь, ${means.confirmed ? 'откройте приложение' : 'войдите по коду из SMS'} — ${theyLeave}.`;
}

/** Said after five seconds of a stable state, not at every flicker. */
export function connectionNotice(connection: Away, means: SendingMeans): string {
  switch (connection) {
    case 'foreign_page':
      return 'Эта сеть Wi-Fi просит сначала войти на её странице. Откройте браузер, войдите и вернитесь.';
    case 'server_busy':
      return 'Интернет есть, сервер временно занят. Квитанции в сохранности, отправим позже.';
    case 'offline': {
      const start = 'Нет связи с сервером. Квитанции сохраняются на этом телефоне';
      if (means.confirmed && means.inBackground) return `${start} и уйдут сами, когда связь появится.`;
      return `${start}. ${later(means, 'они уйдут сами')}`;
    }
  }
}

export function savedSentence(number: string, means: SendingMeans): string {
  const start = `Квитанция № ${number} сохранена на этом телефоне`;
  if (means.confirmed && means.inBackground) return `${start} и уйдёт сама, когда связь появится.`;
  return `${start}. ${later(means, 'она уйдёт сама')}`;
}

/** The online number was given back at «Сохранить» (spec «Numbers»); `sent`: by now the line is there again. */
export function leftOnlineSentence(number: string, sent = false): string {
  return `Связи ${sent ? 'не было' : 'нет'}: номер квитанции теперь ${number}.`;
}

/** `said`: what its state says by now, where that is more than being on its way. */
export function sentSentence(number: string, said = ''): string {
  return `Квитанция № ${number} отправлена. ${said || 'КИАС подтвердит её чуть позже.'}`;
}

type Told = Pick<LocalReceipt, 'state' | 'reason' | 'later_reason' | 'acts' | 'by_agent' | 'refunded' | 'withdrawal'>;

const OFFICE = 'от вас ничего не нужно.';

/** The sentence under a receipt that is not simply on its way (P01, P02, P09); empty where its state says all. */
export function stateSentence({ state, reason, later_reason, acts, by_agent, refunded, withdrawal }: Told): string {
  if (withdrawal?.state === 'waiting') return 'Отмена ждёт отправки.';
  switch (state) {
    case 'waiting':
      if (later_reason === 'foreign_page') return 'Эта сеть не пропускает квитанцию. Она сохранена на телефоне: попробуйте другую сеть.';
      return later_reason === 'unknown_version' ? 'Сервер ещё не умеет прочитать эту квитанцию. Она сохранена на телефоне и уйдёт позже. Можно передать файл в офис.' : '';
    case 'held':
      return `${by_agent ? `Вы отменили квитанцию: ${reason}. ` : ''}Проверяет офис, ${OFFICE}`;
    case 'annulled': {
      const mine = by_agent || (!reason && withdrawal);
      const why = reason || withdrawal?.reason;
      return `${mine ? 'Отменена вами' : 'Аннулирована офисом'}${why ? `: ${why}` : ''}${mine || !why ? '.' : ''}`;
    }
    case 'rejected':
      if (acts && reason) return reason;
      return `КИАС пока не провёл квитанцию${reason && `: ${reason}`}. Этим занимается офис, ${OFFICE}`;
    case 'accepted':
    case 'registered':
    case 'fiscalised':
      if (refunded) return 'Офис исправил чек или вернул деньги.';
      return withdrawal ? `Отмена пришла, когда КИАС уже получал квитанцию. Офис исправит чек или вернёт деньги, ${OFFICE}` : '';
  }
}

export const HOPS = ['на телефоне', 'на сервере', 'в КИАС', 'чек готов'] as const;

const MADE: Partial<Record<ReceiptState, 1 | 3 | 4>> = { waiting: 1, registered: 3, fiscalised: 4 };

/** How many of the four hops a receipt has made, 1–4. */
export const hopsMade = (state: ReceiptState): 1 | 2 | 3 | 4 => MADE[state] ?? 2;
