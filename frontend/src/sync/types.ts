/** What the engine tells the UI. Everything here is final in shape; docs/protocol.md says where it comes from. */

import type { Problem, Unreachable } from '../api/client';
import type { Device } from '../api/wire';
import type { LocalReceipt, ReceiptFields } from '../domain/model';

export type { Notice } from '../store/schema';
export type { Device, Problem, Unreachable };

export interface Agent {
  id: string;
  name: string;
  phone_number: string;
  /** `handover_only`: no new receipts, what is left is handed over (P17) */
  status: 'working' | 'handover_only';
  contract?: string;
}

/** `confirmed: false`: the server's session is gone; issuing goes on, sending needs the SMS login (F26).
 * `ask_ahead`: it ends in a few days, the code should be asked for while there is network (P16).
 * `revoked`: this phone was revoked; its next login makes a new installation of it (F35). */
export type Session =
  | { kind: 'starting' }
  | { kind: 'guest' }
  | { kind: 'agent'; agent: Agent; installation: { id: string; code: string }; confirmed: boolean; ask_ahead: boolean; revoked: boolean };

/** By our own ping answered with our own JSON; `navigator.onLine` is only a hint (F27). */
export type Connection = 'checking' | 'online' | 'offline' | 'foreign_page' | 'server_busy';

export type Answer<T> = { kind: 'ok'; value: T } | { kind: 'refused'; problem: Problem } | { kind: Unreachable };

/** The login in progress; survives a reload. Moments are milliseconds since 1970 on the phone's clock. */
export interface PendingLogin {
  phone_number: string;
  /** null until a code was asked for; `sign` is what the agent reads out to the office, `again`: sent more than once (P16) */
  attempt: { id: string; sign: string; office_phone: string; again: boolean; resend_at: number } | null;
  code: string;
}

export interface Totals {
  count: number;
  /** kopecks */
  sum: number;
}

export interface Sending {
  active: boolean;
  done: number;
  total: number;
}

/** `storage_unavailable`: this browser gives no storage at all (private window): nothing can be issued.
 * `blocked`: a tab of an older release keeps the database from being migrated (F29).
 * `newer_version`: a newer release has changed the database here; showing and sending work (P22).
 * `detail` is for the support, not for the agent. */
export type Trouble = { kind: 'storage_failed'; detail: string } | { kind: 'storage_unavailable' } | { kind: 'newer_version' | 'blocked' };

export type FieldErrors = Partial<Record<keyof ReceiptFields, string>>;

export type IssueResult =
  | { kind: 'saved'; receipt: LocalReceipt }
  | { kind: 'already_saved'; receipt: LocalReceipt }
  | { kind: 'invalid'; errors: FieldErrors }
  | { kind: 'storage_full' }
  | { kind: 'storage_failed' };

/** One drain, every outcome named. `sent`: receipts the server took now; `kept`: those it asked to keep. */
export type DrainOutcome =
  | { kind: 'done'; sent: number; kept: number }
  | { kind: 'nothing' }
  | { kind: 'busy' }
  | { kind: 'login_required' }
  | { kind: Unreachable; sent: number }
  | { kind: 'refused'; problem: Problem; sent: number }
  | { kind: 'storage_failed' };

export interface FoundReceipt {
  id: string;
  number: string;
  state: LocalReceipt['state'];
  amount: number;
  receipt_date: string;
  issued_at: string;
  /** shortened: «Сидорова А. П.» */
  insurant: string;
}
