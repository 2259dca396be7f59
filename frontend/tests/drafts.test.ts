import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { breakWrites, counterOf, FIELDS, issueAndSend, issueOne, phoneAndServer, putAway, secondTab, until } from './support/phone';
import type { Tab } from './support/phone';
import type { Server } from './support/server';

let server: Server;
let tab: Tab;
beforeEach(async () => {
  ({ server, tab } = await phoneAndServer());
  server.fail('', 'cut', 9_999); // issuing never waits for the network
});
afterEach(() => putAway(server));

describe('drafts and numbers', () => {
  it('f18: two tabs that open the form at once get one draft and one number', async () => {
    const other = await secondTab();
    const [one, two] = await Promise.all([tab.openDraft(), other.openDraft()]);
    expect(one).toMatchObject({ kind: 'open', draft: { counter: 1 } });
    expect(two).toMatchObject(one.kind === 'open' ? { draft: { id: one.draft.id, number: one.draft.number } } : {});
  });

  it('f18: two tabs that issue one after another never give a number twice', async () => {
    const other = await secondTab();
    const numbers = [];
    for (const from of [tab, other, tab, other]) numbers.push((await issueOne(from)).number);
    expect(numbers.map(counterOf)).toEqual([1, 2, 3, 4]);
  });

  it('f18: the number comes from what stands in the database at that moment, not from what was read before', async () => {
    const [row] = await tab.installations.allInstallations();
    if (!row) throw new Error('no installation');
    const taken = await Promise.all([tab.newDraft(row, FIELDS), (await secondTab()).newDraft(row, FIELDS, 'another form')]);
    expect(taken.map(({ counter }) => counter).sort()).toEqual([1, 2]);
  });

  it('f18: the counter and the draft are stored together or not at all', async () => {
    breakWrites('rows', 'UnknownError');
    expect((await tab.openDraft()).kind).toBe('storage_failed');
    vi.restoreAllMocks();
    const opened = await tab.openDraft();
    expect(opened).toMatchObject({ draft: { counter: 1 } });
  });

  it('going back to the empty form returns to the same draft, also after a reload', async () => {
    const first = await tab.openDraft();
    if (first.kind !== 'open') throw new Error(first.kind);
    await tab.saveDraft(first.draft.id, { ...FIELDS, receipt_date: first.draft.fields.receipt_date, comment: 'позвонить' });
    const again = await (await secondTab()).openDraft();
    expect(again).toMatchObject({ draft: { id: first.draft.id, number: first.draft.number, fields: { comment: 'позвонить' } } });
  });

  it('f20: the number of a dropped draft is remembered and never given again', async () => {
    const first = await tab.openDraft();
    if (first.kind !== 'open') throw new Error(first.kind);
    expect(await tab.dropDraft(first.draft.id)).toBe(true);
    const next = await tab.openDraft();
    expect(next).toMatchObject({ draft: { counter: 2 } });
    expect((await tab.installations.allInstallations())[0]?.spoiled).toEqual([first.draft.number]);
  });

  it('f20: counts on from the highest counter that the server has seen', async () => {
    server.heal();
    for (const installation of server.installations.values()) installation.counter = 41;
    await tab.drainNow();
    expect(counterOf((await issueAndSend(tab)).number)).toBe(42);
    server.forgetful = true;
    await tab.drainNow();
    expect(counterOf((await issueOne(tab)).number)).toBe(43);
  });

  it('f21: a code that comes with the login renumbers the open form, too', async () => {
    const form = await tab.openDraft();
    if (form.kind !== 'open') throw new Error(form.kind);
    server.heal();
    for (const installation of server.installations.values()) installation.code = 'Т8У9Х';
    await tab.requestCode('89000000001');
    await tab.confirmCode('123456');
    const told = () => server.calls('POST ping').flatMap(({ body }) => body.spoiled);
    await until(() => told().length > 0);
    expect(tab.draft.value).toMatchObject({ id: form.draft.id });
    expect(tab.draft.value?.number).toMatch(/^БС-Т8У9Х-00002-/);
    expect(told()).toEqual([form.draft.number]);
  });

  it('f21: a new installation code renumbers the open form and nothing that was issued', async () => {
    const issued = await issueAndSend(tab);
    const form = await tab.openDraft();
    if (form.kind !== 'open') throw new Error(form.kind);
    server.heal();
    for (const id of server.installations.keys()) server.tokens.set(id, 'a clone was here');
    await tab.drainNow();
    expect(tab.draft.value?.id).toBe(form.draft.id);
    expect(tab.draft.value?.number).toMatch(/^БС-Н5Р6С-00003-/);
    const result = await tab.issue(form.draft.id, { ...FIELDS, receipt_date: form.draft.fields.receipt_date });
    expect(result).toMatchObject({ kind: 'saved', receipt: { number: tab.receipts.value?.[0]?.number } });
    expect(tab.receipts.value?.map(({ number }) => number.slice(3, 8))).toEqual(['Н5Р6С', 'К7М3Т']);
    expect(tab.receipts.value?.[1]?.number).toBe(issued.number);
  });
});
