import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { uncounted } from '../src/domain/chains';
import { stateSentence } from '../src/domain/texts';
import type { ReceiptState } from '../src/domain/model';
import { nextBatch } from '../src/sync/batches';
import type { OutboxRow } from '../src/store/schema';
import chains from '../../tests/cases/chains.json';
import { openEnvelope } from './support/open';
import { idle, issueAndSend, issueOne, openTab, phoneAndServer, putAway, until } from './support/phone';
import type { Tab } from './support/phone';
import type { Server } from './support/server';

let server: Server;
let tab: Tab;
beforeEach(async () => {
  ({ server, tab } = await phoneAndServer());
});
afterEach(() => putAway(server));

const outbox = () => tab.db.reading((db) => db.getAll('outbox'));
const shown = (id: string) => tab.receipts.value?.find((receipt) => receipt.id === id);

async function offline(): Promise<void> {
  server.fail('', 'cut', Infinity);
  await idle();
}

describe('a withdrawal (P01)', () => {
  it('is sealed, signed and stored like a receipt, and waits in its receipt’s row', async () => {
    await offline();
    const receipt = await issueAndSend(tab);
    expect(await tab.withdraw(receipt.id, 'other', '  клиент ушёл ')).toEqual({ kind: 'withdrawn' });
    await until(() => !tab.sending.value.active);
    const [, row] = await outbox();
    expect(row).toMatchObject({ kind: 'withdrawal', receipt: receipt.id, number: receipt.number, amount: 0, state: 'waiting' });
    const [installation] = [...server.installations.values()];
    const opened = await openEnvelope(row?.envelope ?? '', server.sealing.privateKey, installation?.key ?? '');
    expect(opened.signed).toBe(true);
    expect(opened.header).toMatchObject({ kind: 'withdrawal', id: row?.id, number: receipt.number });
    expect(Object.keys(opened.content).sort()).toEqual(
      ['app_version', 'copy_shown', 'evidence', 'id', 'installation', 'number', 'offset_min', 'reason', 'receipt', 'saved_at', 'text', 'v', 'withdrawn_at', 'zone'],
    );
    expect(opened.content).toMatchObject({ v: 1, id: row?.id, receipt: receipt.id, reason: 'other', text: 'клиент ушёл', saved_at: receipt.issued_at, copy_shown: false });
    expect(shown(receipt.id)?.withdrawal).toMatchObject({ state: 'waiting', reason: 'другое: клиент ушёл' });
    expect(tab.waitingTotals.value).toEqual({ count: 1, sum: 0 }); // one row of «Неотправленные», and no money any more
    expect(tab.waitingWithdrawals.value).toBe(0); // its receipt waits as well
    expect([...tab.notCounted.value]).toEqual([receipt.id]);
  });

  it('leaves with its receipt, right behind it, and the phone hears that it is annulled by its agent', async () => {
    await offline();
    const first = await issueAndSend(tab);
    const second = await issueAndSend(tab);
    await tab.withdraw(first.id, 'amount');
    await until(() => !tab.sending.value.active);
    server.heal();
    server.asked = [];
    expect(await tab.drainNow()).toEqual({ kind: 'done', sent: 3, kept: 0 });
    const [asked, ...more] = server.calls('POST receipts');
    expect(more).toEqual([]);
    const rows = await outbox();
    const [withdrawal] = rows.filter(({ kind }) => kind === 'withdrawal');
    const order = [first.id, withdrawal?.id, second.id].map((id) => rows.find((row) => row.id === id)?.envelope);
    expect(asked?.body.envelopes).toEqual(order);
    expect(shown(first.id)).toMatchObject({ state: 'annulled', by_agent: true, reason: 'ошибка в сумме', withdrawal: { state: 'accepted' } });
    expect(tab.waitingTotals.value.count).toBe(0);
  });

  it('is made once however often and from however many tabs it is tapped', async () => {
    await offline();
    const receipt = await issueAndSend(tab);
    const other = await openTab();
    await other.refresh();
    const results = await Promise.all([tab.withdraw(receipt.id, 'amount'), tab.withdraw(receipt.id, 'policy'), other.withdraw(receipt.id, 'client')]);
    expect(results.map(({ kind }) => kind)).toEqual(['withdrawn', 'withdrawn', 'withdrawn']);
    expect((await outbox()).filter(({ kind }) => kind === 'withdrawal')).toHaveLength(1);
  });

  it('goes never before its receipt: one that the server keeps back holds its withdrawal, too', async () => {
    await offline();
    const receipt = await issueAndSend(tab);
    await tab.withdraw(receipt.id, 'amount');
    await until(() => !tab.sending.value.active);
    server.heal();
    server.asked = [];
    server.results.set(receipt.id, { result: 'later', reason: 'unknown_version' });
    const [withdrawal] = (await outbox()).filter(({ kind }) => kind === 'withdrawal');
    server.results.set(withdrawal?.id ?? '', { result: 'later', reason: 'receipt_first' });
    expect(await tab.drainNow()).toEqual({ kind: 'done', sent: 0, kept: 2 });
    expect(tab.waitingTotals.value.count).toBe(1);
    server.results.clear();
    expect(await tab.drainNow()).toEqual({ kind: 'done', sent: 2, kept: 0 });
    expect(shown(receipt.id)?.state).toBe('annulled');
  });

  it('says that a copy was shown, from the first time on', async () => {
    await offline();
    const receipt = await issueAndSend(tab);
    await tab.noteCopyShown(receipt.id);
    const at = shown(receipt.id)?.copy_shown_at;
    await tab.noteCopyShown(receipt.id);
    expect(at).toBeTruthy();
    expect(shown(receipt.id)?.copy_shown_at).toBe(at);
    await tab.withdraw(receipt.id, 'client');
    const [, row] = await outbox();
    const opened = await openEnvelope(row?.envelope ?? '', server.sealing.privateKey, [...server.installations.values()][0]?.key ?? '');
    expect(opened.content.copy_shown).toBe(true);
  });

  it('that the office overruled counts as none: the receipt is living again and may be withdrawn again', async () => {
    server.heal();
    const receipt = await issueAndSend(tab);
    server.move(receipt.id, 'held', { reason: 'doubtful_date' });
    await tab.drainNow();
    await tab.withdraw(receipt.id, 'amount');
    await until(() => !tab.sending.value.active);
    expect(tab.notCounted.value.has(receipt.id)).toBe(true);
    server.move(receipt.id, 'accepted', { text: 'клиент не отказывался', at: new Date(Date.now() + 60_000).toISOString() });
    await tab.drainNow();
    expect(shown(receipt.id)).toMatchObject({ state: 'accepted', withdrawal: null });
    expect(tab.notCounted.value.has(receipt.id)).toBe(false);
  });

  it('leaves nothing behind where the phone has no room', async () => {
    await offline();
    const receipt = await issueAndSend(tab);
    expect(await tab.withdraw('no such receipt', 'amount')).toEqual({ kind: 'storage_failed' });
    expect(await outbox()).toHaveLength(1);
    expect(shown(receipt.id)?.withdrawal).toBeNull();
  });
});

