import type { Answer, Problem } from '../../sync';

/** What a person reads when the server could not be asked at all. */
const AWAY = {
  offline: 'Нет связи с сервером. Проверьте интернет.',
  foreign_page: 'Эта сеть Wi-Fi просит сначала войти на её странице. Откройте браузер, войдите и вернитесь.',
  server_busy: 'Сервер временно занят. Попробуйте через минуту.',
} as const;

/** The refusal of an answer in one shape, or null when it is fine. */
export function refusalOf(answer: Answer<unknown>): Problem | null {
  if (answer.kind === 'ok') return null;
  if (answer.kind === 'refused') return answer.problem;
  return { code: answer.kind, message: AWAY[answer.kind] };
}
