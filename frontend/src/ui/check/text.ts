/** «Проверка телефона» as a text for the office: no name, no phone number, nothing of a client. */

import { formatMoney } from '../../domain/money';
import type { PhoneFacts } from '../../sync';
import { freeSpace, megabytes } from '../ready/lines';

export interface Check {
  facts: PhoneFacts;
  now: Date;
  version: string;
  newer: boolean;
  shell: boolean;
  worker: string;
  inBackground: boolean;
  connection: string;
  /** in words */
  session: string;
  installed: boolean;
  failures: readonly string[];
  userAgent: string;
}

const word = (value: boolean | null): string => (value === null ? '?' : value ? 'да' : 'нет');

export function checkText(given: Check): string {
  const { facts, now, version, newer, shell, worker, inBackground, connection, session, installed, failures, userAgent } = given;
  const free = freeSpace(facts);
  return [
    `КИАС Офлайн ${version}${newer ? ' (есть новее)' : ''}`,
    `Телефон ${facts.code || '—'}, счётчик ${String(facts.counter)}, вход: ${session}`,
    `Ждут отправки: ${String(facts.waiting.count)} на ${formatMoney(facts.waiting.sum)}${facts.reasons.length ? ` (${facts.reasons.join(', ')})` : ''}`,
    `Связь: ${connection}, сервер ответил ${facts.last_contact ?? '—'}`,
    `Сейчас ${now.toISOString()}, пояс ${String(-now.getTimezoneOffset())} мин, часы ${facts.skew_ms === null ? '?' : `${String(Math.round(facts.skew_ms / 1_000))} с`}`,
    `Память: занято ${facts.storage_usage === null ? '?' : megabytes(facts.storage_usage)}, свободно ${free === null ? '?' : megabytes(free)}, закреплена: ${word(facts.storage_persisted)}`,
    `Без интернета: ${word(shell)}, worker: ${worker || '—'}, фоновая отправка: ${word(inBackground)}, установлено: ${word(installed)}`,
    `Справочники: ${facts.setup_at === null ? '—' : new Date(facts.setup_at).toISOString()}, PIN: ${word(facts.pin)}`,
    `Ошибки: ${failures.join('; ') || 'нет'}`,
    userAgent,
  ].join('\n');
}
