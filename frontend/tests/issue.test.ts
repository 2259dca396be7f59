import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { IDBFactory } from 'fake-indexeddb';
import { breakWrites, counterOf, FIELDS, holdEncryption, idle, issueAndSend, issueOne, openTab, phoneAndServer, putAway, secondTab, startedTab, until } from './support/phone';
import type { Tab } from './support/phone';
import { openEnvelope } from './support/open';
import type { Server } from './support/server';

let server: Server;
let tab: Tab;
beforeEach(async () => {
  ({ server, tab } = await phoneAndServer());
  server.fail('', 'cut', 9_999); // issuing never waits for the network
});
afterEach(() => putAway(server));

const outbox = (of: Tab) => of.db.reading((db) => db.getAll('outbox'));
describe('«Сохранить»', () => {
  it('makes an envelope that only the server opens, signed by the installation', async () => {
    const receipt = await issueOne(tab, { comment: 'Ә' });
    const [row] = await outbox(tab);
    expect(row?.envelope).toMatch(/^kias1(\.[A-Za-z0-9_-]+){3}$/);
    const signer = [...server.installations.values()][0];
    const opened = await openEnvelope(row?.envelope ?? '', server.sealing.privateKey, signer?.key ?? '');
    expect(opened.signed).toBe(true);
    expect(opened.header).toEqual({ id: receipt.id, installation: signer?.id, kind: 'receipt', number: receipt.number, key: server.sealing.id, zip: 'deflate-raw' });
    expect(opened.content).toMatchObject({
      v: 1, id: receipt.id, number: receipt.number, issued_at: receipt.issued_at, policy_series: 'ХХХ', amount: 324_550, comment: 'Ә',
      insurant: 'Сидорова Аглая Потаповна', document_number: '0411123456', contact_phone: '+79123456789', replaces: null,
    });
    expect(Buffer.from(opened.content.check_token as string, 'base64url')).toHaveLength(10);
    expect(opened.content.evidence).toMatchObject({ server_signature: 'c2ln', backward_jumps: 0 });
    expect((opened.content.evidence as { since_server_ms: number }).since_server_ms).toBeGreaterThanOrEqual(0);
  });

  it('f17: is said only after the transaction is complete; an aborted one leaves the draft', async () => {
    const opened = await tab.openDraft();
    if (opened.kind !== 'open') throw new Error(opened.kind);
    const fields = { ...FIELDS, receipt_date: opened.draft.fields.receipt_date };
    const real = IDBDatabase.prototype.transaction;
    const spy = vi.spyOn(IDBDatabase.prototype, 'transaction').mockImplementation(function (this: IDBDatabase, names, mode, options) {
      const tx = real.call(this, names, mode, options);
      // Every request succeeds; the commit does not.
      if ([...(typeof names === 'string' ? [names] : names)].includes('outbox') && mode === 'readwrite') {
        const store = tx.objectStore('outbox');
        const add = store.add.bind(store);
        tx.objectStore('outbox').add = (value: unknown) => {
          const request = add(value);
          request.addEventListener('success', () => queueMicrotask(() => queueMicrotask(() => tx.abort())));
          return request;
        };
      }
      return tx;
    });
    expect((await tab.issue(opened.draft.id, fields)).kind).toBe('storage_failed');
    expect(tab.trouble.value?.kind).toBe('storage_failed');
    spy.mockRestore();
    expect(await outbox(tab)).toEqual([]);
    expect(await tab.openDraft()).toMatchObject({ draft: { id: opened.draft.id, number: opened.draft.number } });
    expect((await tab.issue(opened.draft.id, fields)).kind).toBe('saved');
  });

  it('f17: writes with strict durability', async () => {
    const spy = vi.spyOn(IDBDatabase.prototype, 'transaction');
    await issueOne(tab);
    const writes = spy.mock.calls.filter(([, mode]) => mode === 'readwrite');
    expect(writes.length).toBeGreaterThan(0);
    expect(writes.every(([, , options]) => options?.durability === 'strict')).toBe(true);
  });

  it('f24: a full phone is named, the form stays, nothing is half-stored', async () => {
    const opened = await tab.openDraft();
    if (opened.kind !== 'open') throw new Error(opened.kind);
    const fields = { ...FIELDS, receipt_date: opened.draft.fields.receipt_date };
    breakWrites('outbox', 'QuotaExceededError');
    expect(await tab.issue(opened.draft.id, fields)).toEqual({ kind: 'storage_full' });
    vi.restoreAllMocks();
    expect(await outbox(tab)).toEqual([]);
    expect((await (await secondTab()).openDraft())).toMatchObject({ draft: { id: opened.draft.id } });
  });

  it('f38: a double tap makes one receipt', async () => {
    const opened = await tab.openDraft();
    if (opened.kind !== 'open') throw new Error(opened.kind);
    const fields = { ...FIELDS, receipt_date: opened.draft.fields.receipt_date };
    const results = await Promise.all([tab.issue(opened.draft.id, fields), tab.issue(opened.draft.id, fields)]);
    expect(results.map(({ kind }) => kind).sort()).toEqual(['already_saved', 'saved']);
    expect(await outbox(tab)).toHaveLength(1);
  });

  it('f38, f32: one draft saved in two tabs is one receipt with the first content', async () => {
    const other = await secondTab();
    const opened = await tab.openDraft();
    if (opened.kind !== 'open') throw new Error(opened.kind);
    const fields = { ...FIELDS, receipt_date: opened.draft.fields.receipt_date };
    await tab.issue(opened.draft.id, fields);
    expect(await other.issue(opened.draft.id, { ...fields, amount: 1 })).toMatchObject({ kind: 'already_saved', receipt: { amount: 324_550 } });
    expect(await other.saveDraft(opened.draft.id, { ...fields, amount: 2 })).toBe(false);
    expect(await outbox(tab)).toHaveLength(1);
  });

  it('f38: typing that is stored too late does not touch the receipt', async () => {
    const opened = await tab.openDraft();
    if (opened.kind !== 'open') throw new Error(opened.kind);
    const fields = { ...FIELDS, receipt_date: opened.draft.fields.receipt_date };
    const other = await openTab(); // in this one saving waits for what is still being stored
    await other.refresh();
    const held = holdEncryption();
    const late = other.saveDraft(opened.draft.id, { ...fields, amount: 2 });
    await until(held.reached);
    await tab.issue(opened.draft.id, fields);
    held.letGo();
    expect(await late).toBe(false);
    expect(tab.receipts.value?.[0]).toMatchObject({ amount: 324_550, fields: { amount: 324_550 } });
  });

  it('f21, f32: a code that comes while the receipt is being sealed has it sealed again', async () => {
    const opened = await tab.openDraft();
    if (opened.kind !== 'open') throw new Error(opened.kind);
    const held = holdEncryption();
    const saving = tab.issue(opened.draft.id, { ...FIELDS, receipt_date: opened.draft.fields.receipt_date });
    await until(held.reached);
    server.heal();
    for (const id of server.installations.keys()) server.tokens.set(id, 'a clone was here');
    await tab.drainNow();
    held.letGo();
    expect((await saving).kind).toBe('saved');
    const [sent] = await outbox(tab);
    expect(sent?.number).toMatch(/^БС-Н5Р6С-/);
    const signer = [...server.installations.values()][0]?.key ?? '';
    expect((await openEnvelope(sent?.envelope ?? '', server.sealing.privateKey, signer)).content.number).toBe(sent?.number);
  });

  it('p13: a clock that another tab sees set back while the receipt is being sealed is in its evidence', async () => {
    const opened = await tab.openDraft();
    if (opened.kind !== 'open') throw new Error(opened.kind);
    const held = holdEncryption();
    const saving = tab.issue(opened.draft.id, { ...FIELDS, receipt_date: opened.draft.fields.receipt_date });
    await until(held.reached);
    const highest = Date.now() + 3_600_000;
    await tab.meta.setMeta('wall', { highest, last: Date.now(), backward_jumps: 7 });
    held.letGo();
    expect((await saving).kind).toBe('saved');
    const [sent] = await outbox(tab);
    const signer = [...server.installations.values()][0]?.key ?? '';
    const { evidence } = (await openEnvelope(sent?.envelope ?? '', server.sealing.privateKey, signer)).content;
    expect(evidence).toMatchObject({ highest_wall: new Date(highest).toISOString(), backward_jumps: 7 });
    expect(await tab.meta.getMeta('wall')).toMatchObject({ highest, backward_jumps: 7 });
  });

  it('f17: a saving writes in one strict transaction, and nothing of it is left when that fails', async () => {
    const opened = await tab.openDraft();
    if (opened.kind !== 'open') throw new Error(opened.kind);
    const fields = { ...FIELDS, receipt_date: opened.draft.fields.receipt_date };
    const before = await tab.meta.getMeta('wall');
    breakWrites('outbox', 'QuotaExceededError');
    expect((await tab.issue(opened.draft.id, fields)).kind).toBe('storage_full');
    vi.restoreAllMocks();
    expect(await tab.meta.getMeta('wall')).toEqual(before);
    const begun = vi.spyOn(IDBDatabase.prototype, 'transaction');
    const held = holdEncryption();
    const saving = tab.issue(opened.draft.id, fields);
    await until(held.reached);
    const read = begun.mock.calls.length;
    held.letGo();
    await until(() => begun.mock.calls.length > read);
    expect(begun.mock.calls.map(([, mode]) => mode ?? 'readonly').slice(0, read + 1)).toEqual(['readonly', 'readwrite']);
    expect(begun.mock.calls[read]?.[2]).toEqual({ durability: 'strict' });
    expect((await saving).kind).toBe('saved');
  });

  it('a key agreed ahead seals one envelope alone', async () => {
    await issueOne(tab);
    await issueOne(tab, { policy_number: '0123456780' });
    const points = (await outbox(tab)).map(({ envelope }) => envelope.split('.')[2]?.slice(0, 80));
    expect(new Set(points).size).toBe(2);
  });

  it('f38: a form dropped in another tab and saved here becomes a receipt under a number of its own', async () => {
    const other = await secondTab();
    const opened = await tab.openDraft();
    if (opened.kind !== 'open') throw new Error(opened.kind);
    await other.dropDraft(opened.draft.id);
    const result = await tab.issue(opened.draft.id, { ...FIELDS, receipt_date: opened.draft.fields.receipt_date });
    expect(result).toMatchObject({ kind: 'saved' });
    expect(result.kind === 'saved' && counterOf(result.receipt.number)).toBe(2);
  });

  it('f38: such a form is one receipt, too, tapped twice and saved again after Back', async () => {
    const other = await secondTab();
    const opened = await tab.openDraft();
    if (opened.kind !== 'open') throw new Error(opened.kind);
    const { id } = opened.draft;
    await other.dropDraft(id);
    const fields = { ...FIELDS, receipt_date: opened.draft.fields.receipt_date };
    const kinds = (await Promise.all([tab.issue(id, fields), other.issue(id, fields)])).map(({ kind }) => kind).sort();
    expect(kinds).toEqual(['already_saved', 'saved']);
    expect(await tab.issue(id, fields)).toMatchObject({ kind: 'already_saved', receipt: { fields: { insurant: 'Сидорова Аглая Потаповна' } } });
    expect(await outbox(tab)).toHaveLength(1);
  });

  it('f22: a connection that the browser dropped is opened again', async () => {
    (await tab.db.database()).close();
    expect((await issueOne(tab)).state).toBe('waiting');
  });

  it('f26: goes on when the session is gone', async () => {
    server.heal();
    server.session = null;
    await tab.probe();
    expect(tab.session.value).toMatchObject({ kind: 'agent', confirmed: false });
    expect((await issueOne(tab)).state).toBe('waiting');
  });

  it('names the fields to blame and stores nothing', async () => {
    const opened = await tab.openDraft();
    if (opened.kind !== 'open') throw new Error(opened.kind);
    expect(await tab.issue(opened.draft.id, { ...FIELDS, receipt_date: opened.draft.fields.receipt_date, amount: 0 })).toMatchObject({ kind: 'invalid', errors: { amount: expect.any(String) as string } });
    expect(await outbox(tab)).toEqual([]);
  });

  it('f30: records that the clock went back', async () => {
    await issueOne(tab);
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'Date'], now: Date.now() - 3_600_000 });
    const receipt = await issueOne(tab);
    const signer = [...server.installations.values()][0];
    const row = (await outbox(tab)).find(({ id }) => id === receipt.id);
    const { content } = await openEnvelope(row?.envelope ?? '', server.sealing.privateKey, signer?.key ?? '');
    const evidence = content.evidence as { backward_jumps: number; highest_wall: string };
    expect(evidence.backward_jumps).toBe(1);
    expect(evidence.highest_wall > receipt.issued_at).toBe(true);
  });
});

