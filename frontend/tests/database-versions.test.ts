/** The present shell on the database of every released version, and on one that is newer than itself (F29, F41, P22). */
import { readdirSync } from 'node:fs';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { DB_VERSION } from '../src/store/schema';
import * as v1 from './fixtures/db-v1';
import * as v2 from './fixtures/db-v2';
import type { Written } from './fixtures/frozen';
import { holdTimers, issueOne, loggedIn, newPhone, openTab, putAway, startedTab, until } from './support/phone';
import type { Tab } from './support/phone';
import { Server } from './support/server';

const RELEASED = [v1, v2];
const NEW_PIN = '246810';

let server: Server;
beforeEach(async () => {
  holdTimers();
  newPhone();
  server = await Server.start();
});
afterEach(() => putAway(server));

const idle = (tab: Tab) => until(() => !tab.sending.value.active);

/** Opens it by its PIN, or gives it its first one. */
async function opened(tab: Tab, { pin }: Written): Promise<void> {
  expect(tab.vault.value).toBe(pin === null ? 'none' : 'locked');
  expect(await (pin === null ? tab.setPin(NEW_PIN) : tab.unlock(pin))).toEqual({ kind: 'open' });
}

/** Opens the database as a later release would have left it. */
function grow(version: number, change: (db: IDBDatabase, tx: IDBTransaction) => void): Promise<void> {
  return new Promise((resolve, reject) => {
    const request = indexedDB.open('kias', version);
    request.onupgradeneeded = () => {
      if (request.transaction) change(request.result, request.transaction);
    };
    request.onerror = () => reject(new Error('not opened'));
    request.onsuccess = () => {
      request.result.close();
      resolve();
    };
  });
}

describe.each(RELEASED)('a phone with database version $VERSION', ({ leave }) => {
  it('f29: what is unsent is counted before any PIN, and leaves while the rows are locked', async () => {
    const left = await leave(server);
    server.fail('', 'cut', 9_999);
    const tab = await startedTab();
    expect(tab.trouble.value).toBeNull();
    expect(tab.waitingTotals.value).toEqual({ count: 3, sum: 329_550 }); // the withdrawn one counts, its money does not
    server.heal();
    await tab.drainNow();
    expect(left.waiting.every(({ id }) => server.kept.has(id))).toBe(true);
    expect(server.kept.has(left.withdrawal)).toBe(true);
    expect(tab.waitingTotals.value.count).toBe(0);
  });

  it('f29, f41: its rows open, with sums, texts and states; the form goes on; nothing is lost', async () => {
    const left = await leave(server);
    server.fail('', 'cut', 9_999);
    const tab = await startedTab();
    await opened(tab, left);
    const shown = new Map(tab.receipts.value?.map((receipt) => [receipt.id, receipt]));
    expect(shown.size).toBe(3);
    for (const { id, number, amount } of left.waiting) expect(shown.get(id)).toMatchObject({ number, amount, state: 'waiting', fields: { insurant: 'Сидорова Аглая Потаповна' } });
    expect(shown.get(left.sent.id)).toMatchObject({ amount: left.sent.amount, state: 'accepted', withdrawal: { reason: 'amount' } });
    expect(tab.draft.value).toMatchObject({ ...left.draft, fields: { insurant: 'Петров Пётр' } });
    const installation = (await tab.installations.allInstallations())[0];
    expect(installation).toMatchObject({ counter: left.counter, spoiled: left.spoiled, contact_token: null });
    expect(installation?.data_key).toBeUndefined();
    const rows = await tab.db.reading((db) => db.getAll('rows'));
    expect(rows.filter(({ amount }) => amount !== 0)).toEqual([]);
  });

  it('p22: numbers go on where they stood, and the next start opens it by the PIN', async () => {
    const left = await leave(server);
    server.fail('', 'cut', 9_999);
    const tab = await startedTab();
    await opened(tab, left);
    expect((await issueOne(tab)).number).toBe(left.draft.number); // the form that was open
    expect((await issueOne(tab)).number).toMatch(/^БС-К7М3Т-00006-/);
    const other = await openTab();
    await other.refresh();
    expect(await other.unlock(left.pin ?? NEW_PIN)).toEqual({ kind: 'open' });
    expect(other.receipts.value).toHaveLength(5);
  });

  it('f41, p22: once a newer release has migrated it, this one still shows and sends what waits', async () => {
    const left = await leave(server);
    server.fail('', 'cut', 9_999);
    const before = await startedTab();
    await opened(before, left);
    await before.db.closeDatabase();
    await grow(DB_VERSION + 1, (db, tx) => {
      db.createObjectStore('photos', { keyPath: 'id' }).add({ id: 'one', blob: new Uint8Array(9) });
      tx.objectStore('outbox').createIndex('priority', 'priority');
      for (const name of ['outbox', 'rows', 'installations'] as const) {
        const walk = tx.objectStore(name).openCursor();
        walk.onsuccess = () => {
          if (!walk.result) return;
          walk.result.update({ ...(walk.result.value as object), priority: 1, of_a_later_release: { deep: ['yes'] } });
          walk.result.continue();
        };
      }
    });
    const rolledBack = await startedTab();
    expect(rolledBack.trouble.value).toEqual({ kind: 'newer_version' });
    expect(rolledBack.waitingTotals.value.count).toBe(3);
    await rolledBack.unlock(left.pin ?? NEW_PIN);
    expect(rolledBack.receipts.value?.map(({ id }) => id).sort()).toEqual([left.sent.id, ...left.waiting.map(({ id }) => id)].sort());
    server.heal();
    await rolledBack.drainNow();
    await idle(rolledBack);
    expect(rolledBack.waitingTotals.value.count).toBe(0);
    const outbox = (await rolledBack.db.reading((db) => db.getAll('outbox'))) as unknown as { of_a_later_release: unknown }[];
    expect(outbox.filter((row) => JSON.stringify(row.of_a_later_release) === '{"deep":["yes"]}')).toHaveLength(outbox.length); // forward again, nothing is missing
  });
});

