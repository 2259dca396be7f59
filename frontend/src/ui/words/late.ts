import type { Late } from '../../domain/late';
import { plural, receiptsCount } from '../../domain/plural';
import { longDay } from './dates';

/** One sentence for the oldest of `count` that wait, and what to do (P39). */
export function lateWords({ since, days, until }: Late, count: number, today: string): string {
  const [begun, last] = [since, until].map((day) => longDay(day, today));
  const waits = `${days}\u00a0${plural(days, 'день', 'дня', 'дней')}`;
  const what =
    count > 1
      ? `${receiptsCount(count)} ${plural(count, 'ждёт', 'ждут', 'ждут')} отправки, самая ранняя от ${begun}: ${waits}. Чек по ней`
      : `Квитанция от ${begun} ждёт отправки ${waits}. Чек`;
  const needed = until < today ? 'был нужен' : 'нужен';
  return `${what} ${needed} до ${last}: найдите связь или передайте файл в офис.`;
}
