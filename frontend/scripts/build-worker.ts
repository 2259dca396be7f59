/** Builds dist/serviceworker.js: the worker with the list of files that make up this release's shell. */
import { createHash } from 'node:crypto';
import { readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { build } from 'vite';

const dist = new URL('../dist/', import.meta.url);
const { version } = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8')) as { version: string };
const hashOf = (name: string): string => createHash('sha256').update(readFileSync(new URL(name, dist))).digest('hex');
const files = readdirSync(dist, { recursive: true, encoding: 'utf8', withFileTypes: true })
  .filter((entry) => entry.isFile())
  .map((entry) => `${entry.parentPath}/${entry.name}`.slice(dist.pathname.length).replace(/^\/+/, ''))
  .filter((name) => name !== 'serviceworker.js' && !name.startsWith('.vite/'))
  .sort();

// The shell itself stands at `/`; Django serves the same bytes there.
const shell = [
  ...files.map((name): [string, string] => [name === 'index.html' ? '/' : `/static/app/${name}`, hashOf(name)]),
  ['/manifest.json', ''] as [string, string],
];

await build({
  configFile: false,
  root: new URL('..', import.meta.url).pathname,
  publicDir: false,
  logLevel: 'warn',
  define: {
    __APP_VERSION__: JSON.stringify(version),
    __SHELL__: JSON.stringify(shell),
    __SHELL_VERSION__: JSON.stringify(createHash('sha256').update(JSON.stringify(shell)).digest('hex').slice(0, 16)),
  },
  build: {
    outDir: 'dist',
    emptyOutDir: false,
    copyPublicDir: false,
    target: ['chrome103', 'safari16.4', 'firefox115'],
    lib: { entry: 'src/sw.ts', formats: ['iife'], name: 'worker', fileName: () => 'serviceworker.js' },
  },
});

// django-pwa reads the file with the system's encoding: nothing but ASCII may stand in it.
const target = new URL('serviceworker.js', dist);
const worker = readFileSync(target, 'utf8').replace(/[^\0-\x7f]/g, (sign) => `\\u${sign.charCodeAt(0).toString(16).padStart(4, '0')}`);
writeFileSync(target, worker);
console.log(`serviceworker.js: ${String(shell.length)} files of the shell`);
