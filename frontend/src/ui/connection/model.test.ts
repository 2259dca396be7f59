import { afterEach, beforeEach, expect, it, vi } from 'vitest';

const { engine } = vi.hoisted(() => {
  const engine: Record<string, { value: unknown }> = {};
  return { engine };
});
vi.mock('../../sync', async () => {
  const { signal } = await import('../../signals');
  Object.assign(engine, {
    connection: signal('checking'),
    session: signal({ kind: 'agent', confirmed: true }),
    canSyncInBackground: signal(true),
    waitingTotals: signal({ count: 3, sum: 1249000 }),
    sessionEnds: signal(Infinity),
  });
  return engine;
});

const { announcement, loginNotice, notice, watchConnection } = await import('./model');
const set = (name: string, value: unknown): void => {
  const found = engine[name];
  if (found) found.value = value;
};
const say = (connection: string): void => set('connection', connection);
const ENDED = 'Войдите по коду из SMS — и квитанции уйдут сами. Оформлять можно и без входа.';
const THIRD = 'Нет связи с сервером. Квитанции сохраняются на этом телефоне. Когда появится связь, войдите по коду из SMS — они уйдут сами.';

beforeEach(() => {
  vi.useFakeTimers();
  set('session', { kind: 'agent', confirmed: true, ask_ahead: false });
  set('sessionEnds', Infinity);
  say('online');
});
afterEach(() => vi.useRealTimers());

it('shows the loss at once, speaks after five stable seconds, and says when the line is back (P15)', () => {
  watchConnection();
  say('online');
  vi.advanceTimersByTime(10_000);
  expect(announcement.value).toBe('');

  say('offline');
  expect(notice.value).toBe('Нет связи с сервером. Квитанции сохраняются на этом телефоне и уйдут сами, когда связь появится.');
  vi.advanceTimersByTime(3000);
  say('online'); // a flicker
  vi.advanceTimersByTime(10_000);
  expect(announcement.value).toBe('');

  say('offline');
  vi.advanceTimersByTime(3000);
  say('checking'); // another ping on the way changes nothing
  say('offline');
  vi.advanceTimersByTime(2001);
  expect(announcement.value).toBe(notice.value);

  say('online');
  expect(notice.value).toBeNull();
  vi.advanceTimersByTime(5000);
  expect(announcement.value).toBe('Снова есть связь. Отправляем: 3\u00a0квитанции.');
});

it('speaks of a session that the server has ended, and of the login that follows (F26, F28, P15)', () => {
  watchConnection();
  vi.advanceTimersByTime(10_000);
  set('session', { kind: 'agent', confirmed: false, ask_ahead: false });
  expect(loginNotice.value).toBe(ENDED);
  vi.advanceTimersByTime(5000);
  expect(announcement.value).toBe(ENDED);

  say('offline');
  expect([notice.value, loginNotice.value]).toEqual([THIRD, null]);
  vi.advanceTimersByTime(5000);
  expect(announcement.value).toBe(THIRD);

  say('online');
  vi.advanceTimersByTime(5000);
  expect(announcement.value).toBe(ENDED);
  set('session', { kind: 'agent', confirmed: true, ask_ahead: false });
  vi.advanceTimersByTime(5000);
  expect(announcement.value).toBe('Вы вошли. Отправляем: 3\u00a0квитанции.');
});

it('asks ahead only while there is network (P16)', () => {
  set('session', { kind: 'agent', confirmed: true, ask_ahead: true });
  expect(loginNotice.value).toBe('Подтвердите вход сейчас, пока есть связь.');
  say('offline');
  expect(loginNotice.value).toBeNull();
});

it('f26, p15: without network it says by the clock that the session has ended', () => {
  set('sessionEnds', Date.now() - 60_000);
  expect(notice.value).toBeNull();
  say('offline');
  expect(notice.value).toBe(THIRD);
});
