/** Online numbers on the phone: asked for with network, given back without, never used twice (spec «Numbers», P03). */
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { FIELDS, holdEncryption, holdTimers, issueAndSend, issueOne, loggedIn, newPhone, openTab, putAway, startedTab, until } from './support/phone';
import type { Tab } from './support/phone';
import { openEnvelope } from './support/open';
import { OTHER_AGENT, Server, portal, refusal } from './support/server';
import type { Fault } from './support/server';

let server: Server;
let tab: Tab;
beforeEach(async () => {
  holdTimers();
  newPhone();
  server = await Server.start();
  server.nextOnline = 1;
  tab = await loggedIn();
});
afterEach(() => putAway(server));

const outbox = (of: Tab) => of.db.reading((db) => db.getAll('outbox'));
const installation = async (of: Tab) => {
  const [row] = await of.installations.allInstallations();
  if (!row) throw new Error('no installation');
  return row;
};
async function form(of: Tab) {
  const opened = await of.openDraft();
  if (opened.kind !== 'open') throw new Error(opened.kind);
  return opened.draft;
}
const save = (of: Tab, draft: { id: string; fields: { receipt_date: string } }) => of.issue(draft.id, { ...FIELDS, receipt_date: draft.fields.receipt_date });
const quiet = () => until(() => !tab.sending.value.active);
/** The line is gone, and the phone knows it. */
async function cut(): Promise<void> {
  server.fail('', 'cut', Infinity);
  await tab.probe();
}

describe('opening the form', () => {
  it('with network shows the number of a series', async () => {
    expect(await form(tab)).toMatchObject({ number: 'АВ-00000001', counter: 0, online: true });
    expect((await installation(tab)).counter).toBe(0);
  });

  it('p03: a hundred times costs one number, dropped or not', async () => {
    for (let time = 0; time < 100; time++) {
      const draft = await form(tab);
      expect(draft.number).toBe('АВ-00000001');
      if (time % 2) await tab.dropDraft(draft.id);
    }
    expect((await installation(tab)).spoiled).toEqual([]);
    expect(server.nextOnline).toBe(2);
  });

  it('the next one gets the next number once the receipt has arrived', async () => {
    await issueAndSend(tab);
    expect((await form(tab)).number).toBe('АВ-00000002');
  });

  it('waits for what is being sent: the number just saved is not offered again', async () => {
    const first = await issueOne(tab);
    expect([first.number, (await form(tab)).number]).toEqual(['АВ-00000001', 'АВ-00000002']);
  });

  it('a number that a receipt on its way has is not taken twice', async () => {
    server.fail('receipts', 'cut', Infinity);
    await issueAndSend(tab);
    await tab.probe();
    expect(tab.connection.value).toBe('online');
    expect(await form(tab)).toMatchObject({ counter: 1, online: false });
  });

  it.each<[string, (() => Fault) | null]>([
    ['no network', () => 'cut'],
    ['a lost answer', () => 'lose'],
    ['f27: a captive portal', portal],
    ['a server that is busy', () => refusal(503, 'try_later')],
    ['f28: a session that is gone', () => refusal(401, 'login_required')],
    ['p17: a refusal', () => refusal(403, 'not_allowed')],
    ['an older server', () => refusal(404, 'not_found')],
    ['no number left', null],
  ])('%s gives a БС- number', async (_, fault) => {
    if (fault) server.fail('numbers', fault());
    else server.nextOnline = null;
    expect(await form(tab)).toMatchObject({ counter: 1, online: false });
  });

  it('a server that is slow gives a БС- number, and its late answer changes nothing', async () => {
    let answer: (() => void) | null = null;
    const real = globalThis.fetch;
    vi.stubGlobal('fetch', async (path: string, init: RequestInit) => {
      if (path === '/api/numbers') await new Promise<void>((give) => (answer = give));
      return real(path, init);
    });
    const opening = form(tab);
    await until(() => answer !== null);
    vi.advanceTimersByTime(1_500);
    expect(await opening).toMatchObject({ counter: 1 });
    (answer as (() => void) | null)?.();
    await until(() => server.reserved.size > 0);
    expect(await form(tab)).toMatchObject({ counter: 1 });
    vi.stubGlobal('fetch', real);
  });

  it.each(['the line is known to be gone', 'f26: the session is'])('asks nothing while %s', async (what) => {
    if (what.startsWith('f26')) server.session = null;
    else server.fail('', 'cut', Infinity);
    await tab.probe();
    server.asked = [];
    expect(await form(tab)).toMatchObject({ counter: 1 });
    expect(server.asked).toEqual([]);
  });

  it('right after the start waits for the first word about the line', async () => {
    const fresh = await startedTab();
    expect(await form(fresh)).toMatchObject({ number: 'АВ-00000001' });
  });

  it('takes no number of another agent whose session is the browser\'s by now', async () => {
    server.fail('numbers', () => {
      server.installations.set('other', { id: 'other', code: 'М3К2А', counter: 0, agent: OTHER_AGENT, key: 'k', revoked: false });
      server.session = { agent: OTHER_AGENT, installation: 'other' };
      return null;
    });
    expect(await form(tab)).toMatchObject({ counter: 1 });
    expect(server.reserved.get('other')).toBe('АВ-00000001');
  });

  it('f18: two tabs at once get one draft and one number', async () => {
    const other = await startedTab();
    const [one, two] = await Promise.all([form(tab), form(other)]);
    expect([one.id, one.number]).toEqual([two.id, 'АВ-00000001']);
    expect(two.number).toBe('АВ-00000001');
  });

  it('an open form stays what it is, whatever the line does', async () => {
    const online = await form(tab);
    await cut();
    expect(await form(tab)).toMatchObject({ id: online.id, number: 'АВ-00000001' });
    await tab.dropDraft(online.id);
    const offline = await form(tab);
    server.heal();
    await tab.probe();
    expect(await form(tab)).toMatchObject({ id: offline.id, number: offline.number, online: false });
  });

  it('survives a restart of the app', async () => {
    const before = await form(tab);
    const again = await startedTab();
    expect(await form(again)).toMatchObject({ id: before.id, number: 'АВ-00000001', online: true });
  });
});

