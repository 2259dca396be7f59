/** The lock as the screens use it: what changes is shown at once, and sending goes on with what was missed. */

import { storageTrouble } from './drafts';
import { drainSoon } from './engine';
import { refresh } from './readings';
import { own } from './state';
import { changePin, closeVault, forgetPin as forget, makeVault, unlock as open, waitLeft as left } from './vault';
import type { Unlocking } from './vault';

export type LockResult = Unlocking | { kind: 'storage_full' | 'storage_failed' };

async function shown(work: Promise<Unlocking>): Promise<LockResult> {
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
/** The agent's new PIN; null for none, where the server lets him. */
export const setPin = (pin: string | null): Promise<LockResult> => shown(makeVault(pin));
export const changeMyPin = (from: string, to: string): Promise<LockResult> => shown(changePin(from, to));
export const waitLeft = left;

/** Nothing is readable until the PIN is typed. Never call it over an open form. */
export async function lock(): Promise<void> {
  closeVault();
  await refresh().catch(() => undefined);
}

/** With network the login follows, without it a fresh readable store (spec «What may lie on the phone»). */
export async function forgetPin(): Promise<void> {
  await forget().catch(storageTrouble);
  await refresh().catch(() => undefined);
}

/** Whether a PIN may be left out here. */
export const pinOptional = (): boolean => own.setup.value?.pin_required === false;
