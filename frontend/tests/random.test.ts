/** F33, by chance instead of by example: whatever is answered, cut, lost or crashes, nothing waiting is lost or called sent. */
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { holdTimers, idle, issueAndSend, loggedIn, newPhone, openTab, putAway } from './support/phone';
import type { Tab } from './support/phone';
import { Server, portal, refusal } from './support/server';
import type { Fault } from './support/server';

const SEEDS = Array.from({ length: 12 }, (_, at) => at + 1);
const STEPS = 14;

let server: Server;
beforeEach(async () => {
  holdTimers();
  newPhone();
  server = await Server.start();
});
afterEach(async () => {
  vi.restoreAllMocks();
  await putAway(server);
});

/** The same numbers for the same seed: mulberry32. */
function chance(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return Math.floor((((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32) * below);
  };
}

const said = (body: unknown, status = 200): Response => new Response(typeof body === 'string' ? body : JSON.stringify(body), { status, headers: { 'Content-Type': 'application/json' } });

const FAULTS: (() => Fault | null)[] = [
  () => null,
  () => null,
  () => 'cut',
  () => 'lose',
  portal,
  () => said('<html>', 511),
  () => said('<h1>502</h1>', 502),
  () => said(''),
  () => said('{"answers": [{"id"'),
  () => said({ answers: [] }),
  () => said({ answers: [{ id: crypto.randomUUID(), result: 'accepted', state: 'accepted' }] }),
  () => said({ answers: [{ id: null, result: 'later' }] }),
  () => refusal(500, 'server_error'),
  () => refusal(503, 'try_later'),
  () => refusal(429, 'throttled', { retry_after: 1 }),
  () => refusal(413, 'too_large'),
  () => refusal(403, 'csrf'),
  () => refusal(401, 'login_required'),
  () => refusal(400, 'brand_new'),
];

/** One storing of the server's answers fails, as where the memory is full or the page dies. */
function breakStorage(): void {
  const put = IDBObjectStore.prototype.put;
  vi.spyOn(IDBObjectStore.prototype, 'put').mockImplementation(function (this: IDBObjectStore, value: unknown, key?: IDBValidKey) {
    if (this.name === 'outbox' && (value as { state: string }).state !== 'waiting') throw new DOMException('told to fail', 'UnknownError');
    return put.call(this, value, key);
  });
}

const outbox = (of: Tab) => of.db.reading((db) => db.getAll('outbox'));

/** Nothing issued has gone; nothing counts as sent that the server does not have. */
async function check(tab: Tab, issued: Map<string, string>): Promise<void> {
  const rows = await outbox(tab);
  expect(new Map(rows.map(({ id, envelope }) => [id, envelope]))).toEqual(issued);
  for (const { id, state } of rows) if (state !== 'waiting') expect(server.kept.has(id)).toBe(true);
}

it.each(SEEDS)('f33: no sequence of answers, errors and crashes loses a receipt or calls it sent too early (seed %i)', async (seed) => {
  const pick = chance(seed);
  let tab = await loggedIn();
  const issued = new Map<string, string>();
  const note = async (): Promise<void> => {
    for (const { id, envelope } of await outbox(tab)) if (!issued.has(id)) issued.set(id, envelope);
  };
  for (let step = 0; step < STEPS; step++) {
    server.fail('', () => (FAULTS[pick(FAULTS.length)] ?? (() => null))(), Infinity);
    switch (pick(5)) {
      case 0:
      case 1: {
        const count = issued.size;
        await issueAndSend(tab);
        await note();
        expect(issued.size).toBe(count + 1);
        break;
      }
      case 2:
        breakStorage();
        await tab.drainNow();
        vi.restoreAllMocks();
        break;
      case 3: // the page dies while it sends: what it does from then on goes nowhere
        void tab.drainNow();
        await new Promise((next) => setImmediate(next));
        server.heal();
        server.fail('', 'cut', Infinity);
        await idle();
        tab = await openTab();
        await tab.refresh();
        break;
      default:
        await tab.drainNow();
    }
    server.heal();
    await idle();
    await check(tab, issued);
  }
  await tab.probe();
  for (let tries = 0; tries < 5; tries++) await tab.drainNow();
  expect([...server.kept.keys()].sort()).toEqual([...issued.keys()].sort());
  expect((await outbox(tab)).filter(({ state }) => state === 'waiting')).toEqual([]);
});
