/** Opening and closing an agent's readable rows on this phone: PIN, wrong tries, a fresh store (spec «What may lie on
 * the phone», P27). The data key lives in this module's memory and nowhere else; sending never needs it. */

import { strictly } from '../store/db';
import { allOf, currentInstallation } from '../store/installations';
import { dropMeta, getMeta, setMeta } from '../store/meta';
import { openReadable, rowsOf } from '../store/readable';
import type { InstallationRow, ReadableRow, VaultRow } from '../store/schema';
import { changeVault, dataKeyFrom, getVault, random, replaceVault, unwrapByPin, wrapByPin } from '../store/vaults';
import type { Kept } from '../store/vaults';
import { tellOthers } from './channel';
import { own } from './state';

const LOCK = 'kias-vault';
/** How long after the k-th wrong PIN in a row the next may be tried, in seconds; the last one for all that follow. */
const DELAYS_S = [0, 0, 0, 30, 60, 120, 300, 900, 3_600];
export const MIN_PIN = 6;

/** `wrong`: how long to wait for the next try. `wait`: it has not passed yet. `gone`: there is nothing to open. */
export type Unlocking = { kind: 'open' } | { kind: 'wrong' | 'wait'; wait_ms: number } | { kind: 'gone' };

let held: { agent: string; key: CryptoKey } | null = null;
/** the moment, on the page's own clock, until which no PIN is tried: the wall clock may be changed by anybody */
let closedUntil = 0;

/** The key to this agent's rows; null while they are locked. */
export function dataKeyOf(agent: string): CryptoKey | null {
  return held?.agent === agent ? held.key : null;
}

/** The key to an installation's rows. Throws where they are locked: no screen that gets here is shown then. */
export function keyOf(installation: InstallationRow): CryptoKey {
  const key = dataKeyOf(installation.agent.id);
  if (!key) throw new Error('locked');
  return key;
}

function hold(agent: string, key: CryptoKey): void {
  held = { agent, key };
  closedUntil = 0;
}

/** Forgets the key; the screen shows nothing readable until the PIN is typed. */
export function closeVault(): void {
  held = null;
}

/** What the current agent's rows need before they can be shown; takes an open key into memory on the way. */
export async function lookAtVault(agent: string, confirmed: boolean): Promise<'none' | 'locked' | 'open'> {
  if (held?.agent !== agent) closeVault();
  const vault = await getVault(agent);
  const wanted = own.setup.value?.pin_required === true;
  if (confirmed && (await getMeta('pin_reset')) === agent) return 'none';
  if (!vault || (vault.open_key && wanted)) return 'none';
  if (vault.open_key) hold(agent, vault.open_key);
  if (held) return 'open';
  if (closedUntil === 0) closedUntil = performance.now() + vault.wait_ms;
  return 'locked';
}

/** Milliseconds until a PIN may be tried. */
export function waitLeft(): number {
  return Math.max(0, Math.ceil(closedUntil - performance.now()));
}

/** Tries a PIN. Counted as wrong before it is tried: killing the app in the middle wins nothing. */
export function unlock(pin: string): Promise<Unlocking> {
  return inTurn(async (agent) => {
    const result = await tryPin(agent, pin);
    if (!(result instanceof Uint8Array)) return result;
    hold(agent, await dataKeyFrom(result));
    if ((await getMeta('pin_reset')) === agent) await dropMeta('pin_reset');
    return { kind: 'open' };
  });
}

async function tryPin(agent: string, pin: string): Promise<Uint8Array<ArrayBuffer> | Exclude<Unlocking, { kind: 'open' }>> {
  const vault = await getVault(agent);
  if (!vault?.pin) return { kind: 'gone' };
  if (waitLeft() > 0) return { kind: 'wait', wait_ms: waitLeft() };
  const failed = vault.failed + 1;
  const wait_ms = (DELAYS_S[Math.min(failed, DELAYS_S.length - 1)] ?? 0) * 1_000;
  await changeVault(agent, (now) => ({ ...now, failed, wait_ms }));
  const raw = await unwrapByPin(vault, pin);
  if (!raw) {
    closedUntil = performance.now() + wait_ms;
    return { kind: 'wrong', wait_ms };
  }
  await changeVault(agent, (now) => ({ ...now, failed: 0, wait_ms: 0 }));
  return raw;
}

