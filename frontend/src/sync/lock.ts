/** The lock as the screens use it: what changes is shown at once, and sending goes on with what was missed. */

import { effect } from '../signals';

import { tellOthers } from './channel';
import { inTurn, storageTrouble } from './drafts';
import { drainSoon } from './engine';
import { makePasskey, openByPasskey } from './passkey';
import type { Passing } from './passkey';
import { refresh } from './readings';
import { own } from './state';
import { beginClosing, changePin, closeVault, dropPasskey, forgetPin as forget, makeVault, noteWait as keepWait, unlock as open } from './vault';

export { passkeyPossible } from './passkey';
export { justProven, noteRested, waitLeft } from './vault';

export type LockResult = Passing | { kind: 'storage_full' | 'storage_failed' };

async function shown(work: Promise<Passing>): Promise<LockResult> {
  try {
    const result = await work;
    if (result.kind === 'open') {
      await refresh();
      drainSoon(); // the feed was not read while nothing could be stored
    }
    return result;
  } catch (error) {
    return storageTrouble(error);
  }
}

export const unlock = (pin: string): Promise<LockResult> => shown(open(pin));
export const unlockByPasskey = (): Promise<LockResult> => shown(openByPasskey());
/** The agent's new PIN; null for none, where the server lets him. */
export const setPin = (pin: string | null): Promise<LockResult> => shown(makeVault(pin));
export const changeMyPin = (from: string, to: string): Promise<LockResult> => shown(changePin(from, to));
export const disablePasskey = (): Promise<LockResult> => shown(dropPasskey());

/** Fingerprint or face from now on, too. */
export async function enablePasskey(pin: string): Promise<LockResult> {
  const { value: who } = own.session;
  return who.kind === 'agent' ? shown(makePasskey(who.agent, pin)) : { kind: 'gone' };
}

/** Without network: a fresh readable store under another PIN; what waits stays and leaves after the next SMS code. */
export const startAfresh = (pin: string): Promise<LockResult> => shown(forget().then(() => makeVault(pin)));

/** With network: the SMS code follows, and another PIN. */
export async function forgetPin(): Promise<void> {
  await forget().catch(storageTrouble);
  await refresh().catch(() => undefined);
}

/** Stores how much of a delay is left. */
export const noteWait = (): Promise<void> => keepWait().catch(() => undefined);

/** Nothing is readable until the PIN is typed, in no tab. What a form holds is stored before the key goes. */
export function lock(): Promise<void> {
  tellOthers('lock');
  return close();
}

/** Closes this tab's rows. */
export async function close(): Promise<void> {
  if (own.vault.value !== 'open' || own.lockedBy.value === 'nothing') return;
  beginClosing();
  own.vault.value = 'locked'; // an open form goes away now, and hands over what it holds
  await new Promise((drawn) => setTimeout(drawn));
  await inTurn(() => Promise.resolve());
  closeVault();
  await refresh().catch(() => undefined);
}

/** A phone that is revoked shows nothing from the moment it hears of it (F35). */
export function watchRevocation(): void {
  let before = true; // at a start everything is locked anyway
  effect(() => {
    const { value: who } = own.session;
    const revoked = who.kind === 'agent' && who.revoked;
    if (revoked && !before) void lock();
    before = revoked;
  });
}

/** Whether a PIN may be left out here. */
export const pinOptional = (): boolean => own.setup.value?.pin_required === false;
