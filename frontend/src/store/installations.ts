/** Installations of this browser storage. */

import { reading, strictly } from './db';
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
