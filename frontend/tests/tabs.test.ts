/** Two tabs of one phone while the vault is locked, replaced or another agent's (P27, F18, F38): what is called saved is
 * saved and readable, and what was typed stays. */
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { openReadable } from '../src/store/readable';
import { FIELDS, holdEncryption, idle, issueOne, openTab, phoneAndServer, putAway, until } from './support/phone';
import type { Tab } from './support/phone';
import type { Server } from './support/server';
import { AGENT, OTHER_AGENT } from './support/server';

const PIN = '246810';
const FOREIGN = '01900000-0000-7000-8000-0000000000ff';

let server: Server;
let tab: Tab;
beforeEach(async () => {
  ({ server, tab } = await phoneAndServer());
});
afterEach(async () => {
  vi.restoreAllMocks();
  await putAway(server);
});

async function anotherTab(): Promise<Tab> {
  const other = await openTab();
  await other.refresh();
  return other;
}

async function opened(of: Tab) {
  const result = await of.openDraft();
  if (result.kind !== 'open') throw new Error(result.kind);
  return result.draft;
}

describe('a vault replaced while something is prepared under the former key', () => {
  it('p27: what is typed does not overwrite what the new key opens', async () => {
    const draft = await opened(tab);
    await tab.saveDraft(draft.id, { ...draft.fields, insurant: 'Сидорова' });
    const other = await anotherTab();
    const held = holdEncryption();
    const typed = tab.saveDraft(draft.id, { ...draft.fields, insurant: 'Сидорова А' });
    await until(held.reached);
    expect(await other.setPin(PIN)).toEqual({ kind: 'open' });
    held.letGo();
    expect(await typed).toBe(false);
    await other.refresh();
    expect(other.draft.value).toMatchObject({ id: draft.id, fields: { insurant: 'Сидорова' } });
  });

  it('p27: a receipt is saved readably, or not called saved and the form is whole', async () => {
    const draft = await opened(tab);
    await tab.saveDraft(draft.id, FIELDS);
    const other = await anotherTab();
    const real = crypto.subtle.encrypt.bind(crypto.subtle);
    let reached = false;
    let letGo = (): void => undefined;
    const gate = new Promise<void>((open) => (letGo = open));
    let count = 0;
    vi.spyOn(crypto.subtle, 'encrypt').mockImplementation(async (...asked) => {
      count += 1;
      if (count === 2) {
        reached = true; // sealed for the server, not yet for reading
        await gate;
      }
      return real(...asked);
    });
    const saving = tab.issue(draft.id, { ...FIELDS, receipt_date: draft.fields.receipt_date });
    await until(() => reached);
    await other.setPin(PIN);
    letGo();
    expect((await saving).kind).toBe('storage_failed');
    expect(await tab.outbox.waitingEnvelopes()).toEqual([]);
    const again = await opened(other);
    expect(again).toMatchObject({ id: draft.id, number: draft.number, fields: { insurant: FIELDS.insurant } });
    expect((await other.issue(again.id, { ...FIELDS, receipt_date: draft.fields.receipt_date })).kind).toBe('saved');
    expect(other.receipts.value).toMatchObject([{ id: draft.id, number: draft.number, amount: FIELDS.amount }]);
  });

  it('a receipt heard of from another phone is stored under the new key, or heard of again', async () => {
    await idle();
    server.changes.push({ change: 1, id: FOREIGN, number: 'БС-А2В4Е-00001-1', state: 'registered', at: new Date().toISOString(), reason: '', text: '', amount: 777, receipt_date: '2026-11-22', issued_at: '2026-11-22T07:05:11.123Z', installation: 'x', acts: '', field: '', replaces: null, check: null });
    const held = holdEncryption();
    const drained = tab.drainNow();
    await until(held.reached);
    expect(await tab.setPin(PIN)).toEqual({ kind: 'open' });
    held.letGo();
    await drained;
    await tab.drainNow();
    expect(tab.receipts.value).toMatchObject([{ id: FOREIGN, amount: 777 }]);
  });
});

describe('what another tab writes while all is sealed anew', () => {
  it('p27: typing that came meanwhile is sealed under the new key, too', async () => {
    const draft = await opened(tab);
    const other = await anotherTab();
    const held = holdEncryption();
    const setting = tab.setPin(PIN);
    await until(held.reached);
    expect(await other.saveDraft(draft.id, { ...draft.fields, insurant: 'Сидорова' })).toBe(true);
    held.letGo();
    expect(await setting).toEqual({ kind: 'open' });
    expect(tab.draft.value).toMatchObject({ id: draft.id, fields: { insurant: 'Сидорова' } });
  });

  it('f20: a draft that was dropped meanwhile does not come back under its spoiled number', async () => {
    const draft = await opened(tab);
    const other = await anotherTab();
    const held = holdEncryption();
    const setting = tab.setPin(PIN);
    await until(held.reached);
    expect(await other.dropDraft(draft.id)).toBe(true);
    held.letGo();
    expect(await setting).toEqual({ kind: 'open' });
    expect(tab.draft.value).toBeNull();
  });

  it('p27: so is a form that was opened meanwhile', async () => {
    await idle();
    const other = await anotherTab();
    const held = holdEncryption();
    const setting = tab.setPin(PIN);
    await until(held.reached);
    const draft = await opened(other);
    held.letGo();
    expect(await setting).toEqual({ kind: 'open' });
    expect(tab.draft.value).toMatchObject({ id: draft.id, number: draft.number });
  });
});

