/** Readiness line by line, the check's text, and storage that drops, clears or fills (F22–F24). */
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';

import { formatMoney } from '../src/domain/money';
import { type Readiness, isReady, linesOf } from '../src/ui/ready/lines';
import { checkText } from '../src/ui/check/text';
import type { PhoneFacts } from '../src/sync';
import { FIELDS, type Tab, holdTimers, issueOne, loggedIn, newPhone, putAway } from './support/phone';
import { Server } from './support/server';

const NOW = Date.parse('2026-11-22T07:05:11Z');
const FACTS: PhoneFacts = {
  storage_persisted: true, storage_usage: 3_000_000, storage_quota: 600_000_000, code: 'К7М3Т', counter: 42, waiting: { count: 3, sum: 1_249_050 },
  reasons: ['try_later'], last_contact: '2026-11-22T07:00:00.000Z', skew_ms: 400, setup_at: NOW - 3_600_000, pin: true,
};
const GOOD: Readiness = { facts: FACTS, now: NOW, shell: true, version: '1.0.0', newer: false, ends: NOW + 86_400_000, installed: true, appleTab: false, littleSpace: 50e6 };

describe('«Работа без интернета»', () => {
  it('is green when all that matters holds', () => {
    expect(linesOf(GOOD).filter(({ ok }) => !ok)).toEqual([]);
    expect(isReady(linesOf(GOOD))).toBe(true);
  });

  it.each<[string, Partial<Readiness>, Partial<PhoneFacts>, boolean, RegExp, string | undefined]>([
    ['the shell is not cached', { shell: false }, {}, false, /ещё загружается/, undefined],
    ['there are no directories', {}, { setup_at: null }, false, /Справочников ещё нет/, 'renew'],
    ['the directories are old', {}, { setup_at: NOW - 8 * 86_400_000 }, true, /больше недели/, 'renew'],
    ['there is no PIN', {}, { pin: false }, true, /PIN-кода нет/, undefined],
    ['f23: the browser does not promise to keep it', {}, { storage_persisted: false }, true, /Браузер может сам очистить/, 'keep'],
    ['f23: and the app is not installed', { installed: false }, { storage_persisted: false }, true, /Браузер может сам очистить/, 'install'],
    ['f23: it is a tab on an iPhone', { appleTab: true }, {}, false, /На iPhone и iPad/, 'install'],
    ['f24: little space', {}, { storage_usage: 580e6 }, false, /Мало места: 20\sМБ/, undefined],
    ['p13: the clock is fast', {}, { skew_ms: 600_000 }, false, /Часы спешат/, undefined],
    ['p13: the clock is slow', {}, { skew_ms: -600_000 }, false, /Часы отстают/, undefined],
    ['the session is over', { ends: null }, {}, true, /Вы не вошли/, 'login'],
    ['a newer version waits', { newer: true }, {}, true, /есть новее/, 'update'],
  ])('%s', (_, change, facts, ready, words, remedy) => {
    const lines = linesOf({ ...GOOD, ...change, facts: { ...FACTS, ...facts } });
    const wrong = lines.filter(({ ok }) => !ok);
    expect(wrong).toHaveLength(1);
    expect(wrong[0]?.text).toMatch(words);
    expect(wrong[0]?.remedy).toBe(remedy);
    expect(isReady(lines)).toBe(ready);
  });

  it('says nothing bad of what the browser does not tell', () => {
    const lines = linesOf({ ...GOOD, facts: { ...FACTS, storage_usage: null, storage_quota: null, skew_ms: null } });
    expect(isReady(lines)).toBe(true);
  });
});

