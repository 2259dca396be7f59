import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { FIELDS, holdTimers, issueOne, loggedIn, newPhone, openTab, putAway, startedTab } from './support/phone';
import type { Tab } from './support/phone';
import { AGENT, Server } from './support/server';

const PIN = '246810';

let server: Server;
let tab: Tab;
beforeEach(async () => {
  holdTimers();
  newPhone();
  server = await Server.start();
  tab = await loggedIn();
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
});
