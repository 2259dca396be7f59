import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { FIELDS, idle, issueOne, openTab, phoneAndServer, putAway, startedTab } from './support/phone';
import type { Tab } from './support/phone';
import type { Server} from './support/server';
import { AGENT, refusal } from './support/server';

const PIN = '246810';

let server: Server;
let tab: Tab;
beforeEach(async () => {
  ({ server, tab } = await phoneAndServer());
  server.fail('', 'cut', 9_999);
});
afterEach(() => putAway(server));

const rows = () => tab.db.reading((db) => db.getAll('rows'));
const vaultRow = () => tab.db.reading((db) => db.get('vaults', AGENT.id));
async function reopened(): Promise<Tab> {
  const other = await openTab();
  await other.refresh();
  return other;
}

describe('the vault', () => {
  it('p27: a PIN set later seals anew what lay open, and no key lies on the phone', async () => {
    const receipt = await issueOne(tab);
    const before = await rows();
    expect(await tab.setPin(PIN)).toEqual({ kind: 'open' });
    expect(String((await rows())[0]?.iv)).not.toBe(String(before[0]?.iv));
    expect(await vaultRow()).toMatchObject({ open_key: null, failed: 0 });
    expect(tab.receipts.value).toMatchObject([{ id: receipt.id, amount: 324_550, fields: { insurant: 'Сидорова Аглая Потаповна' } }]);
  });

  it('p27: after a start nothing is readable but how much waits, until the PIN', async () => {
    await issueOne(tab);
    await tab.setPin(PIN);
    const other = await reopened();
    expect(other.vault.value).toBe('locked');
    expect(other.receipts.value).toEqual([]);
    expect(other.waitingTotals.value).toEqual({ count: 1, sum: 324_550 });
    expect(await other.unlock('111111')).toEqual({ kind: 'wrong', wait_ms: 0 });
    expect(await other.unlock(PIN)).toEqual({ kind: 'open' });
    expect(other.receipts.value).toMatchObject([{ amount: 324_550, fields: { insurant: 'Сидорова Аглая Потаповна' } }]);
    expect(await vaultRow()).toMatchObject({ failed: 0 });
  });

  it('p27: sums and dates stand sealed, the row shows only what its id tells', async () => {
    await issueOne(tab);
    expect(await rows()).toMatchObject([{ amount: 0 }]);
  });

  it('p27: wrong PINs make one wait, longer each time, and a new start does not shorten it', async () => {
    await tab.setPin(PIN);
    const other = await reopened();
    const waits: number[] = [];
    for (let n = 0; n < 3; n++) {
      const tried = await other.unlock('111111');
      if (tried.kind === 'wrong') waits.push(tried.wait_ms);
    }
    expect(waits).toEqual([0, 0, 30_000]);
    expect(await other.unlock(PIN)).toMatchObject({ kind: 'wait' });
    const again = await reopened();
    expect(await again.unlock(PIN)).toMatchObject({ kind: 'wait' });
    expect(again.waitLeft()).toBeGreaterThan(29_000);
  });

  it('sends while it is locked', async () => {
    await issueOne(tab);
    await tab.setPin(PIN);
    const other = await startedTab();
    await idle(); // what the first tab tried without a line has ended
    server.heal();
    expect(await other.drainNow()).toMatchObject({ kind: 'done', sent: 1 });
    expect(other.waitingTotals.value.count).toBe(0);
    await other.unlock(PIN);
    expect(other.receipts.value).toMatchObject([{ state: 'accepted', amount: 324_550 }]);
  });

  it('a PIN forgotten without network: issuing goes on in a fresh store, what waits keeps its number and sum', async () => {
    const receipt = await issueOne(tab);
    await tab.setPin(PIN);
    await tab.openDraft();
    const other = await reopened();
    expect(await other.startAfresh('999999')).toEqual({ kind: 'open' });
    expect(other.session.value).toMatchObject({ kind: 'agent', confirmed: false });
    expect(other.receipts.value).toMatchObject([{ id: receipt.id, number: receipt.number, amount: 324_550, fields: null }]);
    expect(other.draft.value).toBeNull();
    const next = await issueOne(other);
    expect(next.number).not.toBe(receipt.number);
    const installation = (await other.installations.allInstallations())[0];
    expect(installation?.spoiled).toHaveLength(1);
    expect(other.waitingTotals.value).toEqual({ count: 2, sum: 2 * FIELDS.amount });
  });

  it('a PIN forgotten with network: another one after the SMS code, and what waits leaves', async () => {
    const receipt = await issueOne(tab);
    await tab.setPin(PIN);
    const other = await reopened();
    server.heal();
    await other.forgetPin();
    expect(other.vault.value).toBe('locked');
    await other.requestCode('89000000001');
    await other.confirmCode('123456');
    expect(other.vault.value).toBe('none');
    expect(await other.setPin('999999')).toEqual({ kind: 'open' });
    await other.drainNow();
    expect(server.kept.has(receipt.id)).toBe(true);
  });

  it('p27: another tab gives no more tries, and what it stores of the wait takes nothing off', async () => {
    await tab.setPin(PIN);
    const [one, two] = [await reopened(), await reopened()];
    for (let n = 0; n < 3; n++) await one.unlock('111111');
    await two.noteWait();
    expect((await vaultRow())?.wait_ms).toBeGreaterThan(29_000);
    expect(await two.unlock(PIN)).toMatchObject({ kind: 'wait' });
  });

  it('just after the SMS code a forgotten PIN asks for no second one', async () => {
    await tab.setPin(PIN);
    server.heal();
    const other = await reopened();
    await other.logout();
    await other.requestCode('89000000001');
    await other.confirmCode('123456');
    expect(other.vault.value).toBe('locked');
    expect(other.justProven()).toBe(true);
    await other.forgetPin();
    expect(other.vault.value).toBe('none');
    expect(other.session.value).toMatchObject({ confirmed: true });
  });

  it('p27: left alone for long, the page asks for a second code again', async () => {
    await tab.setPin(PIN);
    server.heal();
    const other = await reopened();
    await other.logout();
    await other.requestCode('89000000001');
    await other.confirmCode('123456');
    other.noteRested(); // nobody has touched it
    expect(other.justProven()).toBe(false);
    await other.forgetPin();
    expect(other.vault.value).toBe('locked');
    expect(other.session.value).toMatchObject({ confirmed: false });
  });

  it('p01: after a forgotten PIN a receipt that was taken back before is still the agent’s own withdrawal', async () => {
    const receipt = await issueOne(tab);
    await tab.withdraw(receipt.id, 'amount');
    await tab.setPin(PIN);
    const other = await reopened();
    await other.startAfresh('999999');
    expect(other.receipts.value?.find(({ id }) => id === receipt.id)).toMatchObject({ withdrawal: { state: 'waiting' }, fields: null });
  });

  it('p27: a vault is not replaced by a tab that has not heard of its PIN, and a tab with a former key closes', async () => {
    const late = await openTab();
    await issueOne(tab);
    await tab.setPin(PIN);
    expect(await late.setPin('999999')).toEqual({ kind: 'gone' });
    const other = await reopened();
    await other.startAfresh('999999');
    await tab.refresh();
    expect(tab.vault.value).toBe('locked');
    expect(tab.receipts.value).toEqual([]);
  });

  it('p27: closing stores what the form still holds, and only then forgets the key', async () => {
    await tab.setPin(PIN);
    const opened = await tab.openDraft();
    if (opened.kind !== 'open') throw new Error(opened.kind);
    vi.useRealTimers();
    const closed = tab.lock();
    expect(tab.vault.value).toBe('locked');
    expect(await tab.saveDraft(opened.draft.id, { ...opened.draft.fields, insurant: 'Сидорова' })).toBe(true);
    await closed;
    expect(await tab.saveDraft(opened.draft.id, opened.draft.fields)).toBe(false);
    await tab.unlock(PIN);
    expect(tab.draft.value?.fields.insurant).toBe('Сидорова');
  });

  it('p27: after «Забыли PIN-код?» a wrong SMS code proves nobody, and nothing leaves or opens by the old session', async () => {
    await tab.setPin(PIN);
    const thief = await reopened();
    server.heal();
    await thief.forgetPin();
    await thief.requestCode('89000000001');
    server.fail('login/confirm', refusal(400, 'wrong_code'));
    expect(await thief.confirmCode('000000')).toMatchObject({ kind: 'refused' });
    await thief.probe();
    expect(thief.session.value).toMatchObject({ confirmed: false });
    expect(thief.vault.value).toBe('locked');
    expect(server.session).toBeNull();
  });

  it('p27: what is issued after a PIN forgotten without network leaves by no session but a new one', async () => {
    await tab.setPin(PIN);
    const thief = await reopened();
    await thief.startAfresh('999999');
    const receipt = await issueOne(thief);
    server.heal();
    expect(await thief.drainNow()).toEqual({ kind: 'login_required' }); // as the browser's waking does, before any ping
    expect(server.kept.has(receipt.id)).toBe(false);
  });

  it('p27: a reload over a form that is kept open past its five minutes gets no key', async () => {
    await tab.setPin(PIN);
    const { heldNow } = await import('../src/sync/vault');
    expect(heldNow()).toMatchObject({ agent: AGENT.id });
    tab.noteRested();
    expect(tab.vault.value).toBe('open');
    expect(heldNow()).toBeNull();
    await tab.unlock(PIN);
    expect(heldNow()).not.toBeNull();
  });
});
