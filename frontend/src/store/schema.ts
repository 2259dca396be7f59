/** What lies in IndexedDB. Only grows: an older shell must be able to send what a newer one stored (P22). */

import type { ReceiptState } from '../domain/model';

export const DB_NAME = 'kias';
/** 2: `vaults`, and the rows' sums and dates in their sealed half (docs/adr/0019-pin-and-vault.md). */
export const DB_VERSION = 2;

export interface KnownAgent {
  id: string;
  name: string;
  phone_number: string;
  status: 'working' | 'handover_only';
  /** stands on the client's copy (P24) */
  contract?: string;
}

/** One agent on this browser storage. The private key is non-extractable. */
export interface InstallationRow {
  id: string;
  agent: KnownAgent;
  code: string;
  /** the highest counter given here or seen by the server; never goes back */
  counter: number;
  keys: CryptoKeyPair;
  /** opened the rows in version 1; its agent's vault takes them over and drops it */
  data_key?: CryptoKey;
  contact_token: string | null;
  cursor: number;
  epoch: string | null;
  /** the last signed server time this installation saw */
  server_time: { time: string; signature: string } | null;
  /** offline numbers that will never be used (dropped drafts), until the server has been told (F20) */
  spoiled: string[];
  /** online numbers given back because the line was gone, until the server has been told (spec «Numbers») */
  void_numbers: string[];
  /** the server took its key for revoked or foreign: it is offered no more, its envelopes still are */
  retired: boolean;
  /** what the server tells this agent here, until he has read it; ids he has read, until the server knows (P11, P25) */
  notices?: Notice[];
  notices_read?: string[];
  /** unsent on his other phones, as the server said at the last contact (P35) */
  elsewhere?: { count: number; sum: number };
  /** what the server accepted before is in a verified backup of it; its own clock */
  backed_up_until?: string | null;
}

/** The data key, encrypted under something that the agent knows or has. `salt` makes that something a key. */
export interface Wrapped {
  salt: Uint8Array<ArrayBuffer>;
  iv: Uint8Array<ArrayBuffer>;
  wrapped: ArrayBuffer;
}

/** What opens one agent's readable rows on this phone. The data key lies here only wrapped, or open where no PIN is wanted. */
export interface VaultRow {
  agent: string;
  /** which data key this is: a renewed vault has another one */
  made: string;
  /** PBKDF2-SHA-256 of the PIN */
  pin: (Wrapped & { iterations: number }) | null;
  /** the PRF of a passkey of this phone */
  passkey: (Wrapped & { credential: ArrayBuffer }) | null;
  open_key: CryptoKey | null;
  /** wrong PINs in a row, and how many milliseconds must still pass before the next try */
  failed: number;
  wait_ms: number;
}

export interface Notice {
  id: string;
  kind: string;
  text: string;
  at: string;
}

/** An issued receipt, or its withdrawal, as it will be sent: readable by the server alone. Only `sync/retention.ts` deletes.
 * Ids sort by time, so a withdrawal stands after its receipt. */
export interface OutboxRow {
  id: string;
  kind: 'receipt' | 'withdrawal';
  /** the receipt that is withdrawn; the row's own id for a receipt */
  receipt: string;
  envelope: string;
  installation: string;
  number: string;
  counter: number;
  amount: number;
  state: ReceiptState;
  later_reason: string;
  /** by the server's clock: when it surely had the receipt, and when this phone learnt that KIAS has it */
  accepted_at?: string | null;
  settled_at?: string | null;
}

/** A draft or a receipt for reading. In clear: what identifies it and how it stands; the rest is sealed under the data key. */
export interface ReadableRow {
  id: string;
  kind: 'draft' | 'receipt';
  /** the installation under whose agent it lies */
  owner: string;
  /** the installation that issued it; another phone's receipts are heard of by the states' feed */
  installation: string;
  number: string;
  counter: number;
  state: ReceiptState | 'draft';
  /** in the sealed half since version 2; here 0 and what the id tells anyway, for shells that read nothing else (P22) */
  amount: number;
  receipt_date: string;
  issued_at: string;
  /** when this phone stored the server's answer */
  accepted_at: string | null;
  /** counts the writes: a change prepared from an older one is prepared again */
  rev: number;
  iv: Uint8Array<ArrayBuffer>;
  sealed: ArrayBuffer;
}

export interface MetaRow {
  key: string;
  value: unknown;
}

/** Object store → its rows and the fields they are also found by. */
export interface KiasSchema {
  installations: { value: InstallationRow };
  outbox: { value: OutboxRow; indexes: { state: string } };
  rows: { value: ReadableRow; indexes: { owner: string } };
  meta: { value: MetaRow };
  vaults: { value: VaultRow };
}
