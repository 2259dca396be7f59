/** How much to send at once: by bytes and by the time they took, so that a batch lasts a few seconds on any line (F34). */

import type { Reply } from '../api/client';
import type { OutboxRow } from '../store/schema';

/** Characters of envelopes: six receipts or so, a second and a half at 50 kbit/s; every drain begins with so much at most. */
const FIRST = 8_000;
/** A slow line that carries all the same is not asked to carry less. */
const LEAST = 4_000;
const LARGEST = 64_000;
const AIM_MS = 4_000;
const CUTS = 2;
const STUMBLES = 4;

export type AfterFailure = 'stop' | 'smaller' | 'set_aside';

let room = FIRST;
/** stalls and cut lines since the last success */
let cuts = 0;
/** single receipts in a row that got a 500 or a foreign page for an answer */
let stumbles = 0;

export const bytesOf = (rows: OutboxRow[]): number => rows.reduce((sum, { envelope }) => sum + envelope.length, 0);

export const batches = {
  room: (): number => room,

  /** What was learnt of a quick line may be an hour old; what was learnt of a bad one holds. */
  begin(): void {
    room = Math.min(room, FIRST);
  },

  /** So many bytes were answered within `ms`. */
  succeeded(bytes: number, ms: number): void {
    room = Math.min(LARGEST, room * 2, Math.max(LEAST, (bytes * AIM_MS) / (ms + 1)));
    cuts = 0;
    stumbles = 0;
  },

  /** What to do after a batch of `count` got no answers. */
  failed(reply: Exclude<Reply<unknown>, { kind: 'ok' }>, count: number, bytes: number): AfterFailure {
    room = bytes / 2;
    switch (reply.kind) {
      case 'offline':
        cuts = (cuts + 1) % CUTS; // the next drain may try as often again, with what has become a smaller batch
        return cuts ? 'smaller' : 'stop';
      case 'server_busy':
      case 'foreign_page':
        if (!suspect(reply)) return 'stop';
        if (count > 1) return 'smaller';
        stumbles = (stumbles + 1) % STUMBLES; // the next drain goes on with others
        return stumbles ? 'set_aside' : 'stop';
      case 'refused':
        if (reply.problem.code !== 'too_large' && reply.problem.code !== 'too_many_items') return 'stop';
        return count > 1 ? 'smaller' : 'set_aside';
    }
  },
};

/** Whether this very batch may be to blame: the server stumbles over it, or something on the way answers for the server. */
export function suspect(reply: Reply<unknown>): boolean {
  return reply.kind === 'foreign_page' || (reply.kind === 'server_busy' && reply.failed);
}

/**
 * The next batch of what is `open`, of all that `waiting`. What was kept back before goes last, so that it does not
 * stand in the way of the others (F16). A withdrawal goes right behind its receipt, in the same batch where there is
 * room for two, and never before it (P01).
 */
export function nextBatch(open: OutboxRow[], waiting: OutboxRow[], most: number): OutboxRow[] {
  const here = new Set(waiting.filter(({ kind }) => kind !== 'withdrawal').map(({ id }) => id));
  const taken = (row: OutboxRow): boolean => row.kind === 'withdrawal' && here.has(row.receipt);
  const ready = open.filter((row) => !taken(row));
  const batch: OutboxRow[] = [];
  for (const row of [...ready.filter((row) => !row.later_reason), ...ready.filter((row) => row.later_reason)]) {
    const both = [row, ...open.filter((other) => taken(other) && other.receipt === row.id)];
    const fits = bytesOf(batch) + bytesOf(both) <= most;
    if (fits) batch.push(...both);
    else return batch.length ? batch : [row];
  }
  return batch;
}
