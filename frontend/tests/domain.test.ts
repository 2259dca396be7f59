import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { isInn, isPassportRf, maskDocument } from '../src/domain/documents';
import { emptyFields, isOrganisation, sameClient, settleFields, shortName, tidyFields } from '../src/domain/fields';
import type { ReceiptFields, Setup } from '../src/domain/model';
import { formatMoney, parseMoney } from '../src/domain/money';
import { ALPHABET, checkSymbol, foldNumber, formatNumber, parseNumber } from '../src/domain/numbers';
import { normalisePhone } from '../src/domain/phone';
import { plural } from '../src/domain/plural';
import { cleanText, holdsCardNumber } from '../src/domain/text';
import { connectionNotice, savedSentence, stateSentence } from '../src/domain/texts';
import { uuid7 } from '../src/domain/uuid7';
import { findErrors, findWarnings } from '../src/domain/validate';
import { amountInWords } from '../src/domain/words';
import { FIELDS } from './support/phone';

/** Read as a file: some of the hostile texts cannot become a module. */
function cases<T>(name: string): T {
  return JSON.parse(readFileSync(new URL(`../../tests/cases/${name}.json`, import.meta.url), 'utf8')) as T;
}

const numbers = cases<{
  alphabet: string;
  format: { code: string; counter: number; number: string }[];
  not_formatted: { code: string; counter: number }[];
  fold: { text: string; folded: string }[];
  parse: { text: string; code: string; counter: number }[];
  wrong_check: string[];
  not_a_number: string[];
}>('numbers');
const amounts = cases<{ cases: { text: string; kopecks: number | null }[] }>('amounts');
const inWords = cases<{ cases: { kopecks: number; words: string }[] }>('amounts_in_words');
const names = cases<{ cases: { name: string; organisation: boolean; short: string }[] }>('names');
const plurals = cases<{ forms: string[]; cases: { count: number; form: string }[] }>('plurals');
const cards = cases<{ holds: string[]; free: string[] }>('card_numbers');
const hostile = cases<{ cases: { name: string; text: string; cleaned: string }[] }>('hostile_text');
type Judged = { valid: string[]; invalid: string[] };
const inn = cases<Judged>('inn');
const passports = cases<Judged>('passports');
const emails = cases<Judged>('emails');
const phones = cases<{ cases: { typed: string; phone_number: string | null }[] }>('phones');

describe('the shared cases', () => {
  it('numbers are written alike', () => {
    expect(ALPHABET).toBe(numbers.alphabet);
    for (const { code, counter, number } of numbers.format) expect(formatNumber(code, counter)).toBe(number);
    for (const { code, counter } of numbers.not_formatted) expect(() => formatNumber(code, counter)).toThrow(RangeError);
  });
  it.each(numbers.fold)('«$text» folds to $folded', ({ text, folded }) => expect(foldNumber(text)).toBe(folded));
  it.each(numbers.parse)('«$text» is read', ({ text, code, counter }) => expect(parseNumber(text)).toMatchObject({ installationCode: code, counter }));
  it.each(numbers.wrong_check)('«%s» is a slip', (text) => expect(parseNumber(text)).toBe('wrong_check'));
  it.each(numbers.not_a_number)('«%s» is no number', (text) => expect(parseNumber(text)).toBe('not_a_number'));
  it.each(amounts.cases)('«$text» is $kopecks kopecks', ({ text, kopecks }) => expect(parseMoney(text)).toBe(kopecks));
  it.each(inWords.cases)('$kopecks: $words', ({ kopecks, words }) => expect(amountInWords(kopecks)).toBe(words));
  it.each(plurals.cases)('$count $form', ({ count, form }) => {
    const [one = '', few = '', many = ''] = plurals.forms;
    expect(plural(count, one, few, many)).toBe(form);
  });
  it('ИНН', () => {
    expect(inn.valid.filter((text) => !isInn(text))).toEqual([]);
    expect(inn.invalid.filter(isInn)).toEqual([]);
  });
  it('passports', () => {
    expect(passports.valid.filter((text) => !isPassportRf(text))).toEqual([]);
    expect(passports.invalid.filter(isPassportRf)).toEqual([]);
  });
  it('card numbers stand in no field (P33)', () => {
    expect(cards.holds.filter((text) => !holdsCardNumber(text))).toEqual([]);
    expect(cards.free.filter(holdsCardNumber)).toEqual([]);
  });
  it('e-mails', () => {
    const errorOf = (contact_email: string) => findErrors({ ...good, contact_phone: '+79123456789', contact_email }, setup, TODAY).contact_email;
    expect(emails.valid.filter((text) => errorOf(text) !== undefined)).toEqual([]);
    expect(emails.invalid.filter((text) => text !== '' && errorOf(text) === undefined)).toEqual([]);
  });
  it.each(phones.cases)('phone «$typed»', ({ typed, phone_number }) => expect(normalisePhone(typed)).toBe(phone_number));
  it.each(hostile.cases)('hostile text: $name (P31)', ({ text, cleaned }) => expect(cleanText(text)).toBe(cleaned));
});

