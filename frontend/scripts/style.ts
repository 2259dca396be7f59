/** Sends the style's names short: custom properties, which only the style knows, and classes, which the screens write after `class`. */
import { readFileSync, readdirSync } from 'node:fs';
import type { Plugin } from 'vite';

const SOURCES = new URL('../src/ui/', import.meta.url);
const NAME = /(--|\.)([a-z][\w-]*)/g;
/** What the browser tests look for, and `covered`, which ui/shell/cover.ts sets. */
const KEPT = new Set('covered field notice rows row-state saved-sum search segments unseen'.split(' '));
/** What follows is filled in: these stay as they are written. */
const FILLED_IN = /^(button|dialog|icon|is|mark|on|tone)-/;

interface Node {
  type: string;
  start: number;
  end: number;
}

const LETTERS = 'abcdefghijklmnopqrstuvwxyz';
const nameOf = (at: number): string => (at < 26 ? '' : nameOf(Math.floor(at / 26) - 1)) + (LETTERS[at % 26] ?? '');

/** Every name with its short one, the more often written the shorter. */
function shortOnes(): Map<string, string> {
  const written = new Map<string, number>();
  for (const file of readdirSync(SOURCES, { recursive: true, encoding: 'utf8' }).filter((each) => each.endsWith('.css'))) {
    for (const [whole, , name = ''] of readFileSync(new URL(file, SOURCES), 'utf8').matchAll(NAME)) {
      if (whole.startsWith('--') || !(KEPT.has(name) || FILLED_IN.test(name))) written.set(whole, (written.get(whole) ?? 0) + 1);
    }
  }
  const often = [...written].sort((one, other) => other[1] - one[1]).map(([name]) => name);
  const of = (sign: string): [string, string][] => often.filter((name) => name.startsWith(sign)).map((name, at) => [name, sign + nameOf(at)]);
  return new Map([...of('--'), ...of('.')]);
}

/** Where strings stand in a value of `class`, whatever chooses between them. */
function stringsOf(root: unknown): Node[] {
  const found: Node[] = [];
  const walk = (value: unknown, classes: boolean): void => {
    if (typeof value !== 'object' || value === null) return;
    const node = value as Node & { value?: unknown; key?: { name?: string } };
    if (classes && (node.type === 'TemplateElement' || (node.type === 'Literal' && typeof node.value === 'string'))) found.push(node);
    const named = node.type === 'Property' && node.key?.name === 'class';
    for (const [name, child] of Object.entries(node)) walk(child, classes || (named && name === 'value'));
  };
  walk(root, false);
  return found;
}

export function shortNames(): Plugin {
  const short = shortOnes();
  const inClass = (text: string): string =>
    text.replace(/[a-z][\w-]*/g, (name, at: number) => {
      if (name.endsWith('-') && text.length === at + name.length && !FILLED_IN.test(name)) throw new Error(`scripts/style.ts does not know of ${name}…`);
      return short.get(`.${name}`)?.slice(1) ?? name;
    });
  return {
    name: 'short-names',
    apply: 'build',
    enforce: 'post',
    transform: {
      order: 'post',
      handler(code, id) {
        if (!/\/src\/.*\.tsx?$/.test(id)) return null;
        let changed = code;
        for (const { start, end } of stringsOf(this.parse(code)).sort((one, other) => other.start - one.start)) {
          changed = changed.slice(0, start) + inClass(changed.slice(start, end)) + changed.slice(end);
        }
        return { code: changed, map: null };
      },
    },
  };
}

/** The style itself, before anything reads it. */
export function shortStyle(): Plugin {
  const short = shortOnes();
  return {
    name: 'short-style',
    apply: 'build',
    enforce: 'pre',
    transform: (code, id) => (/\/src\/.*\.css$/.test(id) ? { code: code.replace(NAME, (name) => short.get(name) ?? name), map: null } : null),
  };
}