describe('two releases at once', () => {
  it('f29: a tab of the older release lets go of the database, and what is typed in it is stored all the same', async () => {
    const tab = await loggedIn();
    server.fail('', 'cut', 9_999);
    const form = await tab.openDraft();
    if (form.kind !== 'open') throw new Error(form.kind);
    await grow(DB_VERSION + 1, (db) => db.createObjectStore('photos')); // would hang if the tab held on
    expect(await tab.saveDraft(form.draft.id, { ...form.draft.fields, insurant: 'Кузнецов Иван' }, true)).toBe(true);
    const receipt = await issueOne(tab);
    expect(receipt.number).toBe(form.draft.number);
    expect(tab.waitingTotals.value.count).toBe(1);
  });

  it('f29: while an older tab holds on, the newer one says so and goes on by itself', async () => {
    await v1.leave(server);
    const holding = await new Promise<IDBDatabase>((resolve) => {
      const request = indexedDB.open('kias', 1); // no `onversionchange`: a tab that is frozen
      request.onsuccess = () => resolve(request.result);
    });
    server.fail('', 'cut', 9_999);
    const starting = startedTab();
    const { own } = await import('../src/sync/state');
    await until(() => own.trouble.value?.kind === 'blocked');
    holding.close();
    const tab = await starting;
    expect(tab.trouble.value).toBeNull();
    expect(tab.waitingTotals.value.count).toBe(3);
  });
});

describe('the rule: no version and no shape without its fixture', () => {
  it('p22: every version up to the present one has a frozen phone', () => {
    const files = readdirSync(new URL('fixtures/', import.meta.url)).filter((name) => name.startsWith('db-v')).sort();
    expect(files).toEqual(Array.from({ length: DB_VERSION }, (_, at) => `db-v${String(at + 1)}.ts`));
    expect(RELEASED.map(({ VERSION }) => VERSION)).toEqual(Array.from({ length: DB_VERSION }, (_, at) => at + 1));
  });

  it('p22: stores and fields are those of the newest frozen phone: another shape needs another version and fixture', async () => {
    const { STORES, SHAPE } = RELEASED[RELEASED.length - 1] ?? v2;
    const tab = await loggedIn();
    await tab.setPin(NEW_PIN);
    const sent = await issueOne(tab);
    await idle(tab);
    server.fail('', 'cut', 9_999);
    await tab.withdraw(sent.id, 'amount', '');
    await issueOne(tab);
    await tab.openDraft();
    await tab.db.closeDatabase();
    const found = await new Promise<{ stores: typeof STORES; rows: Record<string, object[]> }>((resolve) => {
      const request = indexedDB.open('kias');
      request.onsuccess = () => {
        const db = request.result;
        const names = [...db.objectStoreNames];
        const tx = db.transaction(names);
        const stores: typeof STORES = {};
        const rows: Record<string, object[]> = {};
        for (const name of names) {
          const store = tx.objectStore(name);
          stores[name] = { keyPath: String(store.keyPath), indexes: [...store.indexNames] };
          const all = store.getAll();
          all.onsuccess = () => (rows[name] = all.result as object[]);
        }
        tx.oncomplete = () => {
          db.close();
          resolve({ stores, rows });
        };
      };
    });
    expect(found.stores).toEqual(STORES);
    for (const [name, fields] of Object.entries(SHAPE)) {
      const needed = fields.filter((field) => !field.endsWith('?'));
      const allowed = fields.map((field) => field.replace('?', ''));
      expect(found.rows[name]?.length).toBeGreaterThan(0);
      for (const row of found.rows[name] ?? []) {
        expect(Object.keys(row).filter((key) => !allowed.includes(key))).toEqual([]);
        expect(needed.filter((key) => !(key in row))).toEqual([]);
      }
    }
  });
});