describe('the check symbol', () => {
  it('catches every single wrong symbol and every swap of neighbours', () => {
    for (const [code, counter] of [['К7М3Т', 42], ['00000', 1], ['ХАВЕК', 98765]] as const) {
      const core = foldNumber(formatNumber(code, counter));
      for (let place = 0; place < 11; place++) {
        for (const symbol of ALPHABET) {
          if (symbol !== core[place]) expect(typeof parseNumber(core.slice(0, place) + symbol + core.slice(place + 1))).toBe('string');
        }
        const swapped = core.slice(0, place) + (core[place + 1] ?? '') + (core[place] ?? '') + core.slice(place + 2);
        if (place < 10 && core[place] !== core[place + 1]) expect(typeof parseNumber(swapped)).toBe('string');
      }
    }
    expect(checkSymbol('К7М3Т', 42)).toBe('В');
  });
});

const TODAY = '2026-11-22';
const setup: Setup = {
  sealing_key: { id: '', public_key: '' },
  products: [
    { code: 'osago', name: 'ОСАГО', series_pattern: '[А-Я]{3}', number_pattern: '\\d{10}', default_series: 'ХХХ' },
    { code: 'kasko', name: 'КАСКО', series_pattern: 'К[A-Z]', number_pattern: '', default_series: '' },
  ],
  payment_forms: [
    { code: 'card', name: 'Карта', is_cash: false, reference_label: 'RRN, 12 цифр', reference_pattern: '\\d{12}' },
    { code: 'cash', name: 'Наличные', is_cash: true, reference_label: '', reference_pattern: '' },
  ],
  document_kinds: [{ code: 'passport_rf', name: 'Паспорт РФ', pattern: '' }],
  backdate_days: 3,
};
const good = tidyFields({ ...FIELDS, receipt_date: TODAY });

