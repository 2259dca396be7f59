/** What the server tells this agent here: notices until he has read them, and what waits on his other phones. */

import { noticesRead } from '../api/calls';
import type { ContactAnswer } from '../api/wire';
import { changeInstallation, getInstallation } from '../store/installations';
import type { InstallationRow } from '../store/schema';

const AT_ONCE = 100;

/** What a contact brings; what was read here already stays read though the server does not know yet. */
export function newsIn(row: InstallationRow, answer: ContactAnswer): Pick<InstallationRow, 'notices' | 'elsewhere' | 'backed_up_until'> {
  const notices = answer.notices.filter(({ id }) => !row.notices_read?.includes(id));
  // After a restore a backup says nothing of what was not asked about yet (F15).
  return { notices, elsewhere: answer.elsewhere, backed_up_until: knows(row, answer) ? (answer.backed_up_until ?? null) : null };
}

/** Whether the server remembers what it told this installation: it has not been restored since. */
export function knows({ epoch, cursor }: InstallationRow, answer: ContactAnswer): boolean {
  return epoch === answer.epoch && cursor <= answer.highest;
}

/** Remembered at once, told as soon as there is a line. */
export function noteRead(installation: string, id: string): Promise<void> {
  return changeInstallation(installation, ({ notices = [], notices_read = [], ...row }) => ({
    ...row,
    notices: notices.filter((notice) => notice.id !== id),
    notices_read: [...notices_read, id],
  }));
}

export async function tellRead(installation: string): Promise<void> {
  const ids = ((await getInstallation(installation))?.notices_read ?? []).slice(0, AT_ONCE);
  if (ids.length === 0 || (await noticesRead(ids)).kind !== 'ok') return;
  await changeInstallation(installation, ({ notices_read = [], ...row }) => ({ ...row, notices_read: notices_read.filter((id) => !ids.includes(id)) }));
}
