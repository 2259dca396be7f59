/** Opens envelopes as the server does: written from docs/protocol.md, not from the sealing code. */
import { webcrypto } from 'node:crypto';
import { inflateRawSync } from 'node:zlib';

const { subtle } = webcrypto;
const EC = { name: 'ECDH', namedCurve: 'P-256' };

export interface Opened {
  header: Record<string, string>;
  content: Record<string, unknown>;
  signed: boolean;
}

export async function sealingPair(): Promise<{ privateKey: webcrypto.CryptoKey; publicText: string; id: string }> {
  const pair = (await subtle.generateKey(EC, true, ['deriveBits']));
  const raw = Buffer.from(await subtle.exportKey('raw', pair.publicKey));
  const id = Buffer.from(await subtle.digest('SHA-256', raw)).toString('hex').slice(0, 16);
  return { privateKey: pair.privateKey, publicText: raw.toString('base64'), id };
}

export async function openEnvelope(envelope: string, privateKey: webcrypto.CryptoKey, signer: string): Promise<Opened> {
  const [version, head = '', body = '', mark = '', ...rest] = envelope.split('.');
  if (version !== 'kias1' || rest.length > 0) throw new Error('not an envelope of version 1');
  const header = JSON.parse(Buffer.from(head, 'base64url').toString('utf8')) as Record<string, string>;
  const sealed = Buffer.from(body, 'base64url');
  const point = sealed.subarray(0, 65);
  const ephemeral = await subtle.importKey('raw', point, EC, false, []);
  const shared = await subtle.deriveBits({ name: 'ECDH', public: ephemeral }, privateKey, 256);
  const material = await subtle.importKey('raw', shared, 'HKDF', false, ['deriveBits']);
  const bits = await subtle.deriveBits({ name: 'HKDF', hash: 'SHA-256', salt: point, info: Buffer.from('kias-offline/envelope/1') }, material, 256);
  const key = await subtle.importKey('raw', bits, 'AES-GCM', false, ['decrypt']);
  const plain = Buffer.from(await subtle.decrypt({ name: 'AES-GCM', iv: new Uint8Array(12), additionalData: Buffer.from(`kias1.${head}`) }, key, sealed.subarray(65)));
  const json = header.zip === 'deflate-raw' ? inflateRawSync(plain) : plain;
  const verifier = await subtle.importKey('raw', Buffer.from(signer, 'base64'), { name: 'ECDSA', namedCurve: 'P-256' }, false, ['verify']);
  const signed = await subtle.verify({ name: 'ECDSA', hash: 'SHA-256' }, verifier, Buffer.from(mark, 'base64url'), Buffer.from(`kias1.${head}.${body}`));
  return { header, content: JSON.parse(json.toString('utf8')) as Record<string, unknown>, signed };
}
