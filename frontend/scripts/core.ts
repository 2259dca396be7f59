/**
 * What page and worker have in common, built once (docs/adr/0018-shared-core.md).
 *
 * The modules that the worker reaches are the core: one classic script that sets one global. In the builds of
 * the page and of the worker their imports read that global; the sources know nothing of it.
 */
import { createHash } from 'node:crypto';
import { build } from 'vite';
import type { InlineConfig, Plugin, Rolldown } from 'vite';

const GLOBAL = 'KIAS';
const ENTRY = '\0core';

/** Module → name of its export → key in the global. */
export type Core = Map<string, Map<string, string>>;

/** Every module that the worker reaches, with all its exports. It is closed: nothing in it imports from outside. */
export async function findCore(worker: InlineConfig): Promise<Core> {
  const core: Core = new Map();
  let count = 0;
  const collect: Plugin = {
    name: 'core-find',
    buildEnd() {
      for (const id of [...this.getModuleIds()].sort()) {
        if (id.includes('/src/sw') || id.startsWith('\0')) continue; // the worker's own
        const names = this.getModuleInfo(id)?.exports ?? [];
        core.set(id, new Map([...names].sort().map((name) => [name, `k${(count++).toString(36)}`])));
      }
    },
  };
  await build({ ...worker, plugins: [collect], build: { ...worker.build, write: false } });
  return core;
}

/** Replaces the core's modules by reads of the global, and notes which keys were left after tree shaking. */
export function readsCore(core: Core, used: Set<string>): Plugin {
  return {
    name: 'core-reads',
    enforce: 'pre',
    load(id) {
      const names = core.get(id);
      if (!names) return null;
      const code = [...names].map(([name, key]) => `export const ${name} = ${GLOBAL}.${key};`).join('\n');
      return { code, moduleSideEffects: false, moduleType: 'js' };
    },
    generateBundle(_, bundle) {
      for (const file of Object.values(bundle)) {
        if (file.type === 'chunk') for (const [, key] of file.code.matchAll(new RegExp(`\\b${GLOBAL}\\.(\\w+)`, 'g'))) if (key) used.add(key);
      }
    },
  };
}

/** The core with the used keys alone: `assets/core-<hash>.js` and its text. */
export async function buildCore(base: InlineConfig, core: Core, used: Set<string>): Promise<{ name: string; code: string }> {
  const imports: string[] = [];
  const keys: string[] = [];
  for (const [id, names] of core) {
    const wanted = [...names].filter(([, key]) => used.has(key));
    if (wanted.length === 0) continue;
    imports.push(`import { ${wanted.map(([name, key]) => `${name} as ${key}`).join(', ')} } from ${JSON.stringify(id)};`);
    keys.push(...wanted.map(([, key]) => key));
  }
  const entry: Plugin = {
    name: 'core-entry',
    resolveId: (id) => (id === ENTRY ? id : null),
    load: (id) => (id === ENTRY ? `${imports.join('\n')}\nglobalThis.${GLOBAL} = { ${keys.join(', ')} };` : null),
  };
  const built = await build({
    ...base,
    plugins: [entry],
    build: { ...base.build, write: false, rolldownOptions: { input: ENTRY, output: { format: 'iife' } } },
  });
  const { output } = (Array.isArray(built) ? built[0] : built) as Rolldown.RolldownOutput;
  const { code } = output[0];
  const hash = createHash('sha256').update(code).digest('base64url').slice(0, 8);
  return { name: `assets/core-${hash}.js`, code };
}
