/** Installations of this browser storage. */

import { MAX_COUNTER, formatNumber } from '../domain/numbers';
import { type Store, reading, strictly } from './db';
import type { InstallationRow } from './schema';

export function getInstallation(id: string): Promise<InstallationRow | undefined> {
  return reading((db) => db.get('installations', id));
}

export function allInstallations(): Promise<InstallationRow[]> {
  return reading((db) => db.getAll('installations'));
}

/** This agent's installation here that may still be offered to the server. */
export async function installationOf(agentId: string): Promise<InstallationRow | undefined> {
  return (await allInstallations()).find((row) => row.agent.id === agentId && !row.retired);
}

/** All of this agent's installations here, retired ones too: their receipts are his as well. */
export async function allOf(agentId: string): Promise<InstallationRow[]> {
  return (await allInstallations()).filter((row) => row.agent.id === agentId);
}

/** The installation a session is bound to. */
export function currentInstallation(): Promise<{ row: InstallationRow; confirmed: boolean } | null> {
  return reading(async (db) => {
    const session = (await db.get('meta', 'session'))?.value as { installation: string; confirmed: boolean } | undefined;
    const row = session && (await db.get('installations', session.installation));
    return row ? { row, confirmed: session.confirmed } : null;
  });
}

/** Changes one installation in a strict transaction; nothing happens where it is not known. */
export function changeInstallation(id: string, change: (row: InstallationRow) => InstallationRow): Promise<void> {
  return strictly(['installations'], async (tx) => {
    const row = await tx.objectStore('installations').get(id);
    if (row) await tx.objectStore('installations').put(change(row));
  });
}

type Rows = Store<'rows'>;

/** `row` with what the server says of it, in the caller's transaction. A new code renumbers what is not yet issued (F21),
 * an online number too: a clone would have the same one. */
export async function heeding(row: InstallationRow, told: { code: string; counter: number }, rows: Rows): Promise<InstallationRow> {
  const next = { ...row, code: told.code, counter: Math.max(row.counter, told.counter) };
  if (told.code === row.code) return next;
  for (const draft of await rows.index('owner').getAll(row.id)) {
    if (draft.kind !== 'draft') continue;
    const given = draft.counter > 0 ? 'spoiled' : 'void_numbers';
    next.counter = (next.counter % MAX_COUNTER) + 1; // nothing of the new code is used yet
    next[given] = [...next[given], draft.number];
    await rows.put({ ...draft, number: formatNumber(next.code, next.counter), counter: next.counter, rev: draft.rev + 1 });
  }
  return next;
}
