/** The installation's signing key: made here, non-extractable, its public half registered at login (P07). */

import { toBase64, utf8 } from '../domain/bytes';
import type { Bytes } from '../domain/bytes';

const ECDSA = { name: 'ECDSA', namedCurve: 'P-256' };
const SIGN = { name: 'ECDSA', hash: 'SHA-256' };

export function makeKeys(): Promise<CryptoKeyPair> {
  return crypto.subtle.generateKey(ECDSA, false, ['sign', 'verify']);
}

/** Base64 of the raw 65-byte point. */
export async function publicKeyText(keys: CryptoKeyPair): Promise<string> {
  return toBase64(new Uint8Array(await crypto.subtle.exportKey('raw', keys.publicKey)));
}

/** Raw r‖s over the UTF-8 of `text`. */
export async function sign(keys: CryptoKeyPair, text: string): Promise<Bytes> {
  return new Uint8Array(await crypto.subtle.sign(SIGN, keys.privateKey, utf8(text)));
}

/** Proves to the server that this browser holds the key (docs/protocol.md, «Installation»). */
export async function prove(keys: CryptoKeyPair, csrf: string): Promise<string> {
  return toBase64(await sign(keys, `kias-offline/installation/1|${csrf}`));
}
