/** «Сохранить файл для офиса»: all that waits on this phone, sealed as it lies (docs/protocol.md, «Rescue file»).
 *
 * Needs neither network, nor session, nor PIN. The file is no proof of arrival: everything goes on waiting.
 */

import { toBase64Url, utf8 } from '../domain/bytes';
import { localDate, offsetMinutes } from '../domain/dates';
import { LATIN, TWINS } from '../domain/numbers';
import { allInstallations, currentInstallation } from '../store/installations';
import { totalsOf, waitingEnvelopes } from '../store/outbox';
import type { InstallationRow, OutboxRow } from '../store/schema';
import { sign } from './keys';

/** All of the file but its last line. */
export function rescueLines(rows: OutboxRow[], { id, code, agent }: Pick<InstallationRow, 'id' | 'code' | 'agent'>, made: Date): string {
  const counters = rows.filter(({ kind, counter, installation }) => kind === 'receipt' && counter > 0 && installation === id).map(({ counter }) => counter);
  const manifest = {
    made_at: made.toISOString(),
    offset_min: offsetMinutes(made),
    app_version: __APP_VERSION__,
    installation: id,
    code,
    agent: agent.id,
    count: rows.length,
    sum: totalsOf(rows).sum,
    counters: counters[0] ? [Math.min(...counters), Math.max(...counters)] : null,
    items: rows.map((row) => [row.id, row.number]),
  };
  return ['kias-rescue1', JSON.stringify(manifest), ...rows.map(({ envelope }) => envelope), ''].join('\n');
}

/** The last line: the sum of all before, signed. */
export async function rescueEnd(lines: string, keys: CryptoKeyPair): Promise<string> {
  const digest = toBase64Url(new Uint8Array(await crypto.subtle.digest('SHA-256', utf8(lines))));
  return `end.${digest}.${toBase64Url(await sign(keys, `kias-rescue1.${digest}`))}\n`;
}

/** The file, or null where nothing waits. Throws `StorageError`. */
export async function rescueFile(): Promise<File | null> {
  const rows = await waitingEnvelopes();
  // Whoever is logged in; after a logout whoever issued what waits.
  const maker = (await currentInstallation())?.row ?? (await allInstallations()).find(({ id }) => rows.some((row) => row.installation === id));
  if (!maker || rows.length === 0) return null;
  const made = new Date();
  const lines = rescueLines(rows, maker, made);
  // Latin letters and .txt: Chrome shares no file of a kind it does not know, and some mail programs break other names.
  const code = maker.code.replace(/[А-Я]/g, (letter) => LATIN.charAt(TWINS.indexOf(letter)));
  return new File([lines, await rescueEnd(lines, maker.keys)], `kias-BC-${code}-${localDate(made)}.kias.txt`, { type: 'text/plain' });
}