describe('the feed and another tab', () => {
  it('p01: a withdrawal made while the feed is being stored stays on the receipt', async () => {
    const receipt = await issueOne(tab);
    const other = await anotherTab();
    await until(() => tab.receipts.value[0]?.state === 'accepted' && !tab.sending.value.active); // else it goes on with that drain
    server.move(receipt.id, 'held');
    server.fail('receipts', 'cut', Infinity); // the withdrawal itself goes on waiting
    const held = holdEncryption();
    const drained = tab.drainNow();
    await until(held.reached);
    expect((await other.withdraw(receipt.id, 'amount')).kind).toBe('withdrawn');
    held.letGo();
    await drained;
    await tab.refresh();
    expect(tab.receipts.value).toMatchObject([{ state: 'held', withdrawal: { state: 'waiting' } }]);
  });

  it('p08: a contact tells the office no money of what was taken back before it left', async () => {
    await idle();
    server.fail('', 'cut', Infinity);
    const receipt = await issueOne(tab);
    await tab.withdraw(receipt.id, 'amount');
    server.heal();
    await tab.drainNow();
    expect(server.calls('POST ping').at(-1)?.body).toMatchObject({ waiting: { count: 1, sum: 0 } });
  });
});

describe('a lock that comes while something is saved', () => {
  it('p27: waits for the receipt', async () => {
    server.fail('', 'cut', Infinity);
    const draft = await opened(tab);
    await tab.setPin(PIN);
    const held = holdEncryption();
    const saving = tab.issue(draft.id, { ...FIELDS, receipt_date: draft.fields.receipt_date });
    await until(held.reached);
    vi.useRealTimers();
    const closed = tab.lock();
    await new Promise((passed) => setTimeout(passed, 20));
    held.letGo();
    expect((await saving).kind).toBe('saved');
    await closed;
    expect(tab.vault.value).toBe('locked');
    expect(tab.trouble.value).toBeNull();
    await tab.unlock(PIN);
    expect(tab.receipts.value).toMatchObject([{ id: draft.id, fields: { insurant: 'Сидорова Аглая Потаповна' } }]);
  });

  it('p27, p01: waits for the withdrawal', async () => {
    server.fail('', 'cut', Infinity);
    const receipt = await issueOne(tab);
    await tab.setPin(PIN);
    const held = holdEncryption();
    const taking = tab.withdraw(receipt.id, 'amount');
    await until(held.reached);
    vi.useRealTimers();
    const closed = tab.lock();
    await new Promise((passed) => setTimeout(passed, 20));
    held.letGo();
    expect((await taking).kind).toBe('withdrawn');
    await closed;
    await tab.unlock(PIN);
    expect(tab.receipts.value).toMatchObject([{ withdrawal: { state: 'waiting' } }]);
  });
});

describe('a forgotten PIN', () => {
  it('p27: a power cut right after another one was set does not ask for a third, which would close the rows', async () => {
    await tab.setPin(PIN);
    const other = await anotherTab();
    await other.forgetPin();
    await other.requestCode('89000000001');
    await other.confirmCode('123456');
    await other.setPin('999999');
    expect(await other.meta.getMeta('pin_reset')).toBeUndefined();
  });

  it('p27, f25: the app killed while it is being forgotten leaves no session beside a PIN given up', async () => {
    await tab.setPin(PIN);
    const other = await anotherTab();
    const put = IDBObjectStore.prototype.put;
    let writes = 0;
    vi.spyOn(IDBObjectStore.prototype, 'put').mockImplementation(function (this: IDBObjectStore, ...asked) {
      if (this.name === 'meta' && ++writes > 1) throw new DOMException('power', 'UnknownError');
      return put.apply(this, asked);
    });
    await other.forgetPin();
    vi.restoreAllMocks();
    const again = await anotherTab();
    expect(again.vault.value).toBe('locked');
  });

  it('p27: spoils the number of the closed draft once, whatever tab begins the fresh store', async () => {
    server.fail('', 'cut', Infinity);
    const draft = await opened(tab);
    await tab.setPin(PIN);
    const [one, two] = [await anotherTab(), await anotherTab()];
    const done = await Promise.all([one.startAfresh('111111'), two.startAfresh('222222')]);
    expect(done.some(({ kind }) => kind === 'open')).toBe(true);
    const [installation] = await tab.installations.allInstallations();
    expect(installation?.spoiled).toEqual([draft.number]);
  });
});