it('nothing of a client lies readable in the database', async () => {
  await issueOne(tab);
  const form = await tab.openDraft();
  if (form.kind === 'open') await tab.saveDraft(form.draft.id, { ...FIELDS, insurant: 'Кузнецов Пётр' });
  await idle();
  const everything = await tab.db.reading(async (db) => [await db.getAll('rows'), await db.getAll('outbox'), await db.getAll('meta'), await db.getAll('installations')]);
  const text = JSON.stringify(everything, (_, value: unknown) => (value instanceof ArrayBuffer ? Buffer.from(value).toString('latin1') : value));
  for (const secret of ['Сидорова', 'Кузнецов', '0411123456', '9123456789', '0123456789']) expect(text).not.toContain(secret);
});

describe('another release or tab', () => {
  it('p22: a newer database is opened as it is; what waits can be seen and sent', async () => {
    const receipt = await issueAndSend(tab);
    await tab.db.closeDatabase();
    await new Promise<void>((resolve, reject) => {
      const request = indexedDB.open('kias', 99);
      request.onupgradeneeded = () => request.result.createObjectStore('photos');
      request.onerror = () => reject(new Error('not opened'));
      request.onsuccess = () => {
        request.result.close();
        resolve();
      };
    });
    const older = await startedTab();
    expect(older.trouble.value).toEqual({ kind: 'newer_version' });
    expect(older.waitingTotals.value.count).toBe(1);
    server.heal();
    await older.drainNow();
    expect([...server.kept.keys()]).toEqual([receipt.id]);
  });

  it('a receipt issued in one tab shows in the other', async () => {
    const other = await startedTab();
    const receipt = await issueOne(tab);
    await until(() => other.receipts.value?.some(({ id }) => id === receipt.id) ?? false);
  });

  it('a browser without storage says so and lets nobody issue', async () => {
    vi.spyOn(IDBFactory.prototype, 'open').mockImplementation(() => {
      throw new DOMException('private window', 'SecurityError');
    });
    const blind = await startedTab();
    expect(blind.trouble.value).toEqual({ kind: 'storage_unavailable' });
    expect(blind.session.value.kind).toBe('guest');
    expect((await blind.openDraft()).kind).toBe('storage_failed');
  });
});
