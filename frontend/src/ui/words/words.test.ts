import { describe, expect, it } from 'vitest';

import type { LocalReceipt, ReceiptFields, ReceiptState, Setup } from '../../domain/model';
import { copyLines, issuedWords } from './copy';
import { dayHeading, momentWords, shortDate, whenWords } from './dates';
import { byDay, byNewest, mergeRow, rowOf, totalsOf } from './rows';

const FIELDS: ReceiptFields = {
  receipt_date: '2026-11-22', product: 'osago', policy_series: 'ХХХ', policy_number: '0123456789', policy_date: null, instalment: 1,
  amount: 324550, payment_form: 'cash', payment_reference: '', no_reference_reason: '', insurant: 'Сидорова Аглая Потаповна', insurant_kind: 'person', payer: '',
  check_to: 'insurant', document_kind: 'passport_rf', document_number: '0411123456', contact_phone: '+79123456789', contact_email: '',
  no_contact: false, comment: '',
};

function receipt(given: Partial<LocalReceipt> = {}): LocalReceipt {
  return {
    id: 'r1', installation: 'i1', number: 'БС-К7М3Т-00042-9', state: 'waiting', amount: 324550, receipt_date: '2026-11-22',
    issued_at: '2026-11-22T07:05:11.123Z', offset_min: 420, fields: FIELDS, history: [], reason: '', later_reason: '', acts: '', field: '', replaces: null, visit: '', withdrawal: null, copy_shown_at: null, check: null, ...given,
  };
}

const row = (state: ReceiptState, given: Partial<LocalReceipt> = {}) => rowOf(receipt({ state, ...given }));

describe('dates as people say them', () => {
  const today = '2026-11-22';
  it.each([
    ['2026-11-22', 'Сегодня, 22 ноября'],
    ['2026-11-21', 'Вчера'],
    ['2026-11-05', '5 ноября'],
    ['2025-12-31', '31 декабря 2025'],
  ])('%s is headed «%s»', (date, heading) => expect(dayHeading(date, today)).toBe(heading));
  it('says the moment with its day', () => {
    expect(momentWords(new Date(2026, 10, 22, 14, 5).toISOString(), today)).toBe('сегодня, 14:05');
    expect(momentWords(new Date(2026, 10, 21, 9, 12).toISOString(), today)).toBe('вчера, 09:12');
    expect(whenWords(new Date(2026, 10, 22, 14, 5).toISOString(), today)).toBe('14:05');
    expect(whenWords(new Date(2026, 10, 21, 9, 12).toISOString(), today)).toBe('вчера');
    expect(whenWords(new Date(2026, 10, 19, 9, 12).toISOString(), today)).toBe('19 ноября');
  });
  it('writes a date short', () => expect(shortDate('2026-11-02')).toBe('2\u00a0ноя 2026'));
});

describe('rows of what phone and server know', () => {
  const found = (state: ReceiptState) => ({ ...row(state), insurant: 'Сидорова А. П.' });
  it('takes the further state of two answers', () => {
    expect(mergeRow(row('accepted'), found('fiscalised')).state).toBe('fiscalised');
    expect(mergeRow(row('fiscalised'), found('accepted')).state).toBe('fiscalised');
  });
  it('keeps waiting until the phone itself has the answer (F31)', () => {
    expect(mergeRow(row('waiting'), found('accepted')).state).toBe('waiting');
  });
  it('counts nothing for an annulled receipt', () => {
    expect(totalsOf([row('accepted'), row('annulled')])).toEqual({ count: 1, sum: 324550 });
  });
  it('groups by day, newest first', () => {
    const rows = [row('accepted', { receipt_date: '2026-11-20' }), row('accepted'), row('waiting', { issued_at: '2026-11-22T09:00:00Z' })];
    expect(byDay(rows.sort(byNewest)).map((day) => [day.date, day.rows.map((one) => one.state)])).toEqual([
      ['2026-11-22', ['waiting', 'accepted']],
      ['2026-11-20', ['accepted']],
    ]);
  });
});

describe("the client's copy (P24)", () => {
  it('says the moment at the place of issue with its offset', () => {
    expect(issuedWords(receipt())).toBe('22.11.2026 14:05, UTC+7');
    expect(issuedWords(receipt({ offset_min: -210 }))).toBe('22.11.2026 03:35, UTC−3:30');
  });
  it('says the day of the receipt first where it is another one (P35)', () => {
    expect(issuedWords(receipt({ receipt_date: '2026-11-20' }))).toBe('20.11.2026, оформлена 22.11.2026 14:05, UTC+7');
  });
  const insurer = { name: 'АО «Страховщик»', inn: '7707067683', address: 'Москва', licence: 'СИ № 1' };
  const setup: Setup = { sealing_key: { id: '', public_key: '' }, products: [], payment_forms: [], document_kinds: [], backdate_days: 3, insurer };
  const agent = { name: 'Антонова Анна Ивановна', contract: 'АГ-1' };

  it('names insurer, agent and his contract, payer and the policy with its date', () => {
    const fields = { ...FIELDS, payer: 'Иванова Мария Петровна', policy_date: '2026-11-20', product: 'ОСАГО' };
    expect(copyLines(receipt({ fields }), setup, agent)).toEqual([
      'АО «Страховщик», ИНН 7707067683, Москва, лицензия СИ № 1',
      'Квитанция на получение страховой премии (взноса) № БС-К7М3Т-00042-9',
      '22.11.2026 14:05, UTC+7',
      'Страхователь: Сидорова Аглая Потаповна',
      'Плательщик: Иванова Мария Петровна',
      'ОСАГО, полис ХХХ 0123456789 от 20.11.2026, взнос № 1',
      'Сумма: 3\u202f245,50\u202f₽ (Три тысячи двести сорок пять рублей 50 копеек)',
      'Оплата: cash',
      'Получил (агент): Антонова Анна Ивановна, договор № АГ-1',
      'Уплатил: Иванова Мария Петровна',
      'Деньги приняты агентом от имени страховщика. Это не кассовый чек: чек страховщик направит на +7 ••• •••-67-89.',
    ]);
  });
  it('never carries the document or the full contact', () => {
    const text = copyLines(receipt({ fields: { ...FIELDS, contact_email: 'maria@mail.ru' } }), setup, agent).join('\n');
    for (const secret of ['0411', '123456\n', '9123456789', 'maria@']) expect(text).not.toContain(secret);
    expect(text).toContain('m…@mail.ru');
  });
  it('says where the check is for a client without phone and e-mail (P23)', () => {
    const text = copyLines(receipt({ fields: { ...FIELDS, contact_phone: '', no_contact: true } }), null, null).join('\n');
    expect(text).toContain('чек можно получить в офисе и по QR-коду в квитанции.');
  });
  it('of a replacement names the receipt that the client still holds', () => {
    expect(copyLines(receipt({ replaces: { id: 'r0', number: 'БС-К7М3Т-00041-5' } }), null, null)).toContain('Взамен квитанции № БС-К7М3Т-00041-5');
    expect(copyLines(receipt(), null, null).join()).not.toContain('Взамен');
  });
});
