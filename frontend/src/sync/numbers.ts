/** Online numbers: asked for when the form opens, given back where the line is gone at «Сохранить» (spec «Numbers»). */

import { reserveNumber } from '../api/calls';
import { formatNumber } from '../domain/numbers';
import { strictly } from '../store/db';
import { probe } from './connection';
import { drainNow } from './engine';
import { refresh } from './readings';
import { own } from './state';

/** A form waits no longer for its number than this. */
const LIMIT_MS = 1_500;

const confirmed = (): boolean => own.session.value.kind === 'agent' && own.session.value.confirmed;

/** The number reserved for this installation; null without network, session or answer: then БС- serves. */
export async function onlineNumber(installation: string): Promise<string | null> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const late = new Promise<null>((give) => (timer = setTimeout(() => { give(null); }, LIMIT_MS)));
  const number = await Promise.race([ask(installation).catch(() => null), late]);
  clearTimeout(timer);
  return number;
}

async function ask(installation: string): Promise<string | null> {
  if (own.connection.value === 'checking') await probe();
  if (own.connection.value !== 'online' || !confirmed()) return null;
  // What is being sent may be spending the very number that would be given again.
  if (own.sending.value.active) await drainNow();
  const reply = await reserveNumber({ within: LIMIT_MS });
  if (reply.kind !== 'ok') void probe(); // the form says at once what it has met
  // Another tab may have changed the session meanwhile: another installation's number is none of ours.
  return reply.kind === 'ok' && reply.value.installation === installation ? reply.value.number : null;
}

/**
 * «Сохранить» without a line: the draft's online number becomes the next БС- one and is given back, in one
 * transaction. Nothing happens to any other draft, and while the line is not known to be gone. Returns whether it did.
 */
export async function leaveOnline(id: string): Promise<boolean> {
  const { value: connection } = own.connection;
  if ((connection === 'online' || connection === 'checking') && confirmed()) return false;
  const left = await strictly(['installations', 'rows'], async (tx) => {
    const rows = tx.objectStore('rows');
    const row = await rows.get(id);
    const now = row && (await tx.objectStore('installations').get(row.owner));
    if (!now || row.kind !== 'draft' || row.counter > 0) return false;
    const counter = now.counter + 1;
    await tx.objectStore('installations').put({ ...now, counter, void_numbers: [...now.void_numbers, row.number] });
    await rows.put({ ...row, number: formatNumber(now.code, counter), counter, rev: row.rev + 1 });
    return true;
  });
  if (!left) return false;
  own.leftOnline.value = id;
  await refresh().catch(() => undefined); // the form shows it, whatever becomes of the saving
  return true;
}
