/** What this phone can say of itself (F23, F24, spec «Без связи»): facts, no names, no numbers of clients. */

import { currentInstallation } from '../store/installations';
import { getMeta } from '../store/meta';
import { waitingEnvelopes } from '../store/outbox';
import { getVault } from '../store/vaults';
import { probe } from './connection';
import { skewMs } from './evidence';
import { keepSetup } from './session';
import { own } from './state';
import { storageNow } from './storage';
import type { StorageReport } from './storage';
import type { Totals } from './types';

/** Below that many free bytes the phone speaks before saving fails (F24). */
export const LITTLE_SPACE = 50e6;

export interface PhoneFacts extends StorageReport {
  code: string;
  counter: number;
  /** of all agents here */
  waiting: Totals;
  /** why the server asked to keep some of them */
  reasons: string[];
  last_contact: string | null;
  /** how far its clock is ahead of the server's, milliseconds; null: not known */
  skew_ms: number | null;
  /** when the directories came, milliseconds since 1970; null: never */
  setup_at: number | null;
  pin: boolean;
}

/** Looks anew. Throws `StorageError`. */
export async function lookAtPhone(): Promise<PhoneFacts> {
  const current = await currentInstallation();
  const waiting = await waitingEnvelopes();
  const [here, others] = [own.waitingTotals.value, own.othersWaiting.value];
  return {
    ...(await storageNow()),
    code: current?.row.code ?? '',
    counter: current?.row.counter ?? 0,
    waiting: { count: here.count + others.count, sum: here.sum + others.sum },
    reasons: [...new Set(waiting.map(({ later_reason }) => later_reason).filter(Boolean))],
    last_contact: current?.row.server_time?.time ?? null,
    skew_ms: skewMs(current?.row.server_time?.time),
    setup_at: (await getMeta('setup'))?.fetched_at ?? null,
    pin: Boolean(current && (await getVault(current.row.agent.id))?.pin),
  };
}

/** Asks the browser to keep the storage; some ask the agent, so it is done when he has shown that he works here (F23). */
export async function keepStorage(): Promise<void> {
  const { storage } = navigator as { storage?: Partial<StorageManager> };
  await storage?.persist?.().catch(() => false);
}

/** Directories and line anew, at the agent's wish. */
export async function renewDirectories(): Promise<void> {
  if ((await probe()) === 'online') await keepSetup(true).catch(() => undefined);
}
