/**
 * Writes tests/cases/envelopes.json: envelopes sealed by the client's own code with keys made for this file
 * alone, for the server's tests to open. Run by `npm run envelope-vectors`, by hand, when the format grows.
 */
import { webcrypto } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { createServer } from 'vite';

const { subtle } = webcrypto;
const target = new URL('../../tests/cases/envelopes.json', import.meta.url);
const vite = await createServer({ configFile: false, root: new URL('..', import.meta.url).pathname, server: { middlewareMode: true }, logLevel: 'error', define: { __APP_VERSION__: '"1.0.0"' } });
type Seal = (content: Record<string, unknown>, key: { id: string; public_key: string }, keys: webcrypto.CryptoKeyPair) => Promise<string>;
const { seal } = (await vite.ssrLoadModule('/src/sync/envelope.ts')) as { seal: Seal };

const sealing = await subtle.generateKey({ name: 'ECDH', namedCurve: 'P-256' }, true, ['deriveBits']);
const signing = await subtle.generateKey({ name: 'ECDSA', namedCurve: 'P-256' }, true, ['sign', 'verify']);
const raw = Buffer.from(await subtle.exportKey('raw', sealing.publicKey));
const key = { id: Buffer.from(await subtle.digest('SHA-256', raw)).toString('hex').slice(0, 16), public_key: raw.toString('base64') };
const { contents } = JSON.parse(readFileSync(new URL('envelope-contents.json', import.meta.url), 'utf8')) as { contents: Record<string, unknown>[] };

const cases = [];
for (const content of contents) {
  for (const zip of ['deflate-raw', 'none']) {
    const stream = globalThis.CompressionStream;
    if (zip === 'none') Reflect.deleteProperty(globalThis, 'CompressionStream');
    cases.push({ zip, content, envelope: await seal(content, key, signing) });
    globalThis.CompressionStream = stream;
  }
}
writeFileSync(
  target,
  `${JSON.stringify(
    {
      about: 'Envelopes of version 1 sealed by the client, with keys made for this file alone. Both suites open them; regenerate by `npm run envelope-vectors`.',
      sealing_key: { ...key, private_pkcs8: Buffer.from(await subtle.exportKey('pkcs8', sealing.privateKey)).toString('base64') },
      installation_key: { public_key: Buffer.from(await subtle.exportKey('raw', signing.publicKey)).toString('base64') },
      cases,
    },
    null,
    2,
  )}\n`,
);
await vite.close();
