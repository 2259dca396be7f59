/** Sends the page's Russian transliterated: ``say`…` `` for every string and template with Russian in it (src/russian.ts). */
import type { Plugin } from 'vite';

import { AS_IT_IS, SENT, SIGNS } from '../src/russian.ts';

const READER = '/src/russian.ts';
const RUSSIAN = /[А-яЁё]/;

interface Node {
  type: string;
  start: number;
  end: number;
}
type Piece = Node & { value: { cooked: string } };

/** What `read` of src/russian.ts reads back. */
export function transliterate(text: string): string {
  const signs = [...text].map((sign) => SENT[SIGNS.indexOf(sign)] ?? (SENT.includes(sign) || sign === AS_IT_IS ? AS_IT_IS + sign : sign));
  return signs.join('');
}

const inTemplate = (text: string): string => transliterate(text).replace(/[\\`$]/g, '\\$&').replaceAll('\n', '\\n');

/** Where the text of a module changes: strings and templates, but for names of properties and of modules. */
function changesOf(root: unknown): { start: number; end: number; text: string }[] {
  const changes: { start: number; end: number; text: string }[] = [];
  const walk = (value: unknown, role = '', owner?: { computed?: boolean }): void => {
    if (Array.isArray(value)) for (const each of value) walk(each, role, owner);
    if (typeof value !== 'object' || value === null || Array.isArray(value)) return;
    const node = value as Node & { value?: unknown; quasis?: Piece[] };
    const aName = role === 'source' || (role === 'key' && !owner?.computed);
    if (node.type === 'Literal' && typeof node.value === 'string' && RUSSIAN.test(node.value) && !aName) {
      changes.push({ start: node.start, end: node.end, text: `say\`${inTemplate(node.value)}\`` });
    }
    if (node.type === 'TemplateLiteral' && role !== 'quasi' && node.quasis?.some((piece) => RUSSIAN.test(piece.value.cooked))) {
      changes.push({ start: node.start, end: node.start, text: 'say' });
      for (const { start, end, value: { cooked } } of node.quasis) changes.push({ start, end, text: inTemplate(cooked) });
    }
    for (const [name, child] of Object.entries(node)) walk(child, name, node as { computed?: boolean });
  };
  walk(root);
  return changes.sort((one, other) => one.start - other.start);
}

/** For the page's build alone, after types and JSX are gone. */
export function sendsRussian(): Plugin {
  return {
    name: 'russian',
    apply: 'build',
    enforce: 'post',
    transform(code, id) {
      if (!/\/src\/.*\.tsx?$/.test(id) || id.endsWith(READER)) return null;
      const changes = changesOf(this.parse(code));
      if (changes.length === 0) return null;
      let changed = `import { say } from '${READER}';\n`;
      let at = 0;
      for (const { start, end, text } of changes) {
        changed += code.slice(at, start) + text;
        at = end;
      }
      return { code: changed + code.slice(at), map: null };
    },
  };
}
