/**
 * Preact as this page needs it: built from its own sources, in which everything that the page never does (hydration,
 * suspense, portals, context, legacy life cycle, inner HTML, inline style) is written as what it then always is,
 * «false» or «undefined», so that the minifier takes it away. A quarter of Preact's weight. The version is pinned,
 * every rule must find its place, and whoever starts to use one of these things is told by the build.
 */
import { readFileSync, readdirSync } from 'node:fs';
import { parseAst } from 'vite';
import type { Plugin } from 'vite';

const SOURCES = new URL('../node_modules/preact/src/', import.meta.url).pathname;

/** Names whose value never changes here. */
const CONSTANT: Record<string, string> = { isHydrating: 'false', excessDomChildren: 'null', provider: 'undefined', componentContext: 'undefined', globalContext: 'undefined', callback: 'undefined' };
/** Flags and a namespace that no node has. */
const NEVER_SET = ['MODE_HYDRATE', 'MODE_SUSPENDED', 'REF_DETACHED', 'MATH_NAMESPACE'];
/** Properties of components, and hooks of `options`, that nobody has. */
const ABSENT = [
  'contextType', 'getDerivedStateFromProps', 'componentWillMount', 'componentWillReceiveProps', 'shouldComponentUpdate', 'componentWillUpdate',
  'getSnapshotBeforeUpdate', 'getChildContext', 'defaultValue', '_excess', 'is', 'ownerDocument',
  '_diff', 'diffed', '_render', '_commit', '_root', 'unmount', 'event', 'debounceRendering', '_hydrationMismatch',
];
/** Attributes and elements that are never drawn; compared with, or looked for by `in`. */
const UNDRAWN = ['dangerouslySetInnerHTML', 'defaultValue', 'defaultChecked', 'style', 'math', 'foreignObject', 'template'];
/** What of these can be written in a screen. */
const UNKNOWN = /\b(dangerouslySetInnerHTML|default(Value|Checked)|style)=|<(math|foreignObject|template)\b|\b(createContext|createPortal|hydrate|Suspense|cloneElement)\b|\b(contextType|getDerivedStateFromProps|componentWill(Mount|ReceiveProps|Update)|shouldComponentUpdate|getSnapshotBeforeUpdate|getChildContext)\b/;

interface Node {
  type: string;
  start: number;
  end: number;
  [name: string]: unknown;
}

const isNode = (value: unknown): value is Node => typeof value === 'object' && value !== null && typeof (value as Node).type === 'string';
const nameOf = (value: unknown): unknown => (isNode(value) ? value.name : undefined);

const found = new Set<string>();

/** Whether `value` is the name or the text of one of these; notes that it was found. */
function isOneOf(names: readonly string[], value: unknown): boolean {
  if (typeof value !== 'string' || !names.includes(value)) return false;
  found.add(value);
  return true;
}

/** What an expression always is, as text; null where that is not known. */
function known(node: Node): string | null {
  const { type, operator, left, right, object, property } = node;
  const sides = [left, right].filter(isNode);
  if (type === 'BinaryExpression' && operator === '&' && sides.some(({ name }) => isOneOf(NEVER_SET, name))) return '0';
  if (type === 'BinaryExpression' && (operator === '==' || operator === 'in')) {
    if (sides.some(({ name, value }) => isOneOf(NEVER_SET, name) || isOneOf(UNDRAWN, value))) return 'false';
    if (sides.some(({ value }) => value === 8 || value === 9)) return 'false'; // no comments in the page, and it is drawn into an element
  }
  // `if ((tmp = options.hook)) tmp()`: what is kept is only asked whether it is there.
  if (type === 'AssignmentExpression' && isNode(right) && (nameOf(right.object) === 'options' || nameOf(right.property) === '_excess') && known(right)) return 'undefined';
  if (type === 'Identifier' && isOneOf(Object.keys(CONSTANT), node.name)) return CONSTANT[String(node.name)] ?? null;
  if (type !== 'MemberExpression' || node.computed) return null;
  const owner = nameOf(object) ?? (isNode(object) ? nameOf(object.property) : undefined);
  const ofPortal = nameOf(property) === '_parentDom' && (owner === 'props' || owner === 'newProps');
  return ofPortal || isOneOf(ABSENT, nameOf(property)) ? 'undefined' : null;
}

/** The text of a module with everything known written out. */
function folded(code: string): string {
  const changes: { start: number; end: number; text: string }[] = [];
  const walk = (value: unknown): void => {
    if (Array.isArray(value)) value.forEach(walk);
    if (!isNode(value)) return;
    if (/^(Import|ExportS)/.test(value.type)) return;
    const text = known(value);
    if (text !== null) {
      changes.push({ start: value.start, end: value.end, text });
      return;
    }
    for (const [name, child] of Object.entries(value)) {
      const written = (name === 'left' && value.type === 'AssignmentExpression') || name === 'params' || name === 'id';
      const aName = (name === 'key' || name === 'property') && !value.computed;
      if (!written && !aName) walk(child);
    }
  };
  walk(parseAst(code));
  let at = 0;
  let result = '';
  for (const { start, end, text } of changes) {
    result += code.slice(at, start) + text;
    at = end;
  }
  return result + code.slice(at);
}

/** Private names are long in the sources; each gets a short one, the same in every module. */
function shortNames(): Map<string, string> {
  const names = new Set<string>();
  for (const file of readdirSync(SOURCES, { recursive: true, encoding: 'utf8' }).filter((name) => name.endsWith('.js'))) {
    for (const [name] of readFileSync(SOURCES + file, 'utf8').matchAll(/\b_[a-z]\w*/gi)) names.add(name);
  }
  return new Map([...names].sort().map((name, at) => [name, `_${at.toString(36)}`]));
}

export function leanPreact(): Plugin {
  const short = shortNames();
  return {
    name: 'lean-preact',
    apply: 'build',
    enforce: 'pre',
    resolveId: (id) => (id === 'preact' ? `${SOURCES}index.js` : null),
    transform(code, id) {
      if (id.startsWith(SOURCES)) return { code: folded(code).replace(/\b_[a-z]\w*/gi, (name) => short.get(name) ?? name), map: null };
      if (/\/src\/.*\.tsx$/.test(id) && UNKNOWN.test(code)) this.error(`${String(UNKNOWN.exec(code)?.[0])}: scripts/preact.ts has taken this out of Preact`);
      return null;
    },
    buildEnd() {
      const lost = [...Object.keys(CONSTANT), ...NEVER_SET, ...ABSENT, ...UNDRAWN].filter((name) => !found.has(name));
      if (lost.length > 0) this.error(`Preact's sources no longer know ${lost.join(', ')}: look at scripts/preact.ts`);
    },
  };
}
