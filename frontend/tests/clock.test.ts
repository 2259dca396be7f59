/** The phone's evidence of time (P13, F30), and what it says before it is too late (P39). */
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { lateness } from '../src/domain/late';
import { lookAtWall } from '../src/sync/evidence';
import { lateWords } from '../src/ui/words/late';
import { FIELDS, holdTimers, idle, issueOne, loggedIn, newPhone, openTab, putAway, startedTab, until } from './support/phone';
import { openEnvelope } from './support/open';
import { Server } from './support/server';

const MINUTE = 60_000;
const at = (wall: number, monotonic = wall) => ({ wall: wall * MINUTE, monotonic: monotonic * MINUTE });

describe('the wall clock (P13)', () => {
  const past = { highest: 100 * MINUTE, last: 100 * MINUTE, backward_jumps: 0 };
  it('remembers the highest time it ever showed', () => {
    expect(lookAtWall(past, at(70), at(100))).toEqual({ highest: 100 * MINUTE, last: 70 * MINUTE, backward_jumps: 1 });
    expect(lookAtWall({ ...past, highest: 500 * MINUTE }, at(110), at(100)).highest).toBe(500 * MINUTE);
  });
  it('sees a jump that the time since has covered up', () => expect(lookAtWall(past, at(130, 190), at(100)).backward_jumps).toBe(1));
  it('takes sleep, in which the monotonic clock stands, for no jump', () => expect(lookAtWall(past, at(500, 101), at(100)).backward_jumps).toBe(0));
  it('takes the seconds of the network\'s time for no jump', () => expect(lookAtWall(past, { wall: 99.5 * MINUTE, monotonic: 100 * MINUTE }, at(100)).backward_jumps).toBe(0));
  it('counts a jump once over two tabs', () => {
    const other = lookAtWall(past, at(40, 101), at(100));
    expect(lookAtWall(other, at(41, 102), at(99)).backward_jumps).toBe(1);
  });
  it('knows only the storage after a start', () => {
    expect(lookAtWall(past, at(90), null).backward_jumps).toBe(1);
    expect(lookAtWall(past, at(101), null).backward_jumps).toBe(0);
    expect(lookAtWall(undefined, at(1), null)).toEqual({ highest: MINUTE, last: MINUTE, backward_jumps: 0 });
  });
});

describe('what a receipt carries of the time (F30)', () => {
  let server: Server;
  beforeEach(async () => {
    holdTimers();
    newPhone();
    server = await Server.start();
  });
  afterEach(() => putAway(server));

  async function contentOf(envelope: string): Promise<Record<string, unknown>> {
    const signer = [...server.installations.values()][0];
    return (await openEnvelope(envelope, server.sealing.privateKey, signer?.key ?? '')).content;
  }

  it('holds the last signed server time, and the distance only within the page that heard it', async () => {
    const tab = await loggedIn();
    await tab.drainNow();
    const heard = (await tab.installations.currentInstallation())?.row.server_time;
    const here = await issueOne(tab);
    server.fail('', 'cut', Infinity);
    const later = await openTab();
    await later.refresh();
    const there = await issueOne(later);
    const rows = await tab.db.reading((db) => db.getAll('outbox'));
    const said = await Promise.all([here, there].map(async ({ id }) => (await contentOf(rows.find((row) => row.id === id)?.envelope ?? '')).evidence));
    expect(said[0]).toMatchObject({ server_time: heard?.time, server_signature: 'c2ln', since_server_ms: expect.any(Number) as number });
    expect(said[1]).toMatchObject({ server_time: expect.any(String) as string, since_server_ms: null });
  });

  it('names the zone and offset of the moment of saving, whatever they were when the form opened', async () => {
    const tab = await loggedIn();
    const opened = await tab.openDraft();
    if (opened.kind !== 'open') throw new Error(opened.kind);
    const resolved = Intl.DateTimeFormat().resolvedOptions();
    vi.spyOn(Date.prototype, 'getTimezoneOffset').mockReturnValue(-600);
    vi.spyOn(Intl.DateTimeFormat.prototype, 'resolvedOptions').mockReturnValue({ ...resolved, timeZone: 'Asia/Vladivostok' });
    await tab.issue(opened.draft.id, { ...FIELDS, receipt_date: opened.draft.fields.receipt_date });
    vi.restoreAllMocks();
    const [row] = await tab.db.reading((db) => db.getAll('outbox'));
    expect(await contentOf(row?.envelope ?? '')).toMatchObject({ offset_min: 600, zone: 'Asia/Vladivostok' });
  });

  it('is reported at each contact: the clock and how often it jumped', async () => {
    const tab = await loggedIn();
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'Date'], now: Date.now() - 3 * 86_400_000 });
    await tab.drainNow();
    await idle();
    const told = server.calls('POST ping').at(-1)?.body;
    expect(told).toMatchObject({ backward_jumps: 1 });
    expect(Math.abs(Date.parse(String(told?.device_time)) - Date.now())).toBeLessThan(60_000);
  });

  it('lets the date follow the calendar over midnight until the agent has chosen one', async () => {
    const evening = new Date(2026, 10, 22, 23, 50).getTime();
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'Date'], now: evening });
    const tab = await loggedIn();
    const dateOf = async () => {
      const opened = await tab.openDraft();
      if (opened.kind !== 'open') throw new Error(opened.kind);
      return opened.draft;
    };
    const { id, fields } = await dateOf();
    expect(fields.receipt_date).toBe('2026-11-22');
    await tab.saveDraft(id, { ...fields, amount: 100 });
    vi.setSystemTime(evening + 20 * MINUTE);
    expect((await dateOf()).fields).toMatchObject({ receipt_date: '2026-11-23', amount: 100 });
    await tab.saveDraft(id, { ...fields, receipt_date: '2026-11-22' }, true);
    expect(await dateOf()).toMatchObject({ date_chosen: true, fields: { receipt_date: '2026-11-22' } });
    vi.setSystemTime(evening + 30 * MINUTE);
    expect((await dateOf()).fields.receipt_date).toBe('2026-11-22');
  });

  it('knows under the lock since when the oldest waits, withdrawn ones apart (P39)', async () => {
    const tab = await loggedIn();
    server.fail('', 'cut', Infinity);
    const begun = Date.now();
    const first = await issueOne(tab);
    const second = await issueOne(tab);
    const started = tab.oldestWaiting.value ?? 0;
    expect(started).toBeGreaterThanOrEqual(begun);
    await tab.withdraw(first.id, 'amount', '');
    expect(tab.oldestWaiting.value).toBe(parseInt(second.id.replace('-', '').slice(0, 12), 16));
  });
});