describe('the form', () => {
  it('begins with today, the first instalment and cash (P12)', () => {
    expect(emptyFields(setup, TODAY)).toMatchObject({ receipt_date: TODAY, instalment: 1, payment_form: 'cash' });
  });
  it('begins with the last used product, else with the first of the directory (P12)', () => {
    expect(emptyFields(setup, TODAY)).toMatchObject({ product: 'osago', policy_series: 'ХХХ' });
    expect(emptyFields(setup, TODAY, 'kasko')).toMatchObject({ product: 'kasko', policy_series: '' });
    expect(emptyFields(setup, TODAY, 'no longer sold')).toMatchObject({ product: 'osago' });
  });
  it('makes an organisation of a name that says so, and believes the agent who says otherwise (P29)', () => {
    const named = settleFields(good, { ...good, insurant: 'ООО «Ромашка»' });
    expect(named).toMatchObject({ insurant_kind: 'organisation', document_kind: 'inn', document_number: '' });
    const corrected = settleFields(named, { ...named, insurant_kind: 'person' });
    expect(corrected).toMatchObject({ insurant_kind: 'person', document_kind: 'passport_rf' });
    expect(settleFields(corrected, { ...corrected, insurant: 'ООО «Ромашка» и Ко' })).toMatchObject({ insurant_kind: 'person' });
    expect(settleFields(named, { ...named, insurant: '' })).toMatchObject({ insurant_kind: 'person', document_kind: 'passport_rf' });
  });
  it('tidies what is typed', () => {
    expect(good).toMatchObject({ policy_series: 'ХХХ', document_number: '0411123456', contact_phone: '+79123456789', insurant: 'Сидорова Аглая Потаповна' });
    expect(findErrors(good, setup, TODAY)).toEqual({});
  });
  it.each<[string, Partial<ReceiptFields>, keyof ReceiptFields]>([
    ['no insurant', { insurant: ' ' }, 'insurant'],
    ['no policy', { policy_number: '' }, 'policy_number'],
    ['short ОСАГО number', { policy_number: '123' }, 'policy_number'],
    ['unknown product', { product: 'life' }, 'product'],
    ['no sum', { amount: 0 }, 'amount'],
    ['a sum above the bound', { amount: 4_294_967_296 }, 'amount'],
    ['unknown form of payment', { payment_form: 'barter' }, 'payment_form'],
    ['card without its code', { payment_form: 'card' }, 'payment_reference'],
    ['passport 000000 ', { document_number: '0411000000' }, 'document_number'],
    ['ИНН with a slip', { document_kind: 'inn', document_number: '132202672805' }, 'document_number'],
    ['a person with an organisation’s ИНН', { document_kind: 'inn', document_number: '7707067683' }, 'document_number'],
    ['an organisation with a passport (P29)', { insurant_kind: 'organisation' }, 'document_number'],
    ['no contact (P23)', { contact_phone: '' }, 'contact_phone'],
    ['half a phone number', { contact_phone: '8912' }, 'contact_phone'],
    ['tomorrow', { receipt_date: '2026-11-23' }, 'receipt_date'],
    ['too far back', { receipt_date: '2026-11-18' }, 'receipt_date'],
    ['no date', { receipt_date: '' }, 'receipt_date'],
    ['instalment 0', { instalment: 0 }, 'instalment'],
    ['a card number in the comment', { comment: '4111 1111 1111 1111' }, 'comment'],
  ])('refuses %s', (_, changes, field) => {
    expect(Object.keys(findErrors(tidyFields({ ...good, ...changes }), setup, TODAY))).toEqual([field]);
  });
  it.each<[string, Partial<ReceiptFields>]>([
    ['an organisation with its ИНН', { insurant_kind: 'organisation', document_kind: 'inn', document_number: '7707067683' }],
    ['«Нет телефона и почты»', { no_contact: true }],
    ['three days back', { receipt_date: '2026-11-19' }],
    ['another document', { document_kind: 'residence_permit', document_number: 'вк 12' }],
    ['the payer’s ИНН when the check goes to the payer', { payer: 'ООО «Ромашка»', check_to: 'payer', document_kind: 'inn', document_number: '7707067683' }],
  ])('takes %s', (_, changes) => expect(findErrors(tidyFields({ ...good, ...changes }), setup, TODAY)).toEqual({}));
  it('warns of an unusual policy and stops nothing', () => {
    const kasko = tidyFields({ ...good, product: 'kasko', policy_series: 'ЖЖ' });
    expect(findErrors(kasko, setup, TODAY)).toEqual({});
    expect(Object.keys(findWarnings(kasko, setup))).toEqual(['policy_series']);
  });
  it('keeps the client for his next policy (P12)', () => {
    expect(sameClient(good, setup, TODAY)).toMatchObject({ insurant: good.insurant, document_number: good.document_number, policy_number: '', amount: 0 });
  });
});

