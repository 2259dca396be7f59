/** The gzip budget of everything a phone loads: script, style and the service worker, as they are sent. */
import { existsSync, readFileSync, readdirSync, statSync } from 'node:fs';
import { gzipSync } from 'node:zlib';

const LIMIT_KB = 60;
const dist = new URL('../dist/', import.meta.url);
const names = readdirSync(dist, { recursive: true, encoding: 'utf8' }).filter((name) => /\.(js|css)$/.test(name));
if (names.length === 0) {
  console.error('dist is empty: run «npm run build» first.');
  process.exit(1);
}
/** What is packed at the build (`pack.ts`) is sent so; the worker is packed by whoever sends it. */
function sizeOf(name: string, ending: string): number {
  const packed = new URL(`${name}${ending}`, dist);
  return existsSync(packed) ? statSync(packed).size : gzipSync(readFileSync(new URL(name, dist)), { level: 9 }).length;
}

const sizes = names.map((name) => ({ name, size: sizeOf(name, '.gz') }));
for (const { name, size } of sizes.sort((a, b) => b.size - a.size)) console.log(`${(size / 1024).toFixed(1).padStart(7)} KB  ${name}`);
const total = sizes.reduce((sum, { size }) => sum + size, 0) / 1024;
console.log(`${total.toFixed(1).padStart(7)} KB  together, gzip (limit ${LIMIT_KB} KB)`);
const brotli = names.reduce((sum, name) => sum + sizeOf(name, '.br'), 0) / 1024;
console.log(`${brotli.toFixed(1).padStart(7)} KB  together for browsers that take brotli (over https)`);
if (total > LIMIT_KB) {
  console.error('Over the budget: see what came in, or load it lazily and say why the limit moves.');
  process.exit(1);
}
