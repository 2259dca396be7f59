/** What leaves the phone, and what never does (spec «What may lie on the phone», F33). */
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { LocalReceipt, ReceiptState } from '../src/domain/model';
import type { OutboxRow } from '../src/store/schema';
import { mayGo, pastRows, settledRows } from '../src/sync/retention';
import { holdTimers, idle, issueOne, loggedIn, newPhone, putAway } from './support/phone';
import type { Tab } from './support/phone';
import { AGENT, OTHER_AGENT, Server } from './support/server';

const DAY_MS = 86_400_000;
const NOW = '2026-11-22T07:00:00.000Z';
const daysAgo = (days: number) => new Date(Date.parse(NOW) - days * DAY_MS).toISOString();
const STATES: ReceiptState[] = ['waiting', 'accepted', 'held', 'registered', 'fiscalised', 'rejected', 'annulled'];
const IN_KIAS: ReceiptState[] = ['registered', 'fiscalised', 'annulled'];

function sent(given: Partial<OutboxRow> = {}): OutboxRow {
  return { id: 'r1', kind: 'receipt', receipt: 'r1', envelope: 'kias1.', installation: 'i1', number: 'n', counter: 1, amount: 100, state: 'registered', later_reason: '', ...given };
}

describe('an envelope may go', () => {
  it('when a verified backup holds what it was sent for', () => {
    expect(mayGo(sent({ accepted_at: daysAgo(2) }), NOW, daysAgo(1))).toBe(true);
    expect(mayGo(sent({ accepted_at: daysAgo(1) }), NOW, daysAgo(1))).toBe(false);
    expect(mayGo(sent({ accepted_at: daysAgo(1) }), NOW, daysAgo(2))).toBe(false);
    expect(mayGo(sent({ accepted_at: daysAgo(40) }), NOW, null)).toBe(false);
  });
  it('45 days after the phone learnt that KIAS has it', () => {
    expect(mayGo(sent({ settled_at: daysAgo(46) }), NOW, null)).toBe(true);
    expect(mayGo(sent({ settled_at: daysAgo(44) }), NOW, null)).toBe(false);
    expect(mayGo(sent(), NOW, daysAgo(0))).toBe(false);
  });
  it('never while its withdrawal waits, and a withdrawal has the state of its receipt', () => {
    const withdrawal = sent({ id: 'w1', kind: 'withdrawal', state: 'held' });
    expect(settledRows([sent({ state: 'annulled' }), withdrawal]).map(({ row, state }) => [row.id, state])).toEqual([['r1', 'annulled'], ['w1', 'annulled']]);
    expect(settledRows([sent(), sent({ id: 'w1', kind: 'withdrawal', state: 'waiting' })])).toEqual([]);
    expect(settledRows([sent({ state: 'held' }), withdrawal])).toEqual([]);
    expect(settledRows([withdrawal])).toEqual([]);
  });
});

describe('readable rows are history', () => {
  const receipt = (given: Partial<LocalReceipt>) => ({ id: 'r1', state: 'fiscalised', withdrawal: null, receipt_date: '2026-10-22', ...given }) as LocalReceipt;
  it('30 days after their day, once KIAS has them', () => {
    expect(pastRows([receipt({})], NOW)).toEqual(['r1']);
    expect(pastRows([receipt({ receipt_date: '2026-10-24' })], NOW)).toEqual([]);
    for (const state of STATES) expect(pastRows([receipt({ state })], NOW).length).toBe(IN_KIAS.includes(state) ? 1 : 0);
    expect(pastRows([receipt({ withdrawal: { reason: 'amount', at: '', state: 'waiting' } })], NOW)).toEqual([]);
  });
  it('p09: but a replacement only with all that it replaces, else that would ask to be replaced once more', () => {
    const chain = (first: ReceiptState) => [
      receipt({ id: 'r3', replaces: { id: 'r2', number: '' } }),
      receipt({ id: 'r2', state: 'annulled', replaces: { id: 'r1', number: '' } }),
      receipt({ id: 'r1', state: first }),
    ];
    expect(pastRows(chain('rejected'), NOW)).toEqual([]);
    expect(pastRows(chain('held'), NOW)).toEqual([]);
    expect(pastRows(chain('annulled'), NOW).sort()).toEqual(['r1', 'r2', 'r3']);
  });
});

