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
  receipts: signal<LocalReceipt[] | null>(null),
  draft: signal<Draft | null>(null),
  leftOnline: signal<string | null>(null),
  waitingTotals: signal<Totals>({ count: 0, sum: 0 }),
  othersWaiting: signal<Totals>({ count: 0, sum: 0 }),
  oldestWaiting: signal<number | null>(null),
  vault: signal<'none' | 'locked' | 'open'>('locked'),
  lockedBy: signal<'nothing' | 'pin' | 'passkey'>('pin'),
  elsewhere: signal<Totals>({ count: 0, sum: 0 }),
  notices: signal<Notice[]>([]),
  sending: signal<Sending>({ active: false, done: 0, total: 0 }),
  setup: signal<Setup | null>(null),
  shellCached: signal(false),
  storageLost: signal(false),
  updateReady: signal(false),
  updateDue: signal<'' | 'soon' | 'now'>(''),
  updateError: signal(''),
  canSyncInBackground: signal(false),
  sessionEnds: signal(Infinity),
  failures: signal<string[]>([]),
  trouble: signal<Trouble | null>(null),
  pendingLogin: signal<PendingLogin | null>(null),
};

const reading = <T>(written: Signal<T>): ReadonlySignal<T> => written;

export const session = reading(own.session);
export const connection = reading(own.connection);
/** This agent's receipts on this phone, newest first; null while they are read. */
export const receipts = reading(own.receipts);
/** The open form, if there is one. Show its number from here: a new installation code may renumber it (F21). */
export const draft = reading(own.draft);
/** The form, then receipt, whose online number became a БС- one because the line was gone at «Сохранить». */
export const leftOnline = reading(own.leftOnline);
/** Unsent on this agent's other phones, as far as the server knew at the last contact (P35). */
export const elsewhere = reading(own.elsewhere);
/** What the server tells this agent and he has not read yet, newest first. */
export const notices = reading(own.notices);
export const sending = reading(own.sending);
export const setup = reading(own.setup);
export const updateReady = reading(own.updateReady);
/** Whether the server calls this release one that must not wait (P21). */
export const updateDue = reading(own.updateDue);
/** Why the last newer release could not be fetched; for the support (F29). */
export const updateError = reading(own.updateError);
/** When the session ends unless there is a contact before (milliseconds): without network nobody else says it (P15). */
export const sessionEnds = reading(own.sessionEnds);
/** Whether receipts leave by themselves with the app closed (P15). */
export const canSyncInBackground = reading(own.canSyncInBackground);
/** The last drains that failed: moment and code, for the support. */
export const failures = reading(own.failures);
export const trouble = reading(own.trouble);
export const pendingLogin = reading(own.pendingLogin);
/** Unsent receipts of other agents that this phone carries too. */
export const othersWaiting = reading(own.othersWaiting);

/** When the oldest unsent receipt of this agent was begun (milliseconds): by its id, so that it is known under the lock, too (P39). */
export const oldestWaiting = reading(own.oldestWaiting);

/** Sent receipts whose withdrawal is only on this phone. */
export const waitingWithdrawals: ReadonlySignal<number> = computed(
  () => (own.receipts.value ?? []).filter(({ state, withdrawal }) => state !== 'waiting' && withdrawal?.state === 'waiting').length,
);

/** Receipts that count for nothing in any sum (P08). */
export const notCounted: ReadonlySignal<ReadonlySet<string>> = computed(() =>
  uncounted((own.receipts.value ?? []).map(({ id, state, replaces, refunded, withdrawal, by_agent }) => ({ id, state, replaces, refunded, withdrawn: withdrawal !== null || by_agent === true }))),
);

/** What is only on this phone: counted from the envelopes, so it is known while the rows are locked, too. */
export const waitingTotals = reading(own.waitingTotals);
/** Whether this agent's rows can be read now. `none`: he has no PIN yet, or not any more. */
export const vault = reading(own.vault);
/** What opens them; `passkey`: that one, too. */
export const lockedBy = reading(own.lockedBy);

/** Whether this agent may issue: a dismissed one hands over what is left, no more (P17). */
export const mayIssue: ReadonlySignal<boolean> = computed(() => own.session.value.kind !== 'agent' || own.session.value.agent.status !== 'handover_only');

/** Whether the app itself opens without network. */
export const shellCached = reading(own.shellCached);
/** The server knows this browser, and nothing lies here: cleared, or just installed beside it (F23). */
export const storageLost = reading(own.storageLost);
