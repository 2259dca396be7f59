/** What goes over the wire (docs/protocol.md). `guards.ts` looks at every answer before it is believed. */

import type { FiscalCheck, ReceiptState, Setup } from '../domain/model';

export interface WireAgent {
  id: string;
  name: string;
  phone_number: string;
}

export interface WireInstallation {
  id: string;
  code: string;
  counter: number;
}

export interface PingAnswer {
  agent: WireAgent | null;
  installation: WireInstallation | null;
  epoch: string;
  server_time: { time: string; signature: string };
  csrf: string;
}

export interface ContactRequest {
  contact_token: string | null;
  counter: number;
  cursor: number;
  waiting: { count: number; sum: number };
  app_version: string;
  device_time: string;
  storage_persisted: boolean | null;
}

export interface ContactAnswer extends PingAnswer {
  contact_token: string;
  highest: number;
}

export interface LoginCodeAnswer {
  attempt: string;
  /** seconds */
  resend_after: number;
  valid_for: number;
  tries_left: number;
}

export interface InstallationRequest {
  public_key: string;
  proof: string;
  name: string;
  app_version: string;
  known: WireInstallation | null;
}

export interface IntakeAnswer {
  id: string | null;
  result: string;
  state?: ReceiptState | null;
  reason?: string | null;
}

export interface StatusAnswer {
  id: string;
  result: string;
  state?: ReceiptState | null;
}

export interface Change {
  change: number;
  id: string;
  number: string;
  state: ReceiptState;
  at: string;
  reason: string;
  text: string;
  amount: number;
  receipt_date: string;
  issued_at: string;
  installation: string;
  check: FiscalCheck | null;
}

export interface StatesAnswer {
  changes: Change[];
  cursor: number;
  more: boolean;
}

export interface FoundReceipt {
  id: string;
  number: string;
  state: ReceiptState;
  amount: number;
  receipt_date: string;
  issued_at: string;
  insurant: string;
}

export interface SearchAnswer {
  receipts: FoundReceipt[];
  next: string | null;
}

export type SetupAnswer = Setup;
