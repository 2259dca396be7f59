/** Issued receipts as they are sent. No error, no age and no count deletes a row (F33); who does: `sync/retention.ts`. */

import type { ReceiptState } from '../domain/model';
import { reading, strictly } from './db';
import type { OutboxRow } from './schema';

/** Waiting envelopes of every installation on this phone, oldest first (ids sort by time). */
export function waitingEnvelopes(): Promise<OutboxRow[]> {
  return reading((db) => db.getAllFromIndex('outbox', 'state', 'waiting'));
}

export function outboxOf(installations: string[]): Promise<OutboxRow[]> {
  return reading(async (db) => (await db.getAll('outbox')).filter((row) => installations.includes(row.installation)));
}

/** The receipts of these withdrawals. */
export const withdrawnIn = (waiting: OutboxRow[]): Set<string> => new Set(waiting.filter(({ kind }) => kind === 'withdrawal').map(({ receipt }) => receipt));

/** Receipts and withdrawals that wait; a withdrawn receipt's sum counts no more (P08). A withdrawal goes with its receipt. */
export function totalsOf(waiting: OutboxRow[]): { count: number; sum: number } {
  const withdrawn = withdrawnIn(waiting);
  return { count: new Set(waiting.map(({ receipt }) => receipt)).size, sum: waiting.reduce((sum, row) => sum + (withdrawn.has(row.receipt) ? 0 : row.amount), 0) };
}

/** What the server said about one receipt. */
export type Verdict = { id: string; state: ReceiptState } | { id: string; later: string };

/** Stores the server's answers, all or none. `accepted_at` is the phone's moment of storing them. */
export function storeVerdicts(verdicts: Verdict[], acceptedAt: string): Promise<void> {
  return strictly(['outbox', 'rows'], async (tx) => {
    const outbox = tx.objectStore('outbox');
    const rows = tx.objectStore('rows');
    for (const verdict of verdicts) {
      const sent = await outbox.get(verdict.id);
      if (!sent) continue;
      if ('later' in verdict) {
        await outbox.put({ ...sent, later_reason: verdict.later });
        continue;
      }
      // Unknown to the server after all: what was known of its stay there is void.
      const again = verdict.state === 'waiting' ? { accepted_at: null, settled_at: null } : {};
      await outbox.put({ ...sent, ...again, state: verdict.state, later_reason: '' });
      const row = await rows.get(sent.receipt);
      if (sent.kind === 'withdrawal') {
        // What it did; where the office decides, the receipt goes on as it was.
        if (row && row.state !== 'waiting' && (verdict.state === 'annulled' || verdict.state === 'held')) await rows.put({ ...row, state: verdict.state, rev: row.rev + 1 });
        continue;
      }
      if (row) await rows.put({ ...row, state: verdict.state, accepted_at: verdict.state === 'waiting' ? null : acceptedAt, rev: row.rev + 1 });
    }
  });
}
