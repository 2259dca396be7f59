/** Sealing and signing an issued receipt or its withdrawal: envelope version 1 of docs/protocol.md. */

import { fromBase64, join, through, toBase64Url, utf8 } from '../domain/bytes';
import type { Setup } from '../domain/model';
import type { OutboxRow } from '../store/schema';
import type { Content } from './content';
import { sign } from './keys';

const ECDH = { name: 'ECDH', namedCurve: 'P-256' };

/** The envelope of this content: readable by the server alone, signed by the installation. */
export async function seal(content: Pick<Content, 'id' | 'installation' | 'number'>, sealingKey: Setup['sealing_key'], keys: CryptoKeyPair, kind: OutboxRow['kind'] = 'receipt'): Promise<string> {
  const plain = utf8(JSON.stringify(content));
  const header = { id: content.id, installation: content.installation, kind, number: content.number, key: sealingKey.id, zip: 'deflate-raw' };
  const opening = `kias1.${toBase64Url(utf8(JSON.stringify(header)))}`;
  const { key, point } = await agreed(sealingKey.public_key);
  const sealed = await crypto.subtle.encrypt(
    { name: 'AES-GCM', iv: new Uint8Array(12), additionalData: utf8(opening) }, // zero nonce: every key is used once
    key,
    await through(plain, new CompressionStream('deflate-raw')),
  );
  const signed = `${opening}.${toBase64Url(join(point, new Uint8Array(sealed)))}`;
  return `${signed}.${toBase64Url(await sign(keys, signed))}`;
}

interface Agreed {
  key: CryptoKey;
  point: Uint8Array<ArrayBuffer>;
}

/** the next envelope's key: in this page's memory alone, given out once */
let ahead: { publicKey: string; agreed: Promise<Agreed | null> } | null = null;

/** Agrees the next envelope's key while the form is filled in: «Сохранить» does not wait for it. */
export function agreeAhead(publicKey: string): void {
  if (ahead?.publicKey !== publicKey) ahead = { publicKey, agreed: agree(publicKey).catch(() => null) };
}

async function agreed(publicKey: string): Promise<Agreed> {
  const before = ahead;
  ahead = null;
  return (before?.publicKey === publicKey && (await before.agreed)) || agree(publicKey);
}

/** A fresh key agreed with the server's, and the point it needs to agree too. */
async function agree(publicKey: string): Promise<Agreed> {
  const server = await crypto.subtle.importKey('raw', fromBase64(publicKey), ECDH, false, []);
  const ephemeral = await crypto.subtle.generateKey(ECDH, true, ['deriveBits']);
  const point = new Uint8Array(await crypto.subtle.exportKey('raw', ephemeral.publicKey));
  const shared = await crypto.subtle.deriveBits({ name: 'ECDH', public: server }, ephemeral.privateKey, 256);
  const material = await crypto.subtle.importKey('raw', shared, 'HKDF', false, ['deriveKey']);
  const key = await crypto.subtle.deriveKey(
    { name: 'HKDF', hash: 'SHA-256', salt: point, info: utf8('kias-offline/envelope/1') },
    material,
    { name: 'AES-GCM', length: 256 },
    false,
    ['encrypt'],
  );
  return { key, point };
}
