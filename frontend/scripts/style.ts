/** Sends the style's custom properties under short names: only the style itself knows them. */
import { readFileSync } from 'node:fs';
import type { Plugin } from 'vite';

const NAME = /--[a-z][\w-]*/g;

export function shortTokens(): Plugin {
  const declared = readFileSync(new URL('../src/ui/styles/tokens.css', import.meta.url), 'utf8').match(NAME) ?? [];
  const short = new Map([...new Set(declared)].map((name, at) => [name, `--${at.toString(36)}`]));
  return {
    name: 'short-tokens',
    apply: 'build',
    enforce: 'pre',
    transform: (code, id) => (/\/src\/.*\.css$/.test(id) ? { code: code.replace(NAME, (name) => short.get(name) ?? name), map: null } : null),
  };
}
