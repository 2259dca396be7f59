/** Builds dist: the page, the core it shares with the worker, and the worker with the list of this release's files. */
import { createHash } from 'node:crypto';
import { readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { build, mergeConfig } from 'vite';
import type { InlineConfig, Rolldown } from 'vite';

import page from '../vite.config.ts';
import { buildCore, findCore, readsCore } from './core.ts';
import { packAll } from './pack.ts';
import { leanPreact } from './preact.ts';
import { sendsRussian } from './russian.ts';
import { shortTokens } from './style.ts';

const root = new URL('..', import.meta.url).pathname;
const dist = new URL('../dist/', import.meta.url);
const WORKER = 'src/sw.ts';
const CORE = 'core.js'; // stands for the core's name until that is known

/** What page, worker and core are built with alike. */
const alike: InlineConfig = {
  configFile: false,
  root,
  publicDir: false,
  logLevel: 'warn',
  define: page.define ?? {},
  build: { target: page.build?.target ?? [], minify: page.build?.minify ?? true, modulePreload: false },
};

function workerOf(shell: [path: string, hash: string][], core: string): InlineConfig {
  return mergeConfig(alike, {
    define: {
      __CORE__: JSON.stringify(core),
      __SHELL__: JSON.stringify(shell),
      __SHELL_VERSION__: JSON.stringify(hashOf(JSON.stringify(shell)).slice(0, 16)),
    },
    build: { rolldownOptions: { ...page.build?.rolldownOptions, input: WORKER, output: { format: 'iife' } } },
  });
}

/** 132 bits of SHA-256: enough against any second file, and a third of what hexadecimal would weigh in the worker. */
function hashOf(bytes: string | Buffer): string {
  return createHash('sha256').update(bytes).digest('base64').slice(0, 22);
}

async function textOf(config: InlineConfig): Promise<string> {
  const built = await build(mergeConfig(config, { build: { write: false } }));
  const { output } = (Array.isArray(built) ? built[0] : built) as Rolldown.RolldownOutput;
  return output[0].code;
}

const core = await findCore(workerOf([], ''));
const used = new Set<string>();
const reads = readsCore(core, used);

// The page; its script must find the core before it: both are deferred, so they run in the page's order.
await build({
  ...mergeConfig(page, { configFile: false, root, plugins: [reads] }),
  plugins: [
    reads,
    leanPreact(),
    sendsRussian(),
    shortTokens(),
    {
      name: 'core-in-page',
      transformIndexHtml: { order: 'post', handler: () => [{ tag: 'script', attrs: { defer: true, src: `${page.base ?? '/'}${CORE}` }, injectTo: 'head-prepend' }] },
    },
  ],
});
await textOf({ ...workerOf([], ''), plugins: [reads] }); // for the keys that the worker uses
const { name, code } = await buildCore(alike, core, used);
writeFileSync(new URL(name, dist), code);
const index = new URL('index.html', dist);
writeFileSync(index, readFileSync(index, 'utf8').replace(CORE, name));

const files = readdirSync(dist, { recursive: true, encoding: 'utf8', withFileTypes: true })
  .filter((entry) => entry.isFile())
  .map((entry) => `${entry.parentPath}/${entry.name}`.slice(dist.pathname.length).replace(/^\/+/, ''))
  .filter((file) => !/^(serviceworker\.js$|\.vite\/|install\/|screenshots\/)/.test(file)) // the last two need network anyway
  .sort();
// The shell itself stands at `/`; Django serves the same bytes there.
const shell = [
  ...files.map((file): [string, string] => [file === 'index.html' ? '/' : `/static/app/${file}`, hashOf(readFileSync(new URL(file, dist)))]),
  ['/manifest.json', ''] as [string, string],
];
const worker = await textOf({ ...workerOf(shell, `/static/app/${name}`), plugins: [reads] });
// django-pwa reads the file with the system's encoding: nothing but ASCII may stand in it.
const ascii = worker.replace(/[^\0-\x7f]/g, (sign) => `\\u${sign.charCodeAt(0).toString(16).padStart(4, '0')}`);
writeFileSync(new URL('serviceworker.js', dist), ascii);
await packAll();
console.log(`serviceworker.js: ${String(shell.length)} files of the shell`);
