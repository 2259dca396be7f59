/** Drafts and their numbers. A number is taken in the same strict transaction as its draft (F18, F20); an online
 * one, counter 0, is asked for before. */

import { localDate, offsetMinutes } from '../domain/dates';
import { emptyFields } from '../domain/fields';
import type { Draft, ReceiptFields, Setup } from '../domain/model';
import { formatNumber } from '../domain/numbers';
import { uuid7 } from '../domain/uuid7';
import { StorageError, strictly } from '../store/db';
import { allOf, currentInstallation, getInstallation } from '../store/installations';
import { getMeta } from '../store/meta';
import { blankReadable, getRow, rowsOf, sealReadable, veiled } from '../store/readable';
import type { Readable } from '../store/readable';
import type { InstallationRow, ReadableRow } from '../store/schema';
import { tellOthers } from './channel';
import { agreeAhead } from './envelope';
import { onlineNumber } from './numbers';
import { asDraft, noteOpened, openRow, refresh } from './readings';
import { own } from './state';
import { keyOf, openOf, strictlyUnder } from './vault';

/** `not_ready`: no login yet on this phone, or its directories have not come. */
export type OpenResult = { kind: 'open'; draft: Draft } | { kind: 'storage_full' } | { kind: 'storage_failed' } | { kind: 'not_ready' };

/** The open draft, or a new one with the next number, durably stored before it is returned (F18). */
export async function openDraft(): Promise<OpenResult> {
  try {
    const current = await currentInstallation();
    const setup = own.setup.value;
    if (!current || !setup) return { kind: 'not_ready' };
    const today = localDate(new Date());
    const draft = (await openOne(current.row, today)) ?? (await begin(current.row, setup, today));
    own.draft.value = draft;
    agreeAhead(setup.sealing_key.public_key);
    storageWorks();
    tellOthers('rows');
    return { kind: 'open', draft };
  } catch (error) {
    return storageTrouble(error);
  }
}

export function storageWorks(): void {
  if (own.trouble.value?.kind === 'storage_failed') own.trouble.value = null;
}

export function storageTrouble(error: unknown): { kind: 'storage_full' } | { kind: 'storage_failed' } {
  if (error instanceof StorageError && error.kind === 'full') return { kind: 'storage_full' };
  // Whatever it was, nothing was stored and the form is intact: that is what the agent must hear.
  own.trouble.value = { kind: 'storage_failed', detail: String(error instanceof StorageError ? error.cause : error) };
  return { kind: 'storage_failed' };
}

const unreadable = new Set<string>();

/** The draft that is open on this installation. A date nobody chose follows the calendar. */
async function openOne(installation: InstallationRow, today: string): Promise<Draft | null> {
  for (const row of await rowsOf(installation.id)) {
    if (row.kind !== 'draft') continue;
    const readable = await openRow(keyOf(installation), row);
    if (!readable?.fields) {
      unreadable.add(row.id); // nobody can read it any more; its number is never used again
      continue;
    }
    const draft = asDraft(row, { ...readable, fields: readable.fields });
    return draft.date_chosen ? draft : { ...draft, fields: { ...draft.fields, receipt_date: today } };
  }
  return null;
}

async function begin(installation: InstallationRow, setup: Setup, today: string): Promise<Draft> {
  const left = await leftBehind(installation, today);
  const fields = left?.fields ?? emptyFields(setup, today, await getMeta('product'));
  return newDraft(installation, fields, left?.id, await onlineNumber(installation.id), left);
}

/** The form that lies unfinished under a former installation of this agent here, a revoked one (F35). */
async function leftBehind({ id, agent }: InstallationRow, today: string): Promise<Draft | null> {
  for (const former of await allOf(agent.id)) {
    const draft = former.id === id ? null : await openOne(former, today);
    if (draft) return draft;
  }
  return null;
}

function blank(fields: ReceiptFields, now: Date): Readable & { fields: ReceiptFields } {
  return { ...blankReadable(now.toISOString(), offsetMinutes(now)), fields };
}

/**
 * Takes the next number, or `online`; a draft that another tab has opened meanwhile is returned instead (F18).
 * `again`: the id of a dropped one, or of one `left` under a former installation: it moves here (F35).
 */
