/** Money follows chains (P08): of a receipt and its replacements only the last living one counts. */

import type { ReceiptState } from './model';

export interface ChainLink {
  id: string;
  state: ReceiptState;
  /** taken back by its agent, whatever the office still decides */
  withdrawn: boolean;
  /** the office gave its check back: it still takes the place of what it replaced */
  refunded: boolean | undefined;
  replaces: { id: string } | null;
}

/** The ids that count for nothing: annulled, withdrawn, refunded, or replaced by one that lives. The twin of receipts/chains.py. */
export function uncounted(links: readonly ChainLink[]): Set<string> {
  const byId = new Map(links.map((link) => [link.id, link]));
  const last = new Map<string, string>();
  const dead = new Set<string>();
  for (const link of links) {
    const gone = link.state === 'annulled' || (link.withdrawn && !link.refunded);
    if (gone || link.refunded) dead.add(link.id);
    if (gone) continue;
    const first = rootOf(link, byId);
    const other = last.get(first);
    // ids sort by the moment they were made
    if (other !== undefined) dead.add(other < link.id ? other : link.id);
    if (other === undefined || other < link.id) last.set(first, link.id);
  }
  return dead;
}

/** The first of its chain; a circle counts as one chain. */
function rootOf(link: ChainLink, byId: ReadonlyMap<string, ChainLink>): string {
  const seen = [link.id];
  for (let next = link.replaces?.id; next !== undefined; next = byId.get(next)?.replaces?.id) {
    if (seen.includes(next)) return seen.sort()[0] ?? next;
    seen.push(next);
  }
  return seen.at(-1) ?? link.id;
}