/** mulberry32 */
function seeded(seed: number): (below: number) => number {
  return (below) => {
    seed = (seed + 0x6d2b79f5) | 0;
    let t = Math.imul(seed ^ (seed >>> 15), 1 | seed);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) % below;
  };
}

const SEEDS = Number(process.env.SEEDS ?? 6);

describe('tabs at random', () => {
  it.each(Array.from({ length: SEEDS }, (_, n) => n + Number(process.env.FROM ?? 1)))(
    'f18, f38, p27: all that was called saved lies here or there once, under its number (seed %i)',
    async (seed) => {
      const random = seeded(seed);
      vi.useRealTimers();
      const saved = new Map<string, string>();
      let pin: string | null = null;
      let logins = 0;
      const tabs = [tab, await anotherTab(), await anotherTab()];
      const act: ((of: Tab) => Promise<unknown>)[] = [
        async (of) => {
          const result = await of.openDraft();
          if (result.kind !== 'open') return;
          await of.saveDraft(result.draft.id, { ...FIELDS, receipt_date: result.draft.fields.receipt_date });
          const issued = await of.issue(result.draft.id, { ...FIELDS, receipt_date: result.draft.fields.receipt_date });
          if (issued.kind === 'saved' || issued.kind === 'already_saved') {
            const before = saved.get(issued.receipt.id);
            expect(before ?? issued.receipt.number).toBe(issued.receipt.number);
            saved.set(issued.receipt.id, issued.receipt.number);
          }
        },
        (of) => of.drainNow(),
        (of) => of.lock(),
        async (of) => pin !== null && of.unlock(pin),
        async (of) => {
          const next = `77777${random(10)}`;
          if ((await of.setPin(next)).kind === 'open') pin = next;
        },
        async (of) => {
          const next = `88888${random(10)}`;
          if (pin !== null && (await of.changeMyPin(pin, next)).kind === 'open') pin = next;
        },
        async (of) => {
          const next = `99999${random(10)}`;
          if ((await of.startAfresh(next)).kind === 'open') pin = next;
        },
        async (of) => {
          const [some] = of.receipts.value ?? [];
          if (some) await of.withdraw(some.id, 'amount');
        },
        async (of) => {
          const { value: draft } = of.draft;
          if (draft) await of.dropDraft(draft.id);
        },
        async (of) => {
          if (++logins > 3) return;
          await of.logout();
          server.loginAs = random(3) ? AGENT : OTHER_AGENT;
          await of.requestCode('89000000001');
          await of.confirmCode('123456');
          if (of.vault.value === 'none') {
            if ((await of.setPin('555555')).kind === 'open') pin = '555555';
          } else pin = server.loginAs === AGENT ? pin : '555555';
        },
        () => {
          const [id] = [...server.kept.keys()];
          if (id) server.move(id, random(2) ? 'registered' : 'rejected');
          return Promise.resolve();
        },
      ];
      for (let step = 0; step < 10; step++) {
        // some together: they meet in every moment of each other
        await Promise.all(Array.from({ length: 1 + random(3) }, async () => {
          const [of, what] = [tabs[random(3)], act[random(act.length)]];
          if (of && what) await what(of).catch((error: unknown) => {
            if (!(error instanceof Error) || error.message !== 'locked') throw error;
          });
        }));
      }
      const outbox = await tab.db.reading((db) => db.getAll('outbox'));
      const installations = await tab.installations.allInstallations();
      const numbers = [...new Set(saved.values())];
      expect(numbers).toHaveLength(saved.size);
      for (const [id, number] of saved) {
        const row = outbox.find((one) => one.id === id);
        expect(row?.number ?? server.kept.get(id)?.id).toBe(row ? number : id);
        expect(installations.flatMap(({ spoiled, void_numbers }) => [...spoiled, ...void_numbers])).not.toContain(number);
      }
      for (const { spoiled } of installations) expect(new Set(spoiled).size).toBe(spoiled.length);
      // nothing lies under a key that is gone: what the present vault does not open was closed by a forgotten PIN
      const rows = await tab.db.reading((db) => db.getAll('rows'));
      const open = await tab.db.reading((db) => db.getAll('vaults'));
      for (const { open_key, agent } of open) {
        for (const row of open_key ? rows : []) {
          if (open_key && installations.some((one) => one.id === row.owner && one.agent.id === agent)) expect(await openReadable(open_key, row)).not.toBeNull();
        }
      }
    },
  );
});
