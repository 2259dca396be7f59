/** What must hold before one goes where there is no network, each with its remedy (spec «Без связи», F23, F24). */

import { localDate } from '../../domain/dates';
import type { PhoneFacts } from '../../sync';
import { longDay } from '../words/dates';

export type Remedy = 'install' | 'keep' | 'renew' | 'login' | 'update';

export interface Line {
  ok: boolean;
  /** without it the phone is not ready; the others are advice */
  matters: boolean;
  text: string;
  remedy?: Remedy;
}

/** Everything the lines are drawn from, so that they can be tested without a browser. */
export interface Readiness {
  facts: PhoneFacts;
  /** milliseconds since 1970 */
  now: number;
  shell: boolean;
  /** the version that runs; whether a newer one waits */
  version: string;
  newer: boolean;
  /** when the session ends, milliseconds; null: it is over */
  ends: number | null;
  installed: boolean;
  /** a browser's tab on an iPhone: its storage goes after 7 days without use */
  appleTab: boolean;
  littleSpace: number;
}

const DAY_MS = 86_400_000;
const SKEW_MS = 300_000;
const OLD_DAYS = 7;

export const megabytes = (bytes: number): string => `${new Intl.NumberFormat('ru-RU').format(Math.round(bytes / 1e6))}\u00a0МБ`;

/** What the browser says is left; Chromium names the same ten gigabytes everywhere, so only small figures tell something. */
export function freeSpace({ storage_quota: quota, storage_usage: usage }: PhoneFacts): number | null {
  return quota === null || usage === null ? null : Math.max(0, quota - usage);
}

export function linesOf(given: Readiness): Line[] {
  const { facts, now, shell, version, newer, ends, installed, appleTab } = given;
  const { storage_persisted: persisted, setup_at, skew_ms } = facts;
  const free = freeSpace(facts);
  const day = (at: number): string => longDay(localDate(new Date(at)), localDate(new Date(now)));
  const old = setup_at !== null && now - setup_at > OLD_DAYS * DAY_MS;
  const line = (ok: boolean, matters: boolean, good: string, bad: string, remedy?: Remedy): Line => ({ ok, matters, text: ok ? good : bad, ...(!ok && remedy && { remedy }) });
  return [
    line(shell, true, 'Приложение открывается без интернета', 'Приложение ещё загружается. Не закрывайте его, пока есть связь'),
    setup_at === null
      ? line(false, true, '', 'Справочников ещё нет. Найдите связь', 'renew')
      : line(!old, false, `Справочники от ${day(setup_at)}`, `Справочникам больше недели: от ${day(setup_at)}`, 'renew'),
    line(facts.pin, false, 'PIN-код задан', 'PIN-кода нет: квитанции увидит каждый'),
    appleTab
      ? line(false, true, '', 'На iPhone и iPad без интернета работает только установленное приложение', 'install')
      : line(persisted === true, false, 'Браузер не очистит память сам', 'Браузер может сам очистить память', installed ? 'keep' : 'install'),
    line(free === null || free >= given.littleSpace, true, 'Место на телефоне есть', `Мало места: ${megabytes(free ?? 0)}. Освободите память, например удалите видео`),
    line(
      skew_ms === null || Math.abs(skew_ms) < SKEW_MS,
      true,
      skew_ms === null ? 'Часы сверим, когда будет связь' : 'Часы идут верно',
      `Часы ${(skew_ms ?? 0) > 0 ? 'спешат' : 'отстают'}. Включите в настройках телефона «Дата и время сети»`,
    ),
    line(ends !== null && ends > now, false, ends === null || ends === Infinity ? 'Вы вошли' : `Вход действует до ${day(ends)}`, 'Вы не вошли: квитанции уйдут после кода из SMS', 'login'),
    line(!newer, false, `Версия ${version}`, `Версия ${version}, есть новее`, 'update'),
  ];
}

export const isReady = (lines: readonly Line[]): boolean => lines.every(({ ok, matters }) => ok || !matters);