describe('after a drain', () => {
  let server: Server;
  let tab: Tab;
  beforeEach(async () => {
    holdTimers();
    newPhone();
    server = await Server.start();
    tab = await loggedIn();
  });
  afterEach(() => putAway(server));

  const outbox = () => tab.db.reading((db) => db.getAll('outbox'));
  const setRow = (row: OutboxRow) => tab.db.strictly(['outbox'], async (tx) => void (await tx.objectStore('outbox').put(row)));

  async function drained(): Promise<void> {
    await idle();
    await tab.drainNow();
    await idle();
  }

  it('keeps what KIAS has until the backup, and then lets it go; the receipt stays readable', async () => {
    const receipt = await issueOne(tab);
    await drained();
    server.move(receipt.id, 'accepted', { at: '2026-11-20T10:00:00.000Z' });
    server.move(receipt.id, 'registered', { at: '2026-11-20T10:05:00.000Z' });
    await drained();
    expect(await outbox()).toMatchObject([{ state: 'registered', accepted_at: '2026-11-20T10:05:00.000Z', settled_at: expect.any(String) as string }]);
    server.backedUpUntil = '2026-11-20T10:05:00.000Z';
    await drained();
    expect(await outbox()).toHaveLength(1);
    server.backedUpUntil = '2026-11-20T10:06:00.000Z';
    await drained();
    expect(await outbox()).toEqual([]);
    expect(tab.receipts.value).toMatchObject([{ id: receipt.id, state: 'registered' }]);
  });

  it('without any backup waits 45 days by the server\'s clock, not by its own', async () => {
    const receipt = await issueOne(tab);
    await drained();
    server.move(receipt.id, 'fiscalised');
    const begun = Date.now();
    await drained();
    for (const [days, left] of [[44, 1], [46, 0]] as const) {
      server.time = new Date(begun + days * DAY_MS).toISOString();
      await drained();
      expect(await outbox()).toHaveLength(left);
    }
  });

  it('in a new epoch offers again what is left, and forgets how long KIAS had it', async () => {
    const receipt = await issueOne(tab);
    await drained();
    server.move(receipt.id, 'registered');
    await drained();
    server.kept.clear();
    server.changes = [];
    server.epoch = crypto.randomUUID();
    server.backedUpUntil = new Date(Date.now() + DAY_MS).toISOString();
    await drained();
    expect(server.kept.has(receipt.id)).toBe(true);
    expect(server.asked.filter(({ path }) => path.startsWith('states')).at(-1)?.path).toBe('states?after=0'); // the feed may differ
    expect(await outbox()).toMatchObject([{ state: 'accepted', accepted_at: null, settled_at: null }]);
  });

  it('f15: keeps another agent\'s envelopes, though a backup is newer: of them nobody has asked since the restore', async () => {
    const receipt = await issueOne(tab);
    await drained();
    server.move(receipt.id, 'registered');
    await drained();
    await tab.logout();
    server.epoch = crypto.randomUUID(); // restored from before the receipt, and since then backed up again
    server.kept.clear();
    server.changes = [];
    server.backedUpUntil = new Date(Date.now() + DAY_MS).toISOString();
    server.loginAs = OTHER_AGENT;
    const other = await loggedIn();
    for (let n = 0; n < 3; n++) await other.drainNow();
    expect(await outbox()).toMatchObject([{ id: receipt.id, state: 'registered' }]);
    await other.logout();
    server.loginAs = AGENT;
    const again = await loggedIn();
    await again.drainNow();
    expect(server.kept.has(receipt.id)).toBe(true);
  });

  it('f15: believes a backup only once it has asked what the restored server knows', async () => {
    const receipt = await issueOne(tab);
    await drained();
    server.move(receipt.id, 'registered');
    await drained();
    server.kept.clear();
    server.changes = [];
    server.epoch = crypto.randomUUID();
    server.backedUpUntil = new Date(Date.now() + DAY_MS).toISOString();
    server.fail('receipts/status', 'cut'); // the contact comes through, the question does not
    await tab.drainNow();
    const { letGo } = await import('../src/sync/retention');
    await letGo(); // as another tab does at the end of its own drain
    expect(await outbox()).toMatchObject([{ id: receipt.id }]);
    await drained();
    expect(server.kept.has(receipt.id)).toBe(true);
  });

  it('removes a row whose day is long past, once KIAS has it', async () => {
    const receipt = await issueOne(tab);
    await drained();
    server.move(receipt.id, 'fiscalised');
    server.time = new Date(Date.now() + 32 * DAY_MS).toISOString();
    await drained();
    expect(tab.receipts.value).toEqual([]);
    expect(await tab.db.reading((db) => db.getAll('rows'))).toEqual([]);
    expect(await outbox()).toHaveLength(1);
  });

  it('f33: of rows in whatever state nothing goes that KIAS does not have', async () => {
    let seed = 20_261_122;
    const random = (below: number) => (seed = (seed * 48_271) % 2_147_483_647) % below;
    const made = Array.from({ length: 300 }, (_, place): OutboxRow => {
      const id = `0190${String(place).padStart(4, '0')}-0000-7000-8000-000000000000`;
      const of = `0190${String(random(place + 1)).padStart(4, '0')}-0000-7000-8000-000000000000`;
      const kind = random(5) === 0 ? 'withdrawal' : 'receipt';
      return sent({
        id, kind, receipt: kind === 'receipt' ? id : of, state: STATES[random(7)] ?? 'waiting', number: id,
        accepted_at: random(2) ? daysAgo(random(90)) : null, settled_at: random(2) ? daysAgo(random(90)) : null,
      });
    });
    const installation = (await tab.installations.currentInstallation())?.row.id ?? '';
    for (const row of made) await setRow({ ...row, installation });
    server.fail('receipts', 'cut', Infinity); // they stay as they are
    const { letGo } = await import('../src/sync/retention');
    await tab.installations.changeInstallation(installation, (row) => ({ ...row, server_time: { time: NOW, signature: '' }, backed_up_until: daysAgo(10) }));
    await letGo();
    const left = new Set((await outbox()).map(({ id }) => id));
    const gone = made.filter(({ id }) => !left.has(id));
    expect(gone.length).toBeGreaterThan(20);
    for (const row of gone) {
      const state = made.find(({ id }) => id === row.receipt)?.state ?? row.state;
      expect(IN_KIAS).toContain(state);
      expect(row.state).not.toBe('waiting');
      expect(mayGo(row, NOW, daysAgo(10))).toBe(true);
    }
  });
});
