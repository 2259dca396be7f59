import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { issueAndSend, openTab, phoneAndServer, putAway, until } from './support/phone';
import type { Tab } from './support/phone';
import type { Server } from './support/server';

let server: Server;
let tab: Tab;
beforeEach(async () => {
  ({ server, tab } = await phoneAndServer());
});
afterEach(() => putAway(server));

describe('the states’ feed', () => {
  it('brings every step and stores the cursor with it', async () => {
    const receipt = await issueAndSend(tab);
    server.move(receipt.id, 'accepted');
    server.move(receipt.id, 'registered');
    for (let other = 0; other < 4; other++) server.move(crypto.randomUUID(), 'accepted');
    server.move(receipt.id, 'fiscalised', { check: { fn: '1', fd: '2', fpd: '3', formed_at: '2026-11-22T08:00:00Z', qr: 't=1' } });
    await tab.drainNow();
    const known = tab.receipts.value?.find(({ id }) => id === receipt.id);
    expect(known?.history.map(({ state }) => state)).toEqual(['waiting', 'accepted', 'registered', 'fiscalised']);
    expect(known?.check?.qr).toBe('t=1');
    expect(tab.receipts.value).toHaveLength(5);
    expect((await tab.installations.allInstallations())[0]?.cursor).toBe(7);
  });

  it('leaves no client readable once KIAS has the receipt', async () => {
    const receipt = await issueAndSend(tab);
    server.move(receipt.id, 'registered');
    await tab.drainNow();
    expect(tab.receipts.value?.[0]?.fields?.insurant).toBe('Сидорова Аглая Потаповна'); // the open page keeps it
    const reloaded = await openTab();
    await reloaded.refresh();
    expect(reloaded.receipts.value?.[0]).toMatchObject({ state: 'registered', fields: null, amount: 324_550 });
  });

  it('moves no cursor when the changes cannot be stored', async () => {
    const receipt = await issueAndSend(tab);
    server.move(receipt.id, 'registered');
    const put = IDBObjectStore.prototype.put;
    vi.spyOn(IDBObjectStore.prototype, 'put').mockImplementation(function (this: IDBObjectStore, value: { cursor?: number }, key?: IDBValidKey) {
      if (this.name === 'installations' && value.cursor === 1) throw new DOMException('told to fail', 'UnknownError');
      return put.call(this, value, key);
    });
    expect((await tab.drainNow()).kind).toBe('storage_failed');
    vi.restoreAllMocks();
    expect(tab.receipts.value?.[0]?.state).toBe('accepted');
    await tab.drainNow();
    expect(tab.receipts.value?.[0]?.state).toBe('registered');
  });
});

describe('a new epoch', () => {
  it('f15: offers again what the restored server no longer knows', async () => {
    const first = await issueAndSend(tab);
    const second = await issueAndSend(tab);
    server.move(first.id, 'registered');
    await tab.drainNow();
    server.epoch = crypto.randomUUID();
    server.kept.delete(second.id);
    server.changes = [];
    server.move(first.id, 'accepted');
    expect(await tab.drainNow()).toEqual({ kind: 'done', sent: 1, kept: 0 });
    expect(server.kept.has(second.id)).toBe(true);
    expect((await tab.installations.allInstallations())[0]).toMatchObject({ epoch: server.epoch, cursor: 1 });
  });

  it('f15: asks again when the question itself was cut', async () => {
    const receipt = await issueAndSend(tab);
    server.epoch = crypto.randomUUID();
    server.kept.clear();
    server.fail('receipts/status', 'cut');
    expect(await tab.drainNow()).toMatchObject({ kind: 'offline' });
    await tab.drainNow();
    expect([...server.kept.keys()]).toEqual([receipt.id]);
  });

  it('f15, f35: a new installation, too, asks about what the revoked one had sent', async () => {
    await issueAndSend(tab);
    for (const installation of server.installations.values()) installation.revoked = true;
    server.kept.clear();
    server.session = null;
    await tab.drainNow();
    await tab.requestCode('89000000001');
    await tab.confirmCode('123456');
    await until(() => server.kept.size === 1);
  });

  it('f15: takes a cursor ahead of the server’s for a new epoch too', async () => {
    const receipt = await issueAndSend(tab);
    server.move(receipt.id, 'registered');
    await tab.drainNow();
    server.changes = [];
    server.kept.clear();
    expect(await tab.drainNow()).toEqual({ kind: 'done', sent: 1, kept: 0 });
  });
});
