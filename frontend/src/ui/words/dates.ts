/**
 * Dates as people say them, always in Russian, whatever language the phone speaks (P30). A receipt's day is its
 * calendar date; a moment is shown in the phone's own time zone. `today`: the phone's own date.
 */

import { localDate, pad, shiftDate } from '../../domain/dates';

/** By hand: the three formatters of `Intl` cost a cold start more than all else this app does while it is loaded. */
const MONTHS = 'января февраля марта апреля мая июня июля августа сентября октября ноября декабря'.split(' ');

const parts = (date: string) => {
  const [year = '', month = '', day = ''] = date.split('-');
  return { year, month: MONTHS[Number(month) - 1] ?? '', day: String(Number(day)) };
};

/** «19 ноября», of another year «31 декабря 2025». */
export function longDay(date: string, today: string): string {
  const { year, month, day } = parts(date);
  return `${day} ${month}${today.startsWith(year) ? '' : ` ${year}`}`;
}

function nearName(date: string, today: string): 'сегодня' | 'вчера' | null {
  if (date === today) return 'сегодня';
  return date === shiftDate(today, -1) ? 'вчера' : null;
}

/** Heading of a day in a list: «Сегодня, 22 ноября», «Вчера», «19 ноября». */
export function dayHeading(date: string, today: string): string {
  const near = nearName(date, today);
  if (near === 'сегодня') return `Сегодня, ${longDay(date, today)}`;
  return near ? 'Вчера' : longDay(date, today);
}

/** «22 ноя 2026» for a field. */
export function shortDate(date: string): string {
  const { year, month, day } = parts(date);
  return `${day}\u00a0${month.slice(0, 3)} ${year}`;
}

/** «14:05». */
export function clock(moment: string): string {
  const at = new Date(moment);
  return [at.getHours(), at.getMinutes()].map(pad).join(':');
}

/** «сегодня, 14:05», «вчера, 9:12», «19 ноября, 14:05». */
export function momentWords(moment: string, today: string): string {
  const date = localDate(new Date(moment));
  return `${nearName(date, today) ?? longDay(date, today)}, ${clock(moment)}`;
}

/** Short enough for a row: «14:05» of today, «вчера», «19 ноября». */
export function whenWords(moment: string, today: string): string {
  return momentWords(moment, today).replace('сегодня, ', '').replace(/, .*/, '');
}
