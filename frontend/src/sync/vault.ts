/** Opening and closing an agent's readable rows on this phone: PIN, wrong tries, a fresh store (spec «What may lie on
 * the phone», P27). The data key lives in this module's memory and nowhere else; sending never needs it. */

import type { Bytes } from '../domain/bytes';
import { uuid7 } from '../domain/uuid7';
import { strictly } from '../store/db';
import type { Name, Writing } from '../store/db';
import { allOf, currentInstallation } from '../store/installations';
import { type Meta, dropMeta, getMeta } from '../store/meta';
import { openReadable, rowsOf } from '../store/readable';
import type { InstallationRow, ReadableRow, VaultRow } from '../store/schema';
import { changeVault, dataKeyFrom, getVault, prfKey, random, replaceVault, unwrap, unwrapByPin, wrap, wrapByPin } from '../store/vaults';
import type { Kept } from '../store/vaults';
import { tellOthers } from './channel';
import { own } from './state';

const LOCK = 'kias-vault';
/** How long after the k-th wrong PIN in a row the next may be tried, in seconds; the last one for all that follow. */
const DELAYS_S = [0, 0, 0, 30, 60, 120, 300, 900, 3_600];
export const MIN_PIN = 6;

/** `wrong`: how long to wait for the next try. `wait`: it has not passed yet. `gone`: there is nothing to open. */
export type Unlocking = { kind: 'open' } | { kind: 'wrong' | 'wait'; wait_ms: number } | { kind: 'gone' };

/** An open vault's key, and which of the agent's data keys it is. */
export interface Held {
  agent: string;
  made: string;
  key: CryptoKey;
}

let held: Held | null = null;
/** the wrong PINs this page knows of, and the moment on its own clock until which none is tried: the wall clock may be
 * changed by anybody, and another tab may have tried meanwhile */
let rest = { agent: '', failed: 0, until: 0 };
/** the agent whose SMS code was typed here and whose rows have not been opened since */
let proven = '';
/** on the way to being locked: what is typed is still being stored, nothing is shown any more */
let closing = false;
/** the rest has passed over an open form: a reload gets no key */
let rested = false;

/** This agent's open vault; null while it is locked. */
export function heldOf({ agent }: InstallationRow): Held | null {
  return held?.agent === agent.id ? held : null;
}

/** The same where it must be open. Throws where it is locked: no screen that gets here is shown then. */
export function openOf(installation: InstallationRow): Held {
  const open = heldOf(installation);
  if (!open) throw new Error('locked');
  return open;
}

/** The key to an installation's rows. Throws as `openOf`. */
export const keyOf = (installation: InstallationRow): CryptoKey => openOf(installation).key;

/** `strictly` for what was sealed under this key: fails where another vault has taken its place since, and nobody
 * would ever read that again. */
export function strictlyUnder<const N extends Name, T>({ agent, made }: Held, names: N[], work: (tx: Writing<N | 'vaults'>) => Promise<T>): Promise<T> {
  return strictly([...names, 'vaults'], async (tx) => {
    const same = tx.objectStore('vaults').get(agent).then((vault) => {
      if (vault?.made !== made) throw new Error('another vault'); // undoes whatever `work` has put
    });
    return (await Promise.all([work(tx), same]))[0];
  });
}

export function hold(next: Held): void {
  held = next;
  proven = '';
  closing = rested = false;
}

/** What a reload of this page would lose, and may have back. */
export const heldNow = (): Held | null => (closing || rested ? null : held);

/** Closing is due, and put off for an open form alone; who has proved himself is here no more. */
export function noteRested(): void {
  rested = true;
  proven = '';
}

/** Shows nothing readable any more; the key stays for what is being written. */
export function beginClosing(): void {
  closing = held !== null;
}

/** Forgets the key; the screen shows nothing readable until the PIN is typed. */
export function closeVault(): void {
  held = null;
  closing = false;
}

/** The agent has just proved himself by a code: a forgotten PIN asks for no second one. */
export function noteLogin(agent: string): void {
  proven = agent;
}

export const justProven = (): boolean => proven !== '';

function noteRest({ agent, failed, wait_ms }: VaultRow): void {
  if (rest.agent !== agent || rest.failed !== failed) rest = { agent, failed, until: performance.now() + wait_ms };
}

/** What the current agent's rows need before they can be shown; takes an open key into memory on the way. */
export function lookAtVault(agent: string, vault: VaultRow | undefined, { session, setup, pin_reset }: Partial<Meta>): 'none' | 'locked' | 'open' {
  if (held?.agent !== agent || held.made !== vault?.made) closeVault();
  own.lockedBy.value = vault?.open_key ? 'nothing' : vault?.passkey ? 'passkey' : 'pin';
  if (session?.confirmed && pin_reset === agent) return 'none';
  if (!vault || (vault.open_key && setup?.value.pin_required)) return 'none';
  noteRest(vault);
  if (vault.open_key) hold({ agent, made: vault.made, key: vault.open_key });
  return held && !closing ? 'open' : 'locked';
}

/** Milliseconds until a PIN may be tried. */
export function waitLeft(): number {
  return Math.max(0, Math.ceil(rest.until - performance.now()));
}

/** Tries a PIN. Counted as wrong before it is tried: killing the app in the middle wins nothing. */
export function unlock(pin: string): Promise<Unlocking> {
  return inTurn(async (agent) => {
    const result = await tryPin(agent, pin);
    return 'raw' in result ? opened(result) : result;
  });
}

interface Opened {
  vault: VaultRow;
  raw: Bytes;
}