describe('the phone’s memory', () => {
  let server: Server;
  let tab: Tab;

  beforeEach(async () => {
    holdTimers();
    newPhone();
    server = await Server.start();
    tab = await loggedIn();
    server.fail('', 'cut', 9_999);
  });
  afterEach(() => putAway(server));

  async function everything(): Promise<string> {
    const all = await tab.db.reading(async (db) => Promise.all((['rows', 'outbox', 'installations', 'vaults'] as const).map((name) => db.getAll(name))));
    return JSON.stringify(all);
  }

  /** The next write to this store fails as `name`; `after` writes of the transaction have gone through. */
  function failWrites(store: string, name: string, times = 1): void {
    for (const method of ['put', 'add'] as const) {
      const real = IDBObjectStore.prototype[method];
      let left = times;
      vi.spyOn(IDBObjectStore.prototype, method).mockImplementation(function (this: IDBObjectStore, ...given: [unknown]) {
        if (this.name === store && left-- > 0) {
          if (name === 'dropped') {
            this.transaction.abort(); // as the browser does when the connection ends
            throw new DOMException('', 'AbortError');
          }
          throw new DOMException('', name);
        }
        return real.apply(this, given);
      });
    }
  }

  const opened = async () => {
    const open = await tab.openDraft();
    if (open.kind !== 'open') throw new Error(open.kind);
    return open.draft;
  };

  it('f24: at opening, typing and saving it says that it is full, and nothing is half-stored', async () => {
    let before = await everything();
    failWrites('rows', 'QuotaExceededError', 1e9);
    expect((await tab.openDraft()).kind).toBe('storage_full');
    expect(await everything()).toBe(before);
    vi.restoreAllMocks();

    const draft = await opened();
    before = await everything();
    failWrites('rows', 'QuotaExceededError', 1e9);
    expect(await tab.saveDraft(draft.id, FIELDS)).toBe(false);
    expect(await everything()).toBe(before);
    vi.restoreAllMocks();

    failWrites('outbox', 'QuotaExceededError', 1e9);
    expect((await tab.issue(draft.id, { ...FIELDS, receipt_date: draft.fields.receipt_date })).kind).toBe('storage_full');
    expect(await everything()).toBe(before); // the row, written first, is a draft again
    vi.restoreAllMocks();
    expect((await tab.issue(draft.id, { ...FIELDS, receipt_date: draft.fields.receipt_date })).kind).toBe('saved');
  });

  it('f24: a PIN that finds no room changes nothing and says so', async () => {
    const before = await everything();
    failWrites('vaults', 'QuotaExceededError', 1e9);
    expect((await tab.setPin('246810')).kind).toBe('storage_full');
    expect(await everything()).toBe(before);
  });

  it('f22: a connection that ends in the middle of opening, typing or saving is opened again, and it is done once', async () => {
    failWrites('rows', 'dropped');
    const draft = await opened();
    vi.restoreAllMocks();
    failWrites('rows', 'dropped');
    expect(await tab.saveDraft(draft.id, { ...FIELDS, insurant: 'Галиев Рустам' })).toBe(true);
    vi.restoreAllMocks();
    failWrites('outbox', 'dropped');
    expect((await tab.issue(draft.id, { ...FIELDS, receipt_date: draft.fields.receipt_date })).kind).toBe('saved');
    vi.restoreAllMocks();
    const { rows, outbox } = await tab.db.reading(async (db) => ({ rows: await db.getAll('rows'), outbox: await db.getAll('outbox') }));
    expect([rows.length, outbox.length]).toEqual([1, 1]);
    expect((await tab.installations.allInstallations())[0]?.counter).toBe(draft.counter);
  });

  it('f22: a database that stays away is told, and the receipt is not said to be saved', async () => {
    const draft = await opened();
    failWrites('outbox', 'dropped', 1e9);
    expect((await tab.issue(draft.id, { ...FIELDS, receipt_date: draft.fields.receipt_date })).kind).toBe('storage_failed');
    expect(tab.trouble.value?.kind).toBe('storage_failed');
  });

  it('f23: the browser is asked to keep the storage when the agent works here, not at the first look', async () => {
    const persist = vi.fn(() => Promise.resolve(false));
    const { locks, userAgent } = navigator;
    vi.stubGlobal('navigator', { locks, userAgent, storage: { persist, persisted: () => Promise.resolve(false), estimate: () => Promise.resolve({ usage: 5, quota: 7 }) } });
    server.heal();
    newPhone();
    tab = await loggedIn();
    expect(persist).toHaveBeenCalledTimes(1);
    await issueOne(tab);
    expect(persist).toHaveBeenCalledTimes(2);
    expect(await tab.lookAtPhone()).toMatchObject({ storage_persisted: false, storage_usage: 5, storage_quota: 7, counter: 1 });
  });
});

it('p36: the check says what the support asks first and names nobody', () => {
  const text = checkText({
    facts: FACTS, now: new Date(NOW), version: '1.0.0', newer: true, shell: true, worker: 'activated', inBackground: false, connection: 'offline', session: 'login',
    installed: false, failures: ['2026-11-22T07:04:00.000Z server_busy'], userAgent: 'Mozilla/5.0 (Linux; Android 10; K)',
  });
  for (const told of ['1.0.0 (есть новее)', 'К7М3Т, счётчик 42', `3 на ${formatMoney(1_249_050)} (try_later)`, 'offline', '2026-11-22T07:00:00.000Z', 'занято 3\u00a0МБ', 'закреплена: да', 'activated', 'фоновая отправка: нет', 'server_busy', 'Android 10']) {
    expect(text).toContain(told);
  }
});
