/** The readable copy of drafts and receipts, encrypted under its agent's data key (docs/adr/0019-pin-and-vault.md). */

import { utf8 } from '../domain/bytes';
import { localDate } from '../domain/dates';
import type { FiscalCheck, HistoryStep, ReceiptFields } from '../domain/model';
import { timeOf } from '../domain/uuid7';
import { reading } from './db';
import type { ReadableRow } from './schema';

/** A step of the server's feed; `change` is its place there. */
export interface FeedStep extends HistoryStep {
  change: number;
}

/** The sealed half of a row. */
export interface Readable {
  /** kopecks; `receipt_date` and `issued_at` as in the content. Absent in what version 1 wrote */
  amount?: number;
  receipt_date?: string;
  issued_at?: string;
  /** null once KIAS has the receipt: its full text then comes from the server (spec «What may lie on the phone») */
  fields: ReceiptFields | null;
  created_at: string;
  /** of a draft: the agent chose the date himself */
  date_chosen?: boolean;
  offset_min: number;
  history: FeedStep[];
  reason: string;
  /** after a refusal of KIAS: who has to act, and the field to mark (P09) */
  acts: '' | 'agent' | 'office';
  field: string;
  /** the receipt this one is issued instead of (P01, P09) */
  replaces: { id: string; number: string } | null;
  /** receipts of one conversation with a client share it (P12) */
  visit: string;
  /** the last step was the agent's own withdrawal, from whichever of his phones */
  by_agent?: boolean;
  /** the office gave its check back: with the money, or for a right one (P08) */
  refunded?: boolean;
  /** the agent's own withdrawal, made on this phone (P01) */
  withdrawal: { id: string; reason: string; at: string } | null;
  /** when a copy was first shown, shared or printed */
  copy_shown_at: string | null;
  check: FiscalCheck | null;
}

/** What a draft's or a receipt's readable half begins with. */
export function blankReadable(createdAt: string, offsetMin: number): Readable {
  return {
    fields: null, created_at: createdAt, offset_min: offsetMin, history: [], reason: '', acts: '', field: '',
    replaces: null, visit: '', withdrawal: null, copy_shown_at: null, check: null,
  };
}

type Sealed = Pick<ReadableRow, 'iv' | 'sealed'>;

/** What a row shows of sum and dates without its key: the day its id was made, and no sum. */
export function veiled(id: string): Pick<ReadableRow, 'amount' | 'receipt_date' | 'issued_at'> {
  const made = new Date(timeOf(id));
  return { amount: 0, receipt_date: localDate(made), issued_at: made.toISOString() };
}

/** Encrypt before the transaction: WebCrypto cannot be awaited inside one. */
export async function sealReadable(key: CryptoKey, id: string, readable: Readable): Promise<Sealed> {
  const iv = crypto.getRandomValues(new Uint8Array(12));
  const sealed = await crypto.subtle.encrypt({ name: 'AES-GCM', iv, additionalData: utf8(id) }, key, utf8(JSON.stringify(readable)));
  return { iv, sealed };
}

/** The sealed half, or null where this key does not open it. */
export async function openReadable(key: CryptoKey, row: ReadableRow): Promise<Readable | null> {
  try {
    const plain = await crypto.subtle.decrypt({ name: 'AES-GCM', iv: row.iv, additionalData: utf8(row.id) }, key, row.sealed);
    return JSON.parse(new TextDecoder().decode(plain)) as Readable;
  } catch {
    return null;
  }
}

export function getRow(id: string): Promise<ReadableRow | undefined> {
  return reading((db) => db.get('rows', id));
}

export function rowsOf(owner: string): Promise<ReadableRow[]> {
  return reading((db) => db.getAllFromIndex('rows', 'owner', owner));
}
