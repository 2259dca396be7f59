import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { idle, issueAndSend, openTab, phoneAndServer, putAway, until } from './support/phone';
import type { Tab } from './support/phone';
import { AGENT, portal, refusal } from './support/server';
import type { Fault , Server} from './support/server';

let server: Server;
let tab: Tab;
beforeEach(async () => {
  ({ server, tab } = await phoneAndServer());
});
afterEach(() => putAway(server));

const outbox = (of: Tab) => of.db.reading((db) => db.getAll('outbox'));
const states = async (of: Tab) => (await outbox(of)).map(({ state }) => state);

/** A page of somebody else's, whatever it calls itself. */
const page = (status: number): Response => new Response('<!doctype html><h1>Wi-Fi</h1>', { status, headers: { 'Content-Type': 'application/json' } });
/** What `fetch` gives for a redirect that it does not follow. */
const redirect = (): Response => Object.assign(Object.create(Response.prototype, { ok: { value: false }, status: { value: 0 }, body: { value: null } }) as Response, { clone: redirect });
/** Half of an answer, then the line breaks. */
const broken = (): Response => new Response(new ReadableStream({ pull: (wire) => { wire.enqueue(new TextEncoder().encode('{"ans')); wire.error(new TypeError('network error')); } }), { status: 200 });

/** An answer that comes sign by sign, each after so many milliseconds. */
function trickling(text: string, pause: number): Response {
  const signs = [...text];
  return new Response(new ReadableStream({
    pull: (wire) => new Promise((done) => setTimeout(() => {
      const sign = signs.shift();
      if (sign === undefined) wire.close();
      else wire.enqueue(new TextEncoder().encode(sign));
      done();
    }, pause)),
  }), { status: 200 });
}

/** How many envelopes each batch had. */
const sizes = (): number[] => server.calls('POST receipts').map(({ body }) => (body.envelopes as string[]).length);

/** Receipts issued without network. */
async function waiting(count: number): Promise<string[]> {
  server.fail('', 'cut', Infinity);
  const ids = [];
  for (let made = 0; made < count; made++) ids.push((await issueAndSend(tab)).id);
  server.heal();
  server.asked = [];
  return ids;
}

