/**
 * Dates as people say them, always in Russian, whatever language the phone speaks (P30). A receipt's day is its
 * calendar date; a moment is shown in the phone's own time zone.
 */

import { localDate, shiftDate } from '../../domain/dates';

const DAY = new Intl.DateTimeFormat('ru-RU', { day: 'numeric', month: 'long' });
const DAY_YEAR = new Intl.DateTimeFormat('ru-RU', { day: 'numeric', month: 'long', year: 'numeric' });
const MONTHS = ['янв', 'фев', 'мар', 'апр', 'мая', 'июн', 'июл', 'авг', 'сен', 'окт', 'ноя', 'дек'];
const TIME = new Intl.DateTimeFormat('ru-RU', { hour: '2-digit', minute: '2-digit' });

/** Noon keeps a calendar date on its day in every zone, daylight saving included. */
function atNoon(date: string): Date {
  return new Date(`${date}T12:00:00`);
}

/** «19 ноября», of another year «31 декабря 2025». */
export function longDay(date: string, now: Date): string {
  const format = date.slice(0, 4) === localDate(now).slice(0, 4) ? DAY : DAY_YEAR;
  return format.format(atNoon(date)).replace(' г.', '');
}

function nearName(date: string, now: Date): 'сегодня' | 'вчера' | null {
  const today = localDate(now);
  if (date === today) return 'сегодня';
  return date === shiftDate(today, -1) ? 'вчера' : null;
}

/** Heading of a day in a list: «Сегодня, 22 ноября», «Вчера», «19 ноября». */
export function dayHeading(date: string, now: Date): string {
  const near = nearName(date, now);
  if (near === 'сегодня') return `Сегодня, ${longDay(date, now)}`;
  return near ? 'Вчера' : longDay(date, now);
}

/** «22 ноя 2026» for a field. */
export function shortDate(date: string): string {
  const [year = '', month = '', day = ''] = date.split('-');
  return `${Number(day)}\u00a0${MONTHS[Number(month) - 1] ?? ''} ${year}`;
}

/** «14:05». */
export function clock(moment: string): string {
  return TIME.format(new Date(moment));
}

/** «сегодня, 14:05», «вчера, 9:12», «19 ноября, 14:05». */
export function momentWords(moment: string, now: Date): string {
  const date = localDate(new Date(moment));
  return `${nearName(date, now) ?? longDay(date, now)}, ${clock(moment)}`;
}

/** Short enough for a row: «14:05» of today, «вчера», «19 ноября». */
export function whenWords(moment: string, now: Date): string {
  return momentWords(moment, now).replace('сегодня, ', '').replace(/, .*/, '');
}