/** Keeps how much of a delay has passed, so that closing the app costs a little of it and saves nothing. */
export async function noteWait(): Promise<void> {
  const current = await currentInstallation();
  const left = waitLeft();
  if (current) await changeVault(current.row.agent.id, (now) => (now.wait_ms > left ? { ...now, wait_ms: left } : null));
}

/**
 * Makes the vault of the agent who is logged in: his first PIN, the one after a forgotten one, or none where the
 * server lets him (null). What can be read now is sealed under the new key; what cannot stays as it is.
 */
export function makeVault(pin: string | null): Promise<Unlocking> {
  return inTurn(async (agent) => {
    for (;;) {
      const raw = random(32);
      const key = await dataKeyFrom(raw);
      const former = (await getVault(agent)) ?? null;
      const his = await allOf(agent);
      const { kept, lost } = await readAll(his, former);
      const vault: VaultRow = { agent, pin: pin === null ? null : await wrapByPin(raw, pin), passkey: null, open_key: pin === null ? key : null, failed: 0, wait_ms: 0 };
      if (!(await replaceVault(vault, former, key, kept, lost, his))) continue;
      hold(agent, key);
      await dropMeta('pin_reset');
      return { kind: 'open' };
    }
  });
}

async function readAll(his: InstallationRow[], former: VaultRow | null): Promise<{ kept: Kept[]; lost: ReadableRow[] }> {
  const kept: Kept[] = [];
  const lost: ReadableRow[] = [];
  for (const installation of his) {
    const key = installation.data_key ?? former?.open_key ?? dataKeyOf(installation.agent.id);
    for (const row of await rowsOf(installation.id)) {
      const readable = key && (await openReadable(key, row));
      if (readable) kept.push({ row, readable: { amount: row.amount, receipt_date: row.receipt_date, issued_at: row.issued_at, ...readable } });
      else lost.push(row);
    }
  }
  return { kept, lost };
}

/** Another PIN for the same rows. */
export function changePin(from: string, to: string): Promise<Unlocking> {
  return inTurn(async (agent) => {
    const raw = await tryPin(agent, from);
    if (!(raw instanceof Uint8Array)) return raw;
    const pin = await wrapByPin(raw, to);
    await changeVault(agent, (now) => ({ ...now, pin }));
    return { kind: 'open' };
  });
}

/**
 * The PIN is forgotten. With network the agent proves himself by a code and sets another one; without, he goes on
 * with a fresh readable store (`makeVault`). Either way the session must be confirmed anew before the server shows
 * anything here, and nothing unsent is touched.
 */
export async function forgetPin(): Promise<void> {
  const current = await currentInstallation();
  if (!current) return;
  await setMeta('pin_reset', current.row.agent.id);
  await strictly(['meta'], async (tx) => {
    await tx.objectStore('meta').put({ key: 'session', value: { installation: current.row.id, confirmed: false } });
    await tx.objectStore('meta').put({ key: 'logout_due', value: true });
  });
}

/** One at a time over all tabs, for the agent who is logged in. Throws `StorageError`. */
async function inTurn(work: (agent: string) => Promise<Unlocking>): Promise<Unlocking> {
  return navigator.locks.request(LOCK, async (): Promise<Unlocking> => {
    const current = await currentInstallation();
    if (!current) return { kind: 'gone' };
    const result = await work(current.row.agent.id);
    if (result.kind === 'open') tellOthers('session');
    return result;
  });
}
