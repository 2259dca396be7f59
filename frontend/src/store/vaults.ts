/** An agent's vault on this phone: one data key for all his rows, wrapped (docs/adr/0019-pin-and-vault.md). */

import type { Bytes } from '../domain/bytes';
import { utf8 } from '../domain/bytes';
import { reading, strictly } from './db';
import { sealReadable, veiled } from './readable';
import type { Readable } from './readable';
import type { InstallationRow, ReadableRow, VaultRow, Wrapped } from './schema';

/** What OWASP asks of PBKDF2-SHA-256 in 2023; stored with each vault, so that it may grow. */
const ITERATIONS = 600_000;
const AES = { name: 'AES-GCM', length: 256 };

export function getVault(agent: string): Promise<VaultRow | undefined> {
  return reading((db) => db.get('vaults', agent));
}

/** Changes one vault in a strict transaction; false where it is gone, or `change` wants nothing. */
export function changeVault(agent: string, change: (vault: VaultRow) => VaultRow | null): Promise<boolean> {
  return strictly(['vaults'], async (tx) => {
    const now = await tx.objectStore('vaults').get(agent);
    const next = now && change(now);
    if (next) await tx.objectStore('vaults').put(next);
    return Boolean(next);
  });
}

export const random = (length: number): Bytes => crypto.getRandomValues(new Uint8Array(length));

/** The data key from its bytes; what lies in memory can be used and not read. */
export function dataKeyFrom(raw: BufferSource): Promise<CryptoKey> {
  return crypto.subtle.importKey('raw', raw, AES, false, ['encrypt', 'decrypt']);
}

async function pinKey(pin: string, salt: Bytes, iterations: number): Promise<CryptoKey> {
  const material = await crypto.subtle.importKey('raw', utf8(pin), 'PBKDF2', false, ['deriveKey']);
  return crypto.subtle.deriveKey({ name: 'PBKDF2', hash: 'SHA-256', salt, iterations }, material, AES, false, ['encrypt', 'decrypt']);
}

/** A key from a passkey's PRF answer. */
export async function prfKey(secret: BufferSource, salt: Bytes): Promise<CryptoKey> {
  const material = await crypto.subtle.importKey('raw', secret, 'HKDF', false, ['deriveKey']);
  return crypto.subtle.deriveKey({ name: 'HKDF', hash: 'SHA-256', salt, info: utf8('kias-offline/vault/1') }, material, AES, false, ['encrypt', 'decrypt']);
}

export async function wrap(raw: Bytes, key: CryptoKey, salt: Bytes): Promise<Wrapped> {
  const iv = random(12);
  return { salt, iv, wrapped: await crypto.subtle.encrypt({ name: 'AES-GCM', iv }, key, raw) };
}

/** The data key's bytes, or null where this key does not open them. */
export async function unwrap({ iv, wrapped }: Wrapped, key: CryptoKey): Promise<Bytes | null> {
  try {
    return new Uint8Array(await crypto.subtle.decrypt({ name: 'AES-GCM', iv }, key, wrapped));
  } catch {
    return null;
  }
}

export async function wrapByPin(raw: Bytes, pin: string): Promise<NonNullable<VaultRow['pin']>> {
  const salt = random(16);
  return { ...(await wrap(raw, await pinKey(pin, salt, ITERATIONS), salt)), iterations: ITERATIONS };
}

export async function unwrapByPin(vault: VaultRow, pin: string): Promise<Bytes | null> {
  return vault.pin && unwrap(vault.pin, await pinKey(pin, vault.pin.salt, vault.pin.iterations));
}

/** A row with what its readable half said before, to be sealed under the new key. */
export interface Kept {
  row: ReadableRow;
  readable: Readable;
}

/**
 * Puts a new vault in the place of `former` (null: there was none), with all rows that could be read sealed anew,
 * in one strict transaction, which ends a forgotten PIN, too. Drafts that nobody can read are dropped and their numbers spoiled (F20). False where
 * a row or the vault has changed meanwhile: prepare again.
 */
export async function replaceVault(vault: VaultRow, former: VaultRow | null, key: CryptoKey, kept: Kept[], lost: ReadableRow[], his: InstallationRow[]): Promise<boolean> {
  const sealed = await Promise.all(kept.map(async ({ row, readable }) => ({ ...row, ...veiled(row.id), rev: row.rev + 1, ...(await sealReadable(key, row.id, readable)) })));
  return strictly(['vaults', 'rows', 'installations', 'meta'], async (tx) => {
    const [vaults, rows, installations] = [tx.objectStore('vaults'), tx.objectStore('rows'), tx.objectStore('installations')];
    const now = await vaults.get(vault.agent);
    if (String(now?.pin?.iv) !== String(former?.pin?.iv) || Boolean(now) !== Boolean(former)) return false;
    const known = (await Promise.all(his.map(({ id }) => rows.index('owner').getAll(id)))).flat();
    const before = new Map([...kept.map(({ row }) => row), ...lost].map(({ id, rev }) => [id, rev]));
    if (known.length !== before.size || known.some(({ id, rev }) => before.get(id) !== rev)) return false;
    for (const row of sealed) await rows.put(row);
    for (const { id } of his) {
      const row = await installations.get(id);
      if (!row) continue;
      const { data_key: _dropped, ...rest } = row;
      const dropped = lost.filter(({ owner, kind }) => owner === id && kind === 'draft');
      await installations.put({ ...rest, spoiled: [...rest.spoiled, ...dropped.filter(({ counter }) => counter > 0).map(({ number }) => number)] });
      for (const draft of dropped) await rows.delete(draft.id);
    }
    await vaults.put(vault);
    await tx.objectStore('meta').delete('pin_reset');
    return true;
  });
}