describe('a drain', () => {
  it('hands everything over, oldest first, and stores each answer', async () => {
    const ids = await waiting(3);
    expect(await tab.drainNow()).toEqual({ kind: 'done', sent: 3, kept: 0 });
    expect([...server.kept.keys()]).toEqual(ids);
    expect(await states(tab)).toEqual(['accepted', 'accepted', 'accepted']);
    expect(tab.receipts.value?.map(({ state }) => state)).toEqual(['accepted', 'accepted', 'accepted']);
    expect(tab.waitingTotals.value).toEqual({ count: 0, sum: 0 });
  });

  it('sends the bytes that lie in the outbox, gzipped', async () => {
    await waiting(2);
    const lying = (await outbox(tab)).map(({ envelope }) => envelope);
    await tab.drainNow();
    const [asked] = server.calls('POST receipts');
    expect(asked?.body.envelopes).toEqual(lying);
    expect(asked?.headers.get('Content-Encoding')).toBe('gzip');
    expect(asked?.headers.get('X-Correlation-Id')).toMatch(/^[A-Za-z0-9-]{8,64}$/);
    expect(new Set(server.asked.map(({ headers }) => headers.get('X-Correlation-Id'))).size).toBe(1);
  });

  it('opens with a contact that says what waits, and stores the token before it sends', async () => {
    await waiting(2);
    let stored: string | null | undefined;
    server.fail('receipts', () => {
      void tab.installations.allInstallations().then(([row]) => (stored = row?.contact_token));
      return null;
    });
    await tab.drainNow();
    expect(server.calls('POST ping')[0]?.body).toMatchObject({ counter: 2, waiting: { count: 2, sum: 649_100 }, app_version: 'test' });
    expect(server.calls('POST ping')[0]?.body.device_time).toMatch(/T\d\d:\d\d:\d\d\.\d{3}[+-]\d\d:\d\d$/);
    await until(() => stored === [...server.tokens.values()][0]);
  });

  it('f34: begins small on a line it does not know, and sends more at once as it goes', async () => {
    await waiting(23);
    expect(await tab.drainNow()).toEqual({ kind: 'done', sent: 23, kept: 0 });
    const [first = 0, second = 0] = sizes();
    expect(first).toBeLessThan(8);
    expect(second).toBeGreaterThan(first);
    expect(sizes()).toHaveLength(3);
  });

  it('f01: an answer that was lost makes no second receipt', async () => {
    await waiting(2);
    server.fail('receipts', 'lose', 2);
    expect(await tab.drainNow()).toMatchObject({ kind: 'offline' });
    expect(await states(tab)).toEqual(['waiting', 'waiting']);
    expect(await tab.drainNow()).toMatchObject({ kind: 'done', sent: 2 });
    expect(server.kept.size).toBe(2);
  });

  it.each<[string, () => Fault, object]>([
    ['no network', () => 'cut', { kind: 'offline' }],
    ['f27: a captive portal', portal, { kind: 'foreign_page' }],
    ['f27: JSON that is not ours', () => new Response('{"answers": "welcome"}', { status: 200 }), { kind: 'foreign_page' }],
    ['f27: HTML that calls itself JSON', () => page(200), { kind: 'foreign_page' }],
    ['f27: a redirect to another host', redirect, { kind: 'foreign_page' }],
    ['f27: 511 of a network that wants a login', () => page(511), { kind: 'foreign_page' }],
    ['f27: a page that forbids', () => page(403), { kind: 'foreign_page' }],
    ['f27: an empty 200', () => new Response('', { status: 200 }), { kind: 'foreign_page' }],
    ['f27: half an answer', () => new Response('{"answers": [{"id": "0', { status: 200 }), { kind: 'foreign_page' }],
    ['f27: half an answer and a broken line', broken, { kind: 'offline' }],
    ['f27: answers that name nobody', () => new Response('{"answers": []}', { status: 200 }), { kind: 'foreign_page' }],
    ['a proxy that is alone', () => page(502), { kind: 'server_busy' }],
    ['f14: a server without its database', () => refusal(503, 'try_later'), { kind: 'server_busy' }],
    ['too many requests', () => refusal(429, 'throttled', { retry_after: 7 }), { kind: 'refused', problem: { code: 'throttled', retry_after: 7 } }],
    ['a refusal nobody knows', () => refusal(400, 'brand_new'), { kind: 'refused', problem: { code: 'brand_new' } }],
    ['f28: a session that is gone', () => refusal(401, 'login_required'), { kind: 'login_required' }],
  ])('f33: %s keeps every receipt', async (_, fault, outcome) => {
    await waiting(2);
    const before = await outbox(tab);
    for (const path of ['ping', 'receipts']) {
      let met = false; // what answers for the server once answers everything from then on
      server.fail('', (asked) => ((met ||= asked.method === 'POST' && asked.path === path) ? fault() : null), Infinity);
      expect(await tab.drainNow()).toMatchObject(outcome);
      server.heal();
    }
    expect(await outbox(tab)).toEqual(before);
    expect(tab.waitingTotals.value.count).toBe(2);
    server.session = { agent: AGENT, installation: [...server.installations.keys()][0] ?? null };
    await tab.probe();
    await idle();
    await tab.drainNow();
    expect(server.kept.size).toBe(2);
  });

  it('f28: goes on by itself after the login, with what the first part had already sent', async () => {
    await waiting(22);
    server.fail('receipts', () => {
      if (server.calls('POST receipts').length < 2) return null;
      server.session = null; // the 90 days end in the middle of sending
      return refusal(401, 'login_required');
    });
    expect(await tab.drainNow()).toEqual({ kind: 'login_required' });
    expect((await states(tab)).filter((state) => state === 'waiting')).toHaveLength(16);
    expect(tab.session.value).toMatchObject({ kind: 'agent', confirmed: false });
    await tab.requestCode('89000000001');
    await tab.confirmCode('123456');
    await until(() => tab.waitingTotals.value.count === 0);
    expect(server.kept.size).toBe(22);
  });

  it('f28: remembers that the session is gone though the line breaks right then', async () => {
    await waiting(1);
    server.fail('receipts', () => {
      server.fail('', 'cut', Infinity);
      return refusal(401, 'login_required');
    });
    expect(await tab.drainNow()).toEqual({ kind: 'login_required' });
    await tab.refresh();
    expect(tab.session.value).toMatchObject({ kind: 'agent', confirmed: false });
  });

  it('f25: sends nothing under a session that is another installation’s, and keeps its token away', async () => {
    const [mine] = await tab.installations.allInstallations();
    await waiting(1);
    server.installations.set('other', { id: 'other', code: 'А2В4Е', counter: 0, agent: AGENT, key: '', revoked: false });
    server.session = { agent: AGENT, installation: 'other' };
    expect(await tab.drainNow()).toEqual({ kind: 'login_required' });
    expect(server.calls('POST receipts')).toHaveLength(0);
    expect((await tab.installations.allInstallations())[0]?.contact_token).toBe(mine?.contact_token);
  });

  it('f16, p02: keeps what is answered «later» and says why', async () => {
    const [first = '', second = '', third = ''] = await waiting(3);
    server.results.set(second, { result: 'later', reason: 'unknown_version' });
    server.results.set(third, { result: 'held', reason: 'doubtful_date' });
    expect(await tab.drainNow()).toEqual({ kind: 'done', sent: 2, kept: 1 });
    const byId = new Map(tab.receipts.value?.map((receipt) => [receipt.id, receipt]));
    expect(byId.get(first)?.state).toBe('accepted');
    expect(byId.get(second)).toMatchObject({ state: 'waiting', later_reason: 'unknown_version' });
    expect(byId.get(third)?.state).toBe('held');
    server.results.clear();
    expect(await tab.drainNow()).toEqual({ kind: 'done', sent: 1, kept: 0 });
  });

  it('keeps a receipt whose answer this release does not understand', async () => {
    const [only = ''] = await waiting(1);
    server.results.set(only, { result: 'teleported' });
    expect(await tab.drainNow()).toEqual({ kind: 'done', sent: 0, kept: 1 });
    expect(await states(tab)).toEqual(['waiting']);
  });

  it('f34: halves the batch on a line that breaks, and keeps what got through', async () => {
    await waiting(16);
    server.fail('receipts', (asked) => ((asked.body.envelopes as string[]).length > 4 ? 'cut' : null), Infinity);
    expect(await tab.drainNow()).toMatchObject({ kind: 'done', sent: 16 });
    const shrank = sizes().every((size, at) => size <= 4 || (sizes()[at + 1] ?? 0) < size);
    const grew = sizes().some((size, at) => size <= 4 && (sizes()[at + 1] ?? 0) > size);
    expect({ shrank, grew }).toEqual({ shrank: true, grew: true });
  });

  it('f34: every second request is cut in the middle: all arrive, each once', async () => {
    const ids = await waiting(20);
    server.fail('', () => (server.asked.length % 2 ? null : server.asked.length % 4 ? 'cut' : 'lose'), Infinity);
    for (let tries = 0; (await outbox(tab)).some(({ state }) => state === 'waiting'); tries++) {
      expect(tries).toBeLessThan(10);
      await tab.drainNow();
    }
    expect([...server.kept.keys()].sort()).toEqual([...ids].sort());
    expect(sizes().some((size) => size < 6)).toBe(true);
  });

  it('f34: asks nothing twice: a contact, the batches, the feed', async () => {
    await waiting(20);
    await tab.drainNow();
    expect(server.asked.map(({ method, path }) => `${method} ${path}`)).toEqual(['POST ping', 'POST receipts', 'POST receipts', 'POST receipts', 'GET states?after=0']);
    expect(JSON.stringify(server.asked[0]?.body).length).toBeLessThan(400);
  });

  it('f34: a slow answer that still arrives is waited for, one that stands still is not', async () => {
    await waiting(1);
    server.fail('receipts', () => new Response(new ReadableStream({ start: () => undefined }), { status: 200 }));
    const drained = tab.drainNow();
    await until(() => sizes().length === 1);
    await vi.advanceTimersByTimeAsync(60_000);
    expect(await drained).toMatchObject({ kind: 'done', sent: 1 }); // the second try
    server.fail('states', trickling('{"changes": [], "cursor": 0, "more": false}', 10_000));
    const slow = tab.drainNow();
    await until(() => server.calls('GET states?after=0').length === 2);
    await vi.advanceTimersByTimeAsync(500_000);
    expect((await slow).kind).toBe('nothing');
  });

  it('f27: one envelope that something on the way never lets through is set aside, the others go', async () => {
    const ids = await waiting(9);
    const disliked = (await outbox(tab)).find(({ id }) => id === ids[2])?.envelope ?? '';
    for (const status of [200, 403, 502]) {
      server.fail('receipts', (asked) => ((asked.body.envelopes as string[]).includes(disliked) ? page(status) : null), Infinity);
      expect(await tab.drainNow()).toEqual({ kind: 'done', sent: status === 200 ? 8 : 0, kept: 1 });
      server.heal();
    }
    expect((await outbox(tab)).filter(({ state }) => state === 'waiting').map(({ id }) => id)).toEqual([ids[2]]);
    expect(await tab.drainNow()).toEqual({ kind: 'done', sent: 1, kept: 0 });
  });

  it('f16: one receipt that makes the server stumble is set aside, the others go', async () => {
    const ids = await waiting(5);
    const poison = (await outbox(tab)).find(({ id }) => id === ids[2])?.envelope ?? '';
    server.fail('receipts', (asked) => ((asked.body.envelopes as string[]).includes(poison) ? refusal(500, 'server_error') : null), Infinity);
    expect(await tab.drainNow()).toEqual({ kind: 'done', sent: 4, kept: 1 });
    expect((await outbox(tab)).filter(({ state }) => state === 'waiting').map(({ id }) => id)).toEqual([ids[2]]);
  });

  it('f16: many receipts that make the server stumble block nobody for good', async () => {
    await waiting(7);
    const poison = new Set((await outbox(tab)).slice(0, 5).map(({ envelope }) => envelope));
    server.fail('receipts', (asked) => ((asked.body.envelopes as string[]).some((one) => poison.has(one)) ? refusal(500, 'server_error') : null), Infinity);
    expect((await tab.drainNow()).kind).toBe('server_busy'); // one that stumbles over everything is left alone
    await tab.drainNow();
    expect(server.kept.size).toBe(2);
    expect((await states(tab)).filter((state) => state === 'waiting')).toHaveLength(5);
  });

  it('asks ever more seldom about what the server wants later', async () => {
    const [only = ''] = await waiting(1);
    server.results.set(only, { result: 'later', reason: 'unknown_version' });
    await tab.drainNow();
    for (let second = 0; second < 300; second += 5) {
      await vi.advanceTimersByTimeAsync(5_000);
      await until(() => !tab.sending.value.active);
    }
    const contacts = server.calls('POST ping').length;
    expect(contacts).toBeGreaterThan(2);
    expect(contacts).toBeLessThan(10);
    const next = await issueAndSend(tab); // that one waits for nothing
    expect(server.kept.has(next.id)).toBe(true);
  });

  it('f18: two tabs that drain at once send once', async () => {
    await waiting(2);
    const other = await openTab();
    await other.refresh();
    const outcomes = await Promise.all([tab.drainNow(), other.drainNow()]);
    expect(outcomes.map(({ kind }) => kind).sort()).toEqual(['busy', 'done']);
    expect(server.calls('POST receipts')).toHaveLength(1);
  });

  it('f33: stores no verdict when storage fails, and says so', async () => {
    await waiting(1);
    const put = IDBObjectStore.prototype.put;
    vi.spyOn(IDBObjectStore.prototype, 'put').mockImplementation(function (this: IDBObjectStore, value: unknown, key?: IDBValidKey) {
      if (this.name === 'outbox') throw new DOMException('told to fail', 'UnknownError');
      return put.call(this, value, key);
    });
    expect((await tab.drainNow()).kind).toBe('storage_failed');
    vi.restoreAllMocks();
    expect(await states(tab)).toEqual(['waiting']);
  });
});

it('the line’s return sends what waits', async () => {
  await waiting(2);
  server.fail('', 'cut', 1);
  await tab.probe();
  expect(tab.connection.value).toBe('offline');
  await tab.probe();
  expect(tab.connection.value).toBe('online');
  await until(() => tab.waitingTotals.value.count === 0);
});

it('coming to the foreground sends what waits, though the line was never gone', async () => {
  let look = (): void => undefined;
  const page = { visibilityState: 'visible', addEventListener: (_: string, listener: () => void) => (look = listener) };
  vi.stubGlobal('addEventListener', vi.fn());
  vi.stubGlobal('document', page);
  await tab.start();
  await until(() => tab.connection.value === 'online');
  page.visibilityState = 'hidden';
  server.fail('ping', (asked) => (asked.method === 'POST' ? refusal(429, 'throttled', { retry_after: 5 }) : null));
  await issueAndSend(tab);
  expect(tab.waitingTotals.value.count).toBe(1);
  await vi.advanceTimersByTimeAsync(60_000);
  expect(tab.connection.value).toBe('online');
  page.visibilityState = 'visible';
  look();
  await until(() => tab.waitingTotals.value.count === 0);
});
