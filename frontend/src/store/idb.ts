/** Promises over IndexedDB, for the few requests this app makes (docs/adr/0010-client-stack.md). */

import type { KiasSchema } from './schema';

export type Name = keyof KiasSchema;
type Row<N extends Name> = KiasSchema[N]['value'];
type IndexOf<N extends Name> = KiasSchema[N] extends { indexes: infer I } ? keyof I & string : never;

/** A request's result. Resolves while its transaction is still active: awaiting it keeps the transaction open. */
function result<T>(request: IDBRequest): Promise<T> {
  const asked = new Promise<T>((resolve, reject) => {
    request.onsuccess = () => resolve(request.result as T);
    request.onerror = () => reject(request.error ?? new Error());
  });
  asked.catch(() => undefined); // of several asked at once only the first failure is awaited
  return asked;
}

/** One object store inside a transaction. */
export class Store<N extends Name> {
  constructor(private readonly store: IDBObjectStore) {}
  get = (key: string): Promise<Row<N> | undefined> => result(this.store.get(key));
  getAll = (): Promise<Row<N>[]> => result(this.store.getAll());
  add = (row: Row<N>): Promise<unknown> => result(this.store.add(row));
  put = (row: Row<N>): Promise<unknown> => result(this.store.put(row));
  delete = (key: string): Promise<undefined> => result(this.store.delete(key));
  index = (name: IndexOf<N>) => ({ getAll: (key: string): Promise<Row<N>[]> => result(this.store.index(name).getAll(key)) });
}

export interface Writing<N extends Name> {
  objectStore<S extends N>(name: S): Store<S>;
}

/** One strict transaction, and its end: resolved by `complete`, rejected by `abort` with the transaction's own reason. */
export interface Strict<N extends Name> extends Writing<N> {
  done: Promise<void>;
  abort(): void;
}

export class Database {
  constructor(private readonly db: IDBDatabase) {}
  get version(): number {
    return this.db.version;
  }
  close = (): void => this.db.close();
  get = <N extends Name>(name: N, key: string): Promise<Row<N> | undefined> => this.read([name]).objectStore(name).get(key);
  getAll = <N extends Name>(name: N): Promise<Row<N>[]> => this.read([name]).objectStore(name).getAll();
  getAllFromIndex = <N extends Name>(name: N, index: IndexOf<N>, key: string): Promise<Row<N>[]> => this.read([name]).objectStore(name).index(index).getAll(key);

  /** Several stores as they stand at one moment. Reads alone: nothing can be put there. */
  read<N extends Name>(names: N[]): Writing<N> {
    const tx = this.db.transaction(names);
    return { objectStore: <S extends N>(name: S) => new Store<S>(tx.objectStore(name)) };
  }

  strict<N extends Name>(names: N[]): Strict<N> {
    const tx = this.db.transaction(names, 'readwrite', { durability: 'strict' });
    return {
      objectStore: <S extends N>(name: S) => new Store<S>(tx.objectStore(name)),
      abort: () => tx.abort(),
      done: new Promise((resolve, reject) => {
        tx.oncomplete = () => resolve();
        tx.onabort = () => reject(tx.error ?? new DOMException('aborted', 'AbortError'));
      }),
    };
  }
}

/** Opens the database; `lost` is called when the connection ends, by another tab's wish to migrate or by the browser's;
 * `blocked` while an older tab does not let go of it. */
export async function openDatabase(name: string, version: number | undefined, lost: () => void, upgrade: (db: IDBDatabase) => void, blocked: () => void): Promise<Database> {
  const request = indexedDB.open(name, version);
  request.onblocked = blocked;
  request.onupgradeneeded = () => upgrade(request.result);
  const db = await result<IDBDatabase>(request);
  db.onclose = lost;
  db.onversionchange = () => {
    lost();
    db.close();
  };
  return new Database(db);
}