describe('what waits too long (P39)', () => {
  const terms = { deadline_days: 5, warn_working_days: 1 };
  const wednesday = new Date(2026, 10, 18, 15, 0).getTime();
  const on = (day: number) => lateness(wednesday, `2026-11-${day}`, terms);
  it('is nothing on its own day, and after a working day a warning', () => {
    expect(on(18)).toBeNull();
    expect(on(19)).toEqual({ since: '2026-11-18', days: 1, until: '2026-11-23', urgent: false });
  });
  it('is urgent from the day before the deadline', () => {
    expect(on(21)?.urgent).toBe(false);
    expect(on(22)).toMatchObject({ days: 4, urgent: true });
    expect(on(30)?.urgent).toBe(true);
  });
  it('does not count the weekend', () => {
    const friday = new Date(2026, 10, 20, 15, 0).getTime();
    expect(lateness(friday, '2026-11-22', terms)).toBeNull();
    expect(lateness(friday, '2026-11-23', terms)).toMatchObject({ days: 3, urgent: false });
  });
  it('says nothing where nothing waits, or of a clock set back before it', () => {
    expect(lateness(null, '2026-11-22', terms)).toBeNull();
    expect(on(10)).toBeNull();
  });
  it('speaks even where the server has told no terms', () => expect(lateness(wednesday, '2026-11-22')?.until).toBe('2026-11-23'));

  const late = { since: '2026-11-18', days: 4, until: '2026-11-23', urgent: true };
  it.each([
    [1, 'Квитанция от 18 ноября ждёт отправки 4\u00a0дня. Чек нужен до 23 ноября: найдите связь или передайте файл в офис.'],
    [2, '2\u00a0квитанции ждут отправки, самая ранняя от 18 ноября: 4\u00a0дня. Чек по ней нужен до 23 ноября: найдите связь или передайте файл в офис.'],
    [5, '5\u00a0квитанций ждут'],
    [11, '11\u00a0квитанций ждут'],
    [21, '21\u00a0квитанция ждёт'],
    [111, '111\u00a0квитанций ждут'],
  ])('of %i waiting ones says «%s»', (count, words) => expect(lateWords(late, count, '2026-11-22').startsWith(words)).toBe(true));
  it.each([[1, '1\u00a0день'], [2, '2\u00a0дня'], [5, '5\u00a0дней'], [11, '11\u00a0дней'], [21, '21\u00a0день'], [111, '111\u00a0дней']])('counts %i days', (days, words) =>
    expect(lateWords({ ...late, days }, 1, '2026-11-22')).toContain(`ждёт отправки ${words}.`));
  it('says of a deadline that is over that it was', () => expect(lateWords(late, 1, '2026-11-24')).toContain('Чек был нужен до 23 ноября'));
});

describe('a battery that runs out (P39)', () => {
  afterEach(() => void Reflect.deleteProperty(navigator, 'getBattery'));
  it.each([[0.1, 1, true], [0.5, 1, false], [0.1, 0, false]])('at %f with %i waiting sending begins at once: %s', async (level, waiting, begins) => {
    holdTimers();
    newPhone();
    const server = await Server.start();
    const first = await loggedIn();
    await idle();
    server.fail('', 'cut', Infinity);
    if (waiting) await issueOne(first);
    const battery = Object.assign(new EventTarget(), { level: 0.9 });
    Object.assign(navigator, { getBattery: () => Promise.resolve(battery) });
    const tab = await startedTab();
    await until(() => tab.connection.value === 'offline' && !tab.sending.value.active);
    battery.level = level;
    battery.dispatchEvent(new Event('levelchange'));
    expect(tab.sending.value.active).toBe(begins);
    await putAway(server);
  });
});
