/** Tabs of one phone: each a fresh copy of the engine over the phone's one IndexedDB. */
import { setTimeout as pause } from 'node:timers/promises';
import { IDBFactory } from 'fake-indexeddb';
import { vi } from 'vitest';
import { parseNumber } from '../../src/domain/numbers';
import type { ReceiptFields } from '../../src/domain/model';
import { Server } from './server';

export async function openTab() {
  vi.resetModules();
  const [sync, db, outbox, installations, meta, readings, connection, drafts] = await Promise.all([
    import('../../src/sync/index'),
    import('../../src/store/db'),
    import('../../src/store/outbox'),
    import('../../src/store/installations'),
    import('../../src/store/meta'),
    import('../../src/sync/readings'),
    import('../../src/sync/connection'),
    import('../../src/sync/drafts'),
  ]);
  return { ...sync, db, outbox, installations, meta, refresh: readings.refresh, probe: connection.probe, newDraft: drafts.newDraft };
}
export type Tab = Awaited<ReturnType<typeof openTab>>;

/** A tab as the browser opens it. */
export async function startedTab(): Promise<Tab> {
  vi.stubGlobal('addEventListener', vi.fn());
  vi.stubGlobal('document', { visibilityState: 'visible', addEventListener: vi.fn() });
  const tab = await openTab();
  await tab.start();
  return tab;
}

/** A phone with nothing on it. */
export function newPhone(): void {
  vi.stubGlobal('indexedDB', new IDBFactory());
}

/** No timer of the engine fires by itself: what a test wants done it does. */
export function holdTimers(): void {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
}

/** What most tests begin with: a server, and a new phone whose agent has logged in there; no timer fires by itself. */
export async function phoneAndServer(): Promise<{ server: Server; tab: Tab }> {
  holdTimers();
  newPhone();
  const server = await Server.start();
  return { server, tab: await loggedIn() };
}

export async function loggedIn(): Promise<Tab> {
  const tab = await openTab();
  await tab.refresh();
  await tab.requestCode('8 900 000-00-01');
  const answer = await tab.confirmCode('123456');
  if (answer.kind !== 'ok') throw new Error(answer.kind);
  if (tab.vault.value === 'none') await tab.setPin(null);
  await until(() => !tab.sending.value.active);
  return tab;
}

/** Waits until no drain is under way. */
export async function idle(): Promise<void> {
  await navigator.locks.request('kias-drain', () => undefined);
}

export const FIELDS: ReceiptFields = {
  receipt_date: '',
  product: 'osago',
  policy_series: 'XXX',
  policy_number: '0123456789',
  policy_date: null,
  instalment: 1,
  amount: 324_550,
  payment_form: 'cash',
  payment_reference: '',
  no_reference_reason: '',
  insurant: '  Сидорова  Аглая Потаповна ',
  insurant_kind: 'person',
  payer: '',
  check_to: 'insurant',
  document_kind: 'passport_rf',
  document_number: '0411 123456',
  contact_phone: '8 912 345-67-89',
  contact_email: '',
  no_contact: false,
  comment: '',
};

/** Waits for something that the engine does by itself. */
export async function until(condition: () => boolean | Promise<boolean>): Promise<void> {
  for (let round = 0; round < 1_500; round++) {
    if (await condition()) return;
    await pause(2); // a real one: only the engine's own timers are held
  }
  throw new Error(`never came true: ${condition.toString()}`);
}

/** Saves one receipt and waits until the sending that follows by itself has ended. */
export async function issueAndSend(tab: Tab) {
  const receipt = await issueOne(tab);
  await until(() => !tab.sending.value.active);
  return receipt;
}

/** Opens the form, fills it and saves. */
export async function issueOne(tab: Tab, changes: Partial<ReceiptFields> = {}) {
  const opened = await tab.openDraft();
  if (opened.kind !== 'open') throw new Error(opened.kind);
  const { draft } = opened;
  const result = await tab.issue(draft.id, { ...FIELDS, receipt_date: draft.fields.receipt_date, ...changes });
  if (result.kind !== 'saved') throw new Error(JSON.stringify(result));
  return result.receipt;
}

/** The next encryption of this phone waits until it is let go: the moment between preparing and storing. */
export function holdEncryption(): { reached: () => boolean; letGo: () => void } {
  const real = crypto.subtle.encrypt.bind(crypto.subtle);
  let reached = false;
  let letGo = (): void => undefined;
  const gate = new Promise<void>((open) => (letGo = open));
  vi.spyOn(crypto.subtle, 'encrypt').mockImplementationOnce(async (...asked) => {
    reached = true;
    await gate;
    return real(...asked);
  });
  return { reached: () => reached, letGo: () => { letGo(); } };
}

/** Ends a test: the line is cut, what is still under way comes to its end, nothing reaches the next test. */
export async function putAway(server: Server): Promise<void> {
  server.heal();
  server.fail('', 'cut', Infinity);
  let asked = -1;
  for (let quiet = 0; quiet < 5; quiet = asked === server.asked.length ? quiet + 1 : 0) {
    asked = server.asked.length;
    await idle();
    await pause(2);
  }
}

/** How far the installation's counter was when this number was given. */
export function counterOf(number: string): number {
  const parsed = parseNumber(number);
  if (typeof parsed === 'string') throw new Error(parsed);
  return parsed.counter;
}

/** A second tab of the same phone. */
export async function secondTab(): Promise<Tab> {
  const other = await openTab();
  await other.refresh();
  return other;
}

/** The storage of the browser fails with this error when the next write to `store` commits. */
export function breakWrites(store: string, name: string): void {
  const real = IDBDatabase.prototype.transaction;
  vi.spyOn(IDBDatabase.prototype, 'transaction').mockImplementation(function (this: IDBDatabase, names, mode, options) {
    const tx = real.call(this, names, mode, options);
    if (mode === 'readwrite' && [...(typeof names === 'string' ? [names] : names)].includes(store)) {
      const objectStore = tx.objectStore.bind(tx);
      tx.objectStore = (wanted: string) => {
        const found = objectStore(wanted);
        if (wanted === store) {
          found.add = found.put = () => {
            throw new DOMException('told to fail', name);
          };
        }
        return found;
      };
    }
    return tx;
  });
}
