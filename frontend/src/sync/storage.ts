/** What the browser says of this origin's storage. Page and worker tell the server of it at every contact. */

export interface StorageReport {
  /** whether the browser has promised not to clear it by itself; null where it does not tell */
  storage_persisted: boolean | null;
  /** bytes */
  storage_usage: number | null;
  storage_quota: number | null;
}

export async function storageNow(): Promise<StorageReport> {
  const { storage } = navigator as { storage?: Partial<StorageManager> };
  const [persisted, estimate] = await Promise.all([storage?.persisted?.(), storage?.estimate?.()]).catch(() => []);
  return { storage_persisted: persisted ?? null, storage_usage: estimate?.usage ?? null, storage_quota: estimate?.quota ?? null };
}