async function opened({ vault: { agent, made }, raw }: Opened): Promise<Unlocking> {
  hold({ agent, made, key: await dataKeyFrom(raw) });
  raw.fill(0);
  if ((await getMeta('pin_reset')) === agent) await dropMeta('pin_reset');
  return { kind: 'open' };
}

async function tryPin(agent: string, pin: string): Promise<Opened | Exclude<Unlocking, { kind: 'open' }>> {
  const vault = await getVault(agent);
  if (!vault?.pin) return { kind: 'gone' };
  noteRest(vault);
  if (waitLeft() > 0) return { kind: 'wait', wait_ms: waitLeft() };
  const failed = vault.failed + 1;
  const wait_ms = (DELAYS_S[Math.min(failed, DELAYS_S.length - 1)] ?? 0) * 1_000;
  await changeVault(agent, (now) => ({ ...now, failed, wait_ms }));
  const raw = await unwrapByPin(vault, pin);
  rest = { agent, failed, until: performance.now() + wait_ms };
  if (!raw) return { kind: 'wrong', wait_ms };
  await changeVault(agent, (now) => ({ ...now, failed: 0, wait_ms: 0 }));
  rest = { agent, failed: 0, until: 0 };
  return { vault, raw };
}

/** Keeps how much of a delay has passed, so that closing the app costs a little of it and saves nothing. */
export async function noteWait(): Promise<void> {
  const current = await currentInstallation();
  if (!current) return;
  await changeVault(current.row.agent.id, (now) => {
    noteRest(now);
    const left = waitLeft();
    return now.wait_ms > left ? { ...now, wait_ms: left } : null;
  });
}

/**
 * Makes the vault of the agent who is logged in: his first PIN, the one after a forgotten one, or none where the
 * server lets him (null). What can be read now is sealed under the new key; what cannot stays as it is.
 */
export function makeVault(pin: string | null): Promise<Unlocking> {
  return inTurn(async (agent) => {
    // Another tab may have made it meanwhile: what a PIN closes is replaced only where that PIN was given up.
    if ((await getMeta('pin_reset')) !== agent && (await getVault(agent))?.pin) return { kind: 'gone' };
    for (;;) {
      const raw = random(32);
      const key = await dataKeyFrom(raw);
      const former = (await getVault(agent)) ?? null;
      const his = await allOf(agent);
      const { kept, lost } = await readAll(his, former);
      const made = uuid7();
      const vault: VaultRow = { agent, made, pin: pin === null ? null : await wrapByPin(raw, pin), passkey: null, open_key: pin === null ? key : null, failed: 0, wait_ms: 0 };
      raw.fill(0);
      if (!(await replaceVault(vault, former, key, kept, lost, his))) continue;
      hold({ agent, made, key });
      return { kind: 'open' };
    }
  });
}

async function readAll(his: InstallationRow[], former: VaultRow | null): Promise<{ kept: Kept[]; lost: ReadableRow[] }> {
  const kept: Kept[] = [];
  const lost: ReadableRow[] = [];
  for (const installation of his) {
    const key = installation.data_key ?? former?.open_key ?? heldOf(installation)?.key;
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
    const result = await tryPin(agent, from);
    if (!('raw' in result)) return result;
    const pin = await wrapByPin(result.raw, to);
    await changeVault(agent, (now) => (now.made === result.vault.made ? { ...now, pin } : null));
    return opened(result);
  });
}

/** Lets a passkey open the same rows: `secret` is its PRF's answer to `salt`. */
export function addPasskey(pin: string, credential: ArrayBuffer, salt: Bytes, secret: BufferSource): Promise<Unlocking> {
  return inTurn(async (agent) => {
    const result = await tryPin(agent, pin);
    if (!('raw' in result)) return result;
    const passkey = { credential, ...(await wrap(result.raw, await prfKey(secret, salt), salt)) };
    await changeVault(agent, (now) => (now.made === result.vault.made ? { ...now, passkey } : null));
    return opened(result);
  });
}

/** Opens by a passkey; `ask` gets its PRF's answer, or null where the agent declined. The PIN's delay has no say here. */
export function unlockByPasskey(ask: (credential: ArrayBuffer, salt: Bytes) => Promise<BufferSource | null>): Promise<Unlocking> {
  return inTurn(async (agent) => {
    const vault = await getVault(agent);
    if (!vault?.passkey) return { kind: 'gone' };
    const secret = await ask(vault.passkey.credential, vault.passkey.salt);
    const raw = secret && (await unwrap(vault.passkey, await prfKey(secret, vault.passkey.salt)));
    return raw ? opened({ vault, raw }) : { kind: 'gone' };
  });
}

/** Only the PIN opens from now on. */
export function dropPasskey(): Promise<Unlocking> {
  return inTurn(async (agent) => {
    await changeVault(agent, (now) => ({ ...now, passkey: null }));
    return { kind: 'open' };
  });
}

/**
 * The PIN is forgotten. With network the agent proves himself by a code and sets another one; without, he goes on
 * with a fresh readable store (`makeVault`). Unless his code was typed just now, the session must be confirmed anew
 * before the server shows anything here. Nothing unsent is touched.
 */
export async function forgetPin(): Promise<void> {
  const current = await currentInstallation();
  if (!current) return;
  const agent = current.row.agent.id;
  const sure = current.confirmed && proven === agent;
  // All or nothing: a forgotten PIN under a session still confirmed would let anybody set another one.
  await strictly(['meta'], async (tx) => {
    await tx.objectStore('meta').put({ key: 'pin_reset', value: agent });
    if (sure) return;
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