describe('«Сохранить»', () => {
  it('with network keeps the number, in the envelope too', async () => {
    const receipt = await issueAndSend(tab);
    expect(receipt.number).toBe('АВ-00000001');
    const [row] = await outbox(tab);
    const signer = server.installations.get((await installation(tab)).id)?.key ?? '';
    const { header, content } = await openEnvelope(row?.envelope ?? '', server.sealing.privateKey, signer);
    expect([header.number, content.number, row?.number, row?.counter]).toEqual(['АВ-00000001', 'АВ-00000001', 'АВ-00000001', 0]);
    expect(server.kept.size).toBe(1);
  });

  it.each(['no network', 'f26: no session', 'f27: a foreign page'])('%s: the number becomes a БС- one and the online one is given back', async (what) => {
    const draft = await form(tab);
    if (what.startsWith('f26')) server.session = null;
    else server.fail('', what.startsWith('f27') ? portal() : 'cut', Infinity);
    await tab.probe();
    const result = await save(tab, draft);
    expect(result).toMatchObject({ kind: 'saved', receipt: { id: draft.id } });
    expect(result.kind === 'saved' && result.receipt.number).toMatch(/^БС-К7М3Т-00001-/);
    expect(tab.leftOnline.value).toBe(draft.id);
    expect(await installation(tab)).toMatchObject({ counter: 1, void_numbers: ['АВ-00000001'], spoiled: [] });
    expect((await outbox(tab)).map(({ number }) => number)).toEqual([result.kind === 'saved' && result.receipt.number]);
  });

  it('the next contact says so, once; the receipt arrives under its БС- number', async () => {
    const draft = await form(tab);
    await cut();
    await save(tab, draft);
    await quiet();
    server.heal();
    server.asked = [];
    await tab.drainNow();
    await tab.drainNow();
    expect(server.calls('POST ping').map(({ body }) => body.void_numbers)).toEqual([['АВ-00000001'], []]);
    expect((await installation(tab)).void_numbers).toEqual([]);
    expect(server.kept.size).toBe(1);
    expect((await form(tab)).number).toBe('АВ-00000002');
  });

  it('what is given back while the contact is under way is told the next time', async () => {
    await cut();
    const first = await form(tab); // a БС- number, dropped: spoiled
    await tab.dropDraft(first.id);
    server.heal();
    await tab.probe();
    await quiet();
    await tab.installations.changeInstallation((await installation(tab)).id, (row) => ({ ...row, spoiled: [first.number], void_numbers: ['АВ-00000009'] }));
    server.fail('ping', ({ method }) => {
      if (method === 'POST') void tab.installations.allInstallations().then(([row]) => row && tab.installations.changeInstallation(row.id, (now) => ({ ...now, void_numbers: [...now.void_numbers, 'АВ-00000010'] })));
      return null;
    });
    const real = globalThis.fetch;
    vi.stubGlobal('fetch', async (path: string, init: RequestInit) => {
      const answer = await real(path, init);
      if (path === '/api/ping' && init.method === 'POST') await until(async () => (await installation(tab)).void_numbers.length === 2);
      return answer;
    });
    await tab.drainNow();
    vi.stubGlobal('fetch', real);
    expect(await installation(tab)).toMatchObject({ void_numbers: ['АВ-00000010'], spoiled: [] });
  });

  it('f01: a contact whose answer was lost is told again', async () => {
    const draft = await form(tab);
    await cut();
    await save(tab, draft);
    await quiet();
    server.heal();
    server.fail('ping', 'lose');
    await tab.drainNow();
    expect((await installation(tab)).void_numbers).toEqual(['АВ-00000001']);
  });

  it('a line that is only thought to be there keeps the number, also when the sending fails', async () => {
    const draft = await form(tab);
    server.fail('', 'cut', Infinity);
    const result = await save(tab, draft);
    expect(result).toMatchObject({ kind: 'saved', receipt: { number: 'АВ-00000001' } });
    await until(() => !tab.sending.value.active);
    expect(tab.connection.value).toBe('offline');
    server.heal();
    await tab.drainNow();
    expect([...server.kept.keys()]).toEqual([draft.id]);
    expect(tab.receipts.value?.[0]).toMatchObject({ number: 'АВ-00000001', state: 'accepted' });
  });

  it('f38: a double tap without a line gives one number back and makes one receipt', async () => {
    const draft = await form(tab);
    await cut();
    const kinds = (await Promise.all([save(tab, draft), save(tab, draft)])).map(({ kind }) => kind).sort();
    expect(kinds).toEqual(['already_saved', 'saved']);
    expect(await installation(tab)).toMatchObject({ counter: 1, void_numbers: ['АВ-00000001'] });
  });

  it('f32: a tab that has lost the line renumbers what another one is just sealing: it is sealed again', async () => {
    const other = await openTab();
    await other.refresh();
    const draft = await form(tab);
    const held = holdEncryption();
    const saving = save(tab, draft);
    await until(held.reached);
    server.fail('', 'cut', Infinity);
    await other.probe();
    const there = await save(other, draft);
    held.letGo();
    expect((await saving).kind).toBe('already_saved');
    expect(there.kind === 'saved' && there.receipt.number).toMatch(/^БС-/);
    expect(await outbox(tab)).toHaveLength(1);
  });

  it('f24: nothing is renumbered by half when the storage is full', async () => {
    const draft = await form(tab);
    await cut();
    const spy = vi.spyOn(IDBObjectStore.prototype, 'put').mockImplementation(() => {
      throw new DOMException('told to fail', 'QuotaExceededError');
    });
    expect(await save(tab, draft)).toEqual({ kind: 'storage_full' });
    spy.mockRestore();
    expect(await installation(tab)).toMatchObject({ counter: 0, void_numbers: [] });
    expect(await save(tab, draft)).toMatchObject({ kind: 'saved' });
  });
});

it('f21: after a new installation code an open online number is given back: the clone holds the same one', async () => {
  const draft = await form(tab);
  for (const id of server.installations.keys()) server.tokens.set(id, 'a clone was here');
  await tab.drainNow();
  expect(await installation(tab)).toMatchObject({ code: 'Н5Р6С', counter: 1, spoiled: [], void_numbers: ['АВ-00000001'] });
  expect(tab.draft.value).toMatchObject({ id: draft.id, number: expect.stringMatching(/^БС-Н5Р6С-00001/) as string, online: false });
  expect(await save(tab, draft)).toMatchObject({ receipt: { number: tab.receipts.value?.[0]?.number } });
  await quiet();
  expect((await installation(tab)).void_numbers).toEqual([]); // the server was told
});

it('f20: spoiled numbers are struck off once the server knows them', async () => {
  server.nextOnline = null;
  const draft = await form(tab);
  await tab.dropDraft(draft.id);
  server.asked = [];
  await tab.drainNow();
  expect(server.calls('POST ping')[0]?.body.spoiled).toEqual([draft.number]);
  expect((await installation(tab)).spoiled).toEqual([]);
});
