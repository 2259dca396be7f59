/** The one connection to IndexedDB: opened when needed, again when the browser drops it (F22). */

import { type Database, type Name, type Writing, openDatabase } from './idb';
import { DB_NAME, DB_VERSION } from './schema';

export type { Name, Store, Writing } from './idb';

/** `full`: no room left on the phone (F24); `failed`: nothing was stored, trying again may help. */
export class StorageError extends Error {
  constructor(
    readonly kind: 'full' | 'failed',
    cause: unknown,
  ) {
    super(`storage ${kind}`, { cause });
  }
}

let opened: Promise<Database> | null = null;

let whenBlocked = (): void => undefined;

/** What to do while a tab of an older release keeps the database from being brought to this version (F29). */
export function onBlocked(action: () => void): void {
  whenBlocked = action;
}

function forget(): void {
  opened = null;
}

/** Brings the database of any version to this one. Stores are added, never changed (P22). */
function create(db: IDBDatabase): void {
  if (!db.objectStoreNames.contains('vaults')) db.createObjectStore('vaults', { keyPath: 'agent' });
  if (db.objectStoreNames.contains('meta')) return;
  db.createObjectStore('installations', { keyPath: 'id' });
  db.createObjectStore('outbox', { keyPath: 'id' }).createIndex('state', 'state');
  db.createObjectStore('rows', { keyPath: 'id' }).createIndex('owner', 'owner');
  db.createObjectStore('meta', { keyPath: 'key' });
}

function open(): Promise<Database> {
  const opening = (version?: number): Promise<Database> => openDatabase(DB_NAME, version, forget, create, () => { whenBlocked(); });
  return opening(DB_VERSION).catch((error: unknown) => {
    // A newer shell has been here: its database is opened as it is (P22).
    if (named(error, 'VersionError')) return opening();
    throw error;
  });
}

export function database(): Promise<Database> {
  opened ??= open().catch((error: unknown) => {
    forget();
    throw error;
  });
  return opened;
}

/** Closes the connection; the next use opens it again. */
export async function closeDatabase(): Promise<void> {
  const db = await opened?.catch(() => null);
  forget();
  db?.close();
}

function named(error: unknown, name: string): boolean {
  return error instanceof Error && error.name === name;
}

function asStorageError(error: unknown): StorageError {
  if (error instanceof StorageError) return error;
  return new StorageError(named(error, 'QuotaExceededError') ? 'full' : 'failed', error);
}

/** A connection that has ended says the first; a transaction that the browser ended with it the others (F22). */
const DROPPED = ['InvalidStateError', 'AbortError', 'UnknownError'];

/**
 * Work with the open database; where the browser has dropped the connection, also in the middle, once more with a
 * new one. The aborted transaction has left nothing, and every `work` begins by reading what is there.
 */
async function withDatabase<T>(work: (db: Database) => Promise<T>): Promise<T> {
  try {
    const db = await database();
    try {
      return await work(db);
    } catch (error) {
      if (!DROPPED.some((name) => named(error, name))) throw error;
      if ((await opened?.catch(() => db)) === db) forget();
      db.close();
      return await work(await database());
    }
  } catch (error) {
    throw asStorageError(error);
  }
}

/** Reads outside of any own transaction. Throws `StorageError`. */
export function reading<T>(work: (db: Database) => Promise<T>): Promise<T> {
  return withDatabase(work);
}

/**
 * One strict transaction: returns only after its `complete`, when the bytes are said to be on the disk (F17).
 * `work` may await nothing but requests of this transaction. Anything thrown aborts all of it.
 * Throws `StorageError`.
 */
export function strictly<const N extends Name, T>(names: N[], work: (tx: Writing<N>) => Promise<T>): Promise<T> {
  return withDatabase(async (db) => {
    const tx = db.strict(names);
    const done = tx.done;
    done.catch(() => undefined); // told below; a rejection nobody awaits yet must not become an alarm of its own
    try {
      const result = await work(tx);
      await done;
      return result;
    } catch (error) {
      try {
        tx.abort();
      } catch {
        // it is over already
      }
      await done.catch((reason: unknown) => {
        // The transaction's own reason (quota) says more than the request's «aborted».
        if (named(error, 'AbortError')) throw reason;
      });
      throw error;
    }
  });
}