describe('what people read', () => {
  it('sums with thin spaces', () => {
    expect(formatMoney(324_550)).toBe('3\u202f245,50\u202f₽');
    expect(formatMoney(100_000_000)).toBe('1\u202f000\u202f000\u202f₽');
    expect(formatMoney(305)).toBe('3,05\u202f₽');
  });
  it.each(names.cases)('$name → $short', ({ name, organisation, short }) => {
    expect(isOrganisation(name)).toBe(organisation);
    expect(shortName(name)).toBe(short.replaceAll('~', '\u00a0'));
  });
  it('short names and masked documents', () => {
    expect(shortName('Ромашка и партнёры', 'organisation')).toBe('Ромашка и партнёры');
    expect(maskDocument('0411123456')).toBe('••••\u00a03456');
  });
  it('P15: promises only what this phone will do', () => {
    const start = 'Нет связи с сервером. Квитанции сохраняются на этом телефоне';
    expect(connectionNotice('offline', { confirmed: true, inBackground: true })).toBe(`${start} и уйдут сами, когда связь появится.`);
    expect(connectionNotice('offline', { confirmed: true, inBackground: false })).toBe(`${start}. Когда появится связь, откройте приложение — они уйдут сами.`);
    expect(connectionNotice('offline', { confirmed: false, inBackground: true })).toBe(`${start}. Когда появится связь, войдите по коду из SMS — они уйдут сами.`);
    expect(savedSentence('1', { confirmed: true, inBackground: false })).toBe('Квитанция № 1 сохранена на этом телефоне. Когда появится связь, откройте приложение — она уйдёт сама.');
    expect(savedSentence('1', { confirmed: false, inBackground: true, online: true })).toBe('Квитанция № 1 сохранена на этом телефоне. Войдите по коду из SMS — она уйдёт сама.');
  });
  it('P02: nothing issued is refused', () => {
    const told = { reason: '', later_reason: '', acts: '' as const, withdrawal: null };
    expect(stateSentence({ ...told, state: 'held', reason: 'x' })).toBe('Проверяет офис, от вас ничего не нужно.');
    expect(stateSentence({ ...told, state: 'waiting', later_reason: 'unknown_version' })).toContain('Сервер ещё не умеет прочитать эту квитанцию');
    const withdrawal = { reason: 'ошибка в сумме', at: '', state: 'accepted' as const };
    expect(stateSentence({ ...told, state: 'waiting', withdrawal: { ...withdrawal, state: 'waiting' } })).toBe('Отмена ждёт отправки.');
    expect(stateSentence({ ...told, state: 'annulled', withdrawal })).toBe('Отменена вами: ошибка в сумме.');
    expect(stateSentence({ ...told, state: 'annulled', by_agent: true, reason: 'не тот полис' })).toBe('Отменена вами: не тот полис.');
    expect(stateSentence({ ...told, state: 'annulled', withdrawal: { ...withdrawal, reason: '' } })).toBe('Отменена вами.'); // its reason is unreadable
    expect(stateSentence({ ...told, state: 'annulled', withdrawal, reason: 'двойная' })).toBe('Аннулирована офисом: двойная');
    expect(stateSentence({ ...told, state: 'held', by_agent: true, reason: 'не тот полис' })).toBe('Вы отменили квитанцию: не тот полис. Проверяет офис, от вас ничего не нужно.');
    expect(stateSentence({ ...told, state: 'registered', withdrawal })).toContain('Офис исправит чек или вернёт деньги');
    expect(stateSentence({ ...told, state: 'rejected', acts: 'agent', reason: 'Проверьте сумму.' })).toBe('Проверьте сумму.');
    expect(stateSentence({ ...told, state: 'rejected' })).toBe('КИАС пока не провёл квитанцию. Этим занимается офис, от вас ничего не нужно.');
  });
});

it('UUIDv7 carries its moment and sorts by it', () => {
  const id = uuid7(1_700_000_000_000);
  expect(id).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
  expect(parseInt(id.replaceAll('-', '').slice(0, 12), 16)).toBe(1_700_000_000_000);
  expect(uuid7(1_700_000_000_000) < uuid7(1_700_000_000_001)).toBe(true);
});
