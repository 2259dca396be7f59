/** How much to send at once: small batches that shrink on failure and grow on success (F34). */

import type { Reply } from '../api/client';
import type { OutboxRow } from '../store/schema';

const LARGEST = 20;
const STUMBLES = 4;
const SLOW_MS = 30_000;

export type AfterFailure = 'stop' | 'smaller' | 'set_aside';

let size = LARGEST;
/** time-outs and cut lines since the last success */
let cuts = 0;
/** single receipts in a row that the server answered 500 for */
let stumbles = 0;

export const batches = {
  size: (): number => size,

  /** milliseconds for one batch; a slow line needs long even for little */
  limitMs: (): number => SLOW_MS,

  succeeded(): void {
    size = Math.min(LARGEST, size * 2);
    cuts = 0;
    stumbles = 0;
  },

  /** What to do after a batch of `count` got no answers. */
  failed(reply: Exclude<Reply<unknown>, { kind: 'ok' }>, count: number): AfterFailure {
    size = Math.max(1, Math.floor(count / 2));
    switch (reply.kind) {
      case 'offline':
        cuts += 1;
        if (count > 1 && cuts < 2) return 'smaller';
        cuts = 0; // the next drain may try twice again, with what has become a smaller batch
        return 'stop';
      case 'foreign_page':
        return 'stop';
      case 'server_busy':
        if (!reply.failed) return 'stop';
        if (count > 1) return 'smaller';
        stumbles = (stumbles + 1) % STUMBLES; // the next drain goes on with others
        return stumbles ? 'set_aside' : 'stop';
      case 'refused':
        if (reply.problem.code !== 'too_large' && reply.problem.code !== 'too_many_items') return 'stop';
        return count > 1 ? 'smaller' : 'set_aside';
    }
  },
};

/**
 * The next batch of what is `open`, of all that `waiting`. What was kept back before goes last, so that it does not
 * stand in the way of the others (F16). A withdrawal goes right behind its receipt, in the same batch where there is
 * room for two, and never before it (P01).
 */
export function nextBatch(open: OutboxRow[], waiting: OutboxRow[], room: number): OutboxRow[] {
  const here = new Set(waiting.filter(({ kind }) => kind !== 'withdrawal').map(({ id }) => id));
  const taken = (row: OutboxRow): boolean => row.kind === 'withdrawal' && here.has(row.receipt);
  const ready = open.filter((row) => !taken(row));
  const batch = [...ready.filter((row) => !row.later_reason), ...ready.filter((row) => row.later_reason)].slice(0, room);
  return room > 1 ? batch.flatMap((row) => [row, ...open.filter((other) => taken(other) && other.receipt === row.id)]) : batch;
}
