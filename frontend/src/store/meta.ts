/** Single facts of this browser storage. */

import type { Setup } from '../domain/model';
import { reading, strictly } from './db';

/** Key → what stands there. Moments are ISO texts or milliseconds since 1970. */
export interface Meta {
  session: { installation: string; confirmed: boolean };
  /** when the session ends unless there is a contact before; milliseconds */
  session_ends: number;
  setup: { value: Setup; fetched_at: number };
  pending_login: {
    phone_number: string;
    attempt: { id: string; sign: string; office_phone: string; again: boolean; resend_at: number } | null;
    code: string;
  };
  /** the wall clock's past: the highest, the last, and how often it jumped back (P13) */
  wall: { highest: number; last: number; backward_jumps: number };
  /** the key pair offered for this agent, as long as its registration has not been answered */
  fresh_keys: { agent: string; keys: CryptoKeyPair };
  /** the product of the last receipt issued here: the next form begins with it (P12) */
  product: string;
  /** the agent logged out without network: the server's session is to be ended at the next contact */
  logout_due: true;
  /** the agent who has forgotten his PIN: after his next SMS code he sets another one */
  pin_reset: string;
}

export function getMeta<K extends keyof Meta>(key: K): Promise<Meta[K] | undefined> {
  return reading(async (db) => (await db.get('meta', key))?.value as Meta[K] | undefined);
}

export function setMeta<K extends keyof Meta>(key: K, value: Meta[K]): Promise<void> {
  return strictly(['meta'], async (tx) => {
    await tx.objectStore('meta').put({ key, value });
  });
}

export function dropMeta(key: keyof Meta): Promise<void> {
  return strictly(['meta'], (tx) => tx.objectStore('meta').delete(key));
}