describe('issuing again', () => {
  it('opens the form filled, under a new number, and the new receipt says whom it replaces', async () => {
    await offline();
    const receipt = await issueAndSend(tab);
    await tab.withdraw(receipt.id, 'amount');
    const opened = await tab.reissue(receipt.id);
    if (opened.kind !== 'open') throw new Error(opened.kind);
    expect(opened.draft.number).not.toBe(receipt.number);
    expect(opened.draft).toMatchObject({ replaces: { id: receipt.id, number: receipt.number }, fields: { insurant: 'Сидорова Аглая Потаповна', amount: 324_550 } });
    await tab.saveDraft(opened.draft.id, { ...opened.draft.fields, amount: 300_000 });
    const again = await tab.openDraft();
    expect(again).toMatchObject({ draft: { id: opened.draft.id, replaces: { id: receipt.id } } });
    const saved = await tab.issue(opened.draft.id, { ...opened.draft.fields, amount: 300_000 });
    if (saved.kind !== 'saved') throw new Error(saved.kind);
    expect(saved.receipt.replaces).toEqual({ id: receipt.id, number: receipt.number });
    const row = (await outbox()).find(({ id }) => id === saved.receipt.id);
    const content = await openEnvelope(row?.envelope ?? '', server.sealing.privateKey, [...server.installations.values()][0]?.key ?? '');
    expect(content.content).toMatchObject({ replaces: receipt.id, amount: 300_000 });
    expect([...tab.notCounted.value]).toEqual([receipt.id]);
  });

  it('asks before it takes the place of what lies unfinished in the form', async () => {
    await offline();
    const receipt = await issueAndSend(tab);
    const begun = await tab.openDraft();
    if (begun.kind !== 'open') throw new Error(begun.kind);
    await tab.saveDraft(begun.draft.id, { ...begun.draft.fields, insurant: 'Галиев Рустам' });
    expect(await tab.reissue(receipt.id)).toEqual({ kind: 'begun' });
    expect(await tab.openDraft()).toMatchObject({ draft: { fields: { insurant: 'Галиев Рустам' }, replaces: null } });
    expect(await tab.reissue(receipt.id, true)).toMatchObject({ kind: 'open', draft: { id: begun.draft.id, number: begun.draft.number, replaces: { id: receipt.id } } });
  });

  it('an emptied form replaces nothing', async () => {
    await offline();
    const receipt = await issueAndSend(tab);
    const opened = await tab.reissue(receipt.id);
    if (opened.kind !== 'open') throw new Error(opened.kind);
    await tab.forgetReplaced(opened.draft.id);
    expect(await tab.openDraft()).toMatchObject({ draft: { id: opened.draft.id, replaces: null } });
    const saved = await issueOne(tab);
    expect(saved.replaces).toBeNull();
  });

  it('says that the text is away where only the server has it and there is no line', async () => {
    server.heal();
    const receipt = await issueAndSend(tab);
    server.move(receipt.id, 'registered');
    await tab.drainNow();
    await offline();
    const fresh = await openTab();
    await fresh.refresh();
    expect(await fresh.reissue(receipt.id)).toEqual({ kind: 'away' });
  });

  it('hears from the feed what a receipt of his other phone replaces', async () => {
    server.heal();
    const receipt = await issueAndSend(tab);
    server.move('01ff0000-0000-7000-8000-0000000000ff', 'accepted', { replaces: receipt.id });
    await tab.drainNow();
    expect(tab.notCounted.value.has(receipt.id)).toBe(true);
  });

  it('hears that the office gave a check back, and that this was taken back', async () => {
    server.heal();
    const receipt = await issueAndSend(tab);
    server.move(receipt.id, 'registered', { reason: 'refunded', text: 'Деньги возвращены клиенту', refunded: true });
    await tab.drainNow();
    const told = tab.receipts.value?.find(({ id }) => id === receipt.id);
    expect(tab.notCounted.value.has(receipt.id)).toBe(true);
    expect(told && stateSentence(told)).toBe('Офис исправил чек или вернул деньги.');
    expect(told?.history.at(-1)?.text).toBe('Деньги возвращены клиенту');
    server.move(receipt.id, 'registered', { reason: 'reversal_annulled', text: 'Возврат отменён' });
    await tab.drainNow();
    expect(tab.notCounted.value.has(receipt.id)).toBe(false);
  });
});

