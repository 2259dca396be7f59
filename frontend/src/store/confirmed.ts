/** Whether the server still knows this browser's session; kept so that a start without network can tell. */

import { strictly } from './db';

/** Returns whether that changed anything. */
export function setConfirmed(confirmed: boolean): Promise<boolean> {
  return strictly(['meta'], async (tx) => {
    const row = await tx.objectStore('meta').get('session');
    const session = row?.value as { installation: string; confirmed: boolean } | undefined;
    if (!session || session.confirmed === confirmed) return false;
    await tx.objectStore('meta').put({ key: 'session', value: { ...session, confirmed } });
    return true;
  });
}
