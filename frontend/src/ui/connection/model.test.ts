import { afterEach, beforeEach, expect, it, vi } from 'vitest';

const { engine } = vi.hoisted(() => {
  const engine: Record<string, { value: unknown }> = {};
  return { engine };
});
vi.mock('../../sync', async () => {
  const { signal } = await import('@preact/signals-core');
  Object.assign(engine, {
    connection: signal('checking'),
    session: signal({ kind: 'agent', confirmed: true }),
    canSyncInBackground: signal(true),
    waitingTotals: signal({ count: 3, sum: 1249000 }),
  });
  return engine;
});

const { announcement, notice, watchConnection } = await import('./model');
const say = (connection: string): void => {
  if (engine.connection) engine.connection.value = connection;
};

beforeEach(() => vi.useFakeTimers());
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