describe('money follows chains (P08)', () => {
  it.each(chains.cases)('$name', ({ links, uncounted: expected }) => {
    const read = links.map(([id, state, withdrawn, replaces, refunded]) => ({
      id: id as string,
      state: state as ReceiptState,
      withdrawn: withdrawn as boolean,
      refunded: refunded === true,
      replaces: replaces === null ? null : { id: replaces as string },
    }));
    expect([...uncounted(read)].sort()).toEqual(expected);
  });
});

describe('the next batch', () => {
  const row = (id: string, given: Partial<OutboxRow> = {}): OutboxRow => ({
    id, kind: 'receipt', receipt: id, envelope: id, installation: 'i', number: id, counter: 1, amount: 1, state: 'waiting', later_reason: '', ...given,
  });
  const taking = (id: string, receipt: string): OutboxRow => row(id, { kind: 'withdrawal', receipt });
  const ids = (rows: OutboxRow[]): string[] => rows.map(({ id }) => id);

  it('puts a withdrawal right behind its receipt, also where the clock went back between them', () => {
    const all = [taking('0', '2'), row('1'), row('2'), row('3')];
    expect(ids(nextBatch(all, all, 20))).toEqual(['1', '2', '0', '3']);
  });
  it('does not cut a receipt from its withdrawal', () => {
    const all = [row('1'), row('2'), taking('3', '2')];
    expect(ids(nextBatch(all, all, 2))).toEqual(['1']);
    expect(ids(nextBatch(all.slice(1), all, 2))).toEqual(['2', '3']);
  });
  it('sends one alone where there is room for one', () => {
    const all = [row('1'), taking('2', '1')];
    expect(ids(nextBatch(all, all, 1))).toEqual(['1']);
    const rest = [taking('2', '1')];
    expect(ids(nextBatch(rest, rest, 1))).toEqual(['2']);
  });
  it('holds a withdrawal back while its receipt was offered and stays', () => {
    const all = [row('1', { later_reason: 'try_later' }), taking('2', '1'), row('3')];
    expect(ids(nextBatch(all.slice(1), all, 20))).toEqual(['3']);
  });
});

