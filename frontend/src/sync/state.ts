/** The engine's memory for the UI: signals that only `sync` writes. */

import { signal, computed } from '../signals';
import type { ReadonlySignal, Signal } from '../signals';
import { uncounted } from '../domain/chains';
import type { Draft, LocalReceipt, Setup } from '../domain/model';
import type { Notice } from '../store/schema';
import type { Connection, PendingLogin, Sending, Session, Totals, Trouble } from './types';

/** Written by the engine's modules; the UI gets the read-only halves below. */
export const own = {
  session: signal<Session>({ kind: 'starting' }),
  connection: signal<Connection>('checking'),
  /** This agent's receipts on this phone, newest first; none before the session is known, and none while they are locked. */
  receipts: signal<LocalReceipt[]>([]),
  /** The open form, if there is one. Show its number from here: a new installation code may renumber it (F21). */
  draft: signal<Draft | null>(null),
  /** The form, then receipt, whose online number became a БС- one because the line was gone at «Сохранить». */
  leftOnline: signal<string | null>(null),
  /** What is only on this phone: counted from the envelopes, so it is known while the rows are locked, too. */
  waitingTotals: signal<Totals>({ count: 0, sum: 0 }),
  /** Unsent receipts of other agents that this phone carries too. */
  othersWaiting: signal<Totals>({ count: 0, sum: 0 }),
  /** When the oldest unsent receipt of this agent was begun (milliseconds): by its id, so that it is known under the lock, too (P39). */
  oldestWaiting: signal<number | null>(null),
  /** Whether this agent's rows can be read now. `none`: he has no PIN yet, or not any more. */
  vault: signal<'none' | 'locked' | 'open'>('locked'),
  /** What opens them; `passkey`: that one, too. */
  lockedBy: signal<'nothing' | 'pin' | 'passkey'>('pin'),
  /** Unsent on this agent's other phones, as far as the server knew at the last contact (P35). */
  elsewhere: signal<Totals>({ count: 0, sum: 0 }),
  /** What the server tells this agent and he has not read yet, newest first. */
  notices: signal<Notice[]>([]),
  sending: signal<Sending>({ active: false, done: 0, total: 0 }),
  setup: signal<Setup | null>(null),
  /** Whether the app itself opens without network. */
  shellCached: signal(false),
  /** The server knows this browser, and nothing lies here: cleared, or just installed beside it (F23). */
  storageLost: signal(false),
  updateReady: signal(false),
  /** Whether the server calls this release one that must not wait (P21). */
  updateDue: signal<'' | 'soon' | 'now'>(''),
  /** Why the last newer release could not be fetched; for the support (F29). */
  updateError: signal(''),
  /** Whether receipts leave by themselves with the app closed (P15). */
  canSyncInBackground: signal(false),
  /** When the session ends unless there is a contact before (milliseconds): without network nobody else says it (P15). */
  sessionEnds: signal(Infinity),
  /** The last drains that failed: moment and code, for the support. */
  failures: signal<string[]>([]),
  trouble: signal<Trouble | null>(null),
  pendingLogin: signal<PendingLogin | null>(null),
};

type Halves<T> = { readonly [Name in keyof T]: T[Name] extends Signal<infer Value> ? ReadonlySignal<Value> : never };

export const {
  session, connection, receipts, draft, leftOnline, waitingTotals, othersWaiting, oldestWaiting, vault, lockedBy, elsewhere, notices, sending, setup, shellCached, storageLost,
  updateReady, updateDue, updateError, canSyncInBackground, sessionEnds, failures, trouble, pendingLogin,
}: Halves<typeof own> = own;

/** Sent receipts whose withdrawal is only on this phone. */
export const waitingWithdrawals: ReadonlySignal<number> = computed(
  () => own.receipts.value.filter(({ state, withdrawal }) => state !== 'waiting' && withdrawal?.state === 'waiting').length,
);

/** Receipts that count for nothing in any sum (P08). */
export const notCounted: ReadonlySignal<ReadonlySet<string>> = computed(() =>
  uncounted(own.receipts.value.map(({ id, state, replaces, refunded, withdrawal, by_agent }) => ({ id, state, replaces, refunded, withdrawn: withdrawal !== null || by_agent === true }))),
);

/** Whether this agent may issue: a dismissed one hands over what is left, no more (P17). */
export const mayIssue: ReadonlySignal<boolean> = computed(() => own.session.value.kind !== 'agent' || own.session.value.agent.status !== 'handover_only');