export async function newDraft(installation: InstallationRow, fields: ReceiptFields, again?: string, online: string | null = null, left: Pick<Draft, 'replaces' | 'visit'> | null = null): Promise<Draft> {
  const id = again ?? uuid7();
  const readable = blank(fields, new Date());
  if (left) Object.assign(readable, { replaces: left.replaces, visit: left.visit });
  const held = openOf(installation);
  const sealed = await sealReadable(held.key, id, readable);
  const row = await strictlyUnder(held, ['installations', 'rows'], async (tx) => {
    const rows = tx.objectStore('rows');
    const mine = await rows.index('owner').getAll(installation.id);
    const other = mine.find((known) => known.id === id || ((left || !again) && known.kind === 'draft' && !unreadable.has(known.id)));
    if (other) return other;
    const there = await rows.get(id);
    if (there?.kind === 'receipt') return there; // saved by another tab meanwhile
    const now = await tx.objectStore('installations').get(installation.id);
    if (!now) throw new StorageError('failed', 'the installation is gone');
    // A receipt that is still on its way may have the number that was offered.
    const used = online === null || mine.some(({ number }) => number === online);
    const counter = used ? now.counter + 1 : 0;
    const made: ReadableRow = {
      id,
      kind: 'draft',
      owner: now.id,
      installation: now.id,
      number: used ? formatNumber(now.code, counter) : online,
      counter,
      state: 'draft',
      ...veiled(id),
      accepted_at: null,
      rev: 0,
      ...sealed,
    };
    await tx.objectStore('installations').put(used ? { ...now, counter } : { ...now, void_numbers: now.void_numbers.filter((number) => number !== online) });
    await rows.put(made);
    return made;
  });
  const opened = await openRow(held.key, row);
  return asDraft(row, { ...(opened ?? readable), fields: opened?.fields ?? fields });
}

/** Writes follow each other in the order of typing, though sealing takes its time. */
let lastSave: Promise<unknown> = Promise.resolve();

/** Stores what is typed; false when storage failed or the draft is none any more (the form keeps its own copy). */
export function saveDraft(id: string, fields: ReceiptFields, date_chosen = false): Promise<boolean> {
  return inTurn(() => writeDraft(id, { fields, date_chosen })).catch(() => false);
}

/** After every write of a draft that was asked for before. */
export function inTurn<T>(write: () => Promise<T>): Promise<T> {
  const written = lastSave.then(write);
  lastSave = written.catch(() => undefined);
  return written;
}

async function writeDraft(id: string, typed: { fields: ReceiptFields; date_chosen: boolean }): Promise<boolean> {
  const row = await getRow(id);
  const installation = row && (await getInstallation(row.owner));
  if (row?.kind !== 'draft' || !installation) return false;
  const held = openOf(installation);
  const before = await openRow(held.key, row);
  const readable = { ...(before ?? blank(typed.fields, new Date())), ...typed };
  const sealed = await sealReadable(held.key, id, readable);
  const kept = await strictlyUnder(held, ['rows'], async (tx) => {
    const now = await tx.objectStore('rows').get(id);
    if (now?.kind !== 'draft') return false;
    await tx.objectStore('rows').put({ ...now, rev: now.rev + 1, ...sealed });
    return true;
  });
  if (kept) noteOpened({ id, ...sealed }, readable);
  return kept;
}

/** Throws the form away; its number is spoiled, remembered and never used again (F20). An online one comes again. */
export async function dropDraft(id: string): Promise<boolean> {
  try {
    await lastSave;
    await strictly(['rows', 'installations'], async (tx) => {
      const row = await tx.objectStore('rows').get(id);
      if (row?.kind !== 'draft') return;
      const installation = await tx.objectStore('installations').get(row.owner);
      if (installation && row.counter > 0) await tx.objectStore('installations').put({ ...installation, spoiled: [...installation.spoiled, row.number] });
      await tx.objectStore('rows').delete(id);
    });
    await refresh();
    tellOthers('rows');
    return true;
  } catch (error) {
    storageTrouble(error);
    return false;
  }
}
