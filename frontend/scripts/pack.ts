/** Puts a .gz and a .br beside script and style: packed once, as small as can be, and sent as they lie by WhiteNoise. */
import { readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { brotliCompressSync } from 'node:zlib';

import { gzip } from '@gfx/zopfli';

/** Script and style; the worker is sent by Django, not as a file. */
const PACKED = /^assets\/.*\.(js|css)$/;

const dist = new URL('../dist/', import.meta.url);

/** zopfli's gzip is 4 % smaller than zlib's best; any browser unpacks it. */
function zopfli(bytes: Buffer): Promise<Uint8Array> {
  return new Promise((resolve, reject) => {
    gzip(bytes, { numiterations: 15 }, (error, packed) => (error ? reject(new Error(String(error))) : resolve(packed)));
  });
}

export async function packAll(): Promise<void> {
  for (const name of readdirSync(dist, { recursive: true, encoding: 'utf8' }).filter((file) => PACKED.test(file))) {
    const bytes = readFileSync(new URL(name, dist));
    writeFileSync(new URL(`${name}.gz`, dist), await zopfli(bytes));
    writeFileSync(new URL(`${name}.br`, dist), brotliCompressSync(bytes));
  }
}
