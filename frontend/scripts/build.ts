/** Builds dist: one script for page and worker, and the worker's own few lines with the list of this release's files. */
import { createHash } from 'node:crypto';
import { readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { build, mergeConfig } from 'vite';
import type { Plugin } from 'vite';

import page from '../vite.config.ts';
import { packAll } from './pack.ts';
import { leanPreact } from './preact.ts';
import { sendsRussian } from './russian.ts';
import { shortNames, shortStyle } from './style.ts';

const root = new URL('..', import.meta.url).pathname;
const dist = new URL('../dist/', import.meta.url);

/** Throws where the bundler's tag is not as expected: as a module it would run, and start slower (ADR 0018). */
function asClassic(html: string): string {
  const classic = html.replace('type="module" crossorigin', 'defer');
  if (classic === html) throw new Error('index.html has no «type="module" crossorigin»');
  return classic;
}

/** A classic script to page and worker: its names must stay its own. */
const closed: Plugin = {
  name: 'closed',
  transformIndexHtml: { order: 'post', handler: asClassic },
  generateBundle(_, bundle) {
    for (const file of Object.values(bundle)) if (file.type === 'chunk') file.code = `(()=>{${file.code.trimEnd()}})();\n`;
  },
};

/** 132 bits of SHA-256: enough against any second file, and a third of what hexadecimal would weigh in the worker. */
function hashOf(bytes: string | Buffer): string {
  return createHash('sha256').update(bytes).digest('base64').slice(0, 22);
}

await build(mergeConfig(page, { configFile: false, root, plugins: [leanPreact(), sendsRussian(), shortNames(), shortStyle(), closed] }));

const files = readdirSync(dist, { recursive: true, encoding: 'utf8', withFileTypes: true })
  .filter((entry) => entry.isFile())
  .map((entry) => `${entry.parentPath}/${entry.name}`.slice(dist.pathname.length).replace(/^\/+/, ''))
  .filter((file) => !/^(\.vite\/|install\/|screenshots\/|icons\/.*png)/.test(file)) // these pictures are for installing, which needs network anyway
  .sort();
const scripts = files.filter((file) => file.endsWith('.js'));
if (scripts.length !== 1) throw new Error(`one script for page and worker, not ${scripts.join(', ')}`);
// The shell itself stands at `/`; Django serves the same bytes there.
const shell = [
  ...files.map((file): [string, string] => [file === 'index.html' ? '/' : `/static/app/${file}`, hashOf(readFileSync(new URL(file, dist)))]),
  ['/manifest.json', ''] as [string, string],
];
const filled = { version: hashOf(JSON.stringify(shell)).slice(0, 16), shell: JSON.stringify(shell), script: `/static/app/${scripts[0] ?? ''}` };
const worker = readFileSync(new URL('../src/serviceworker.js', import.meta.url), 'utf8')
  .replace(/^\/\*[^]*?\*\/\n|^\/\/.*\n/gm, '')
  .replace(/\{(version|shell|script)\}/g, (_, name: keyof typeof filled) => filled[name]);
// django-pwa reads the file with the system's encoding: nothing but ASCII may stand in it.
if (/[^\0-\x7f]/.test(worker)) throw new Error('serviceworker.js must be ASCII');
writeFileSync(new URL('serviceworker.js', dist), worker);
await packAll();
console.log(`serviceworker.js: ${String(shell.length)} files of the shell`);
