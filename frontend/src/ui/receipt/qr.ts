/**
 * QR codes as a fiscal check needs them (ISO 18004): bytes in UTF-8, correction level M, versions 1 to 13, that is up
 * to 326 bytes where a check's line has about 80, always under one mask. Half of what a library for everything weighs.
 */

export interface Drawing {
  /** in modules, with the quiet zone */
  size: number;
  /** the dark modules as an SVG path */
  path: string;
}

/** Modules by row: 0 light, 1 dark; 2 and 3 the same of the code's own marks, which carry no data. */
type Grid = number[][];

/** Empty modules around the code, as ISO 18004 wants them. */
const QUIET = 4;
/** By version: bytes of correction in a block, and blocks (level M). */
const BLOCKS = [[10, 1], [16, 1], [26, 1], [18, 2], [24, 2], [16, 4], [18, 4], [22, 4], [22, 5], [26, 5], [30, 5], [22, 8], [22, 9]] as const;
/** «Level M, mask 0», as both places around the upper left finder say it. */
const FORMAT = 21522;

const powers: number[] = [];
for (let power = 1; powers.length < 255; power = (power << 1) ^ (power > 127 ? 285 : 0)) powers.push(power);

function times(a = 0, b = 0): number {
  return a && b ? (powers[(powers.indexOf(a) + powers.indexOf(b)) % 255] ?? 0) : 0;
}

/** Reed and Solomon's bytes for a block: what is left of it divided by the generator. */
function correctionOf(block: number[], count: number): number[] {
  let generator = [1];
  for (const power of powers.slice(0, count)) generator = [...generator, 0].map((factor, at) => factor ^ times(generator[at - 1], power));
  let rest = [...block, ...Array<number>(count).fill(0)];
  for (let left = block.length; left > 0; left--) {
    const [lead] = rest;
    rest = rest.map((byte, at) => byte ^ times(generator[at], lead)).slice(1);
  }
  return rest;
}

/** Blocks, the shorter ones first, and behind them their correction, both taken byte by byte in turn. */
function weave(bytes: number[], count: number, blocks: number): number[] {
  const short = (bytes.length / blocks) | 0;
  const cut = Array.from({ length: blocks }, (_, at) => {
    const longer = at - blocks + (bytes.length % blocks);
    const start = at * short + Math.max(0, longer);
    return bytes.slice(start, start + short + (longer < 0 ? 0 : 1));
  });
  const inTurn = (lists: number[][]) => Array.from({ length: short + count }, (_, at) => lists.flatMap((list) => list.slice(at, at + 1))).flat();
  return [...inTurn(cut), ...inTurn(cut.map((block) => correctionOf(block, count)))];
}

/** `value` with the remainder of its division by `divisor` (polynomials of bits) behind it. */
function withRemainder(value: number, divisor: number, bits: number): number {
  let rest = value << bits;
  for (let at = 30; at >= bits; at--) if ((rest >> at) & 1) rest ^= divisor << (at - bits);
  return (value << bits) | rest;
}

function put(grid: Grid, x: number, y: number, value: number): void {
  const row = grid[y];
  if (row && x in row) row[x] = value;
}

/** The marks of a version: finders, alignment, timing, and room for the format. */
function markedGrid(version: number): Grid {
  const size = version * 4 + 17;
  const grid: Grid = Array.from({ length: size }, () => Array<number>(size).fill(0));
  const mark = (x: number, y: number, dark: number) => put(grid, x, y, 2 + dark);
  const square = (left: number, top: number, reach: number, light: number[]) => {
    for (let y = -reach; y <= reach; y++) {
      for (let x = -reach; x <= reach; x++) mark(left + x, top + y, light.includes(Math.max(Math.abs(x), Math.abs(y))) ? 0 : 1);
    }
  };
  const far = size - 7;
  for (let at = 0; at < size; at++) {
    mark(at, 6, ~at & 1);
    mark(6, at, ~at & 1);
    if (at === 6 || (at > 8 && at < far - 1)) continue;
    mark(at, 8, 0); // for the format; one module is always dark
    mark(8, at, at === far - 1 ? 1 : 0);
  }
  for (const [x, y] of [[3, 3], [far + 3, 3], [3, far + 3]] as const) square(x, y, 4, [2, 4]);
  const places = version < 2 ? [] : version < 7 ? [6, far] : [6, far / 2 + 3, far];
  for (const x of places) for (const y of places) if (Math.min(x, y) > 6 || (Math.max(x, y) < far && x !== y)) square(x, y, 2, [1]);
  if (version > 6) {
    const bits = withRemainder(version, 7973, 12);
    for (let at = 0; at < 18; at++) {
      const [near, away] = [(at / 3) | 0, far - 4 + (at % 3)];
      mark(near, away, (bits >> at) & 1);
      mark(away, near, (bits >> at) & 1);
    }
  }
  return grid;
}

/** Where data goes, in its order: pairs of columns from the right, up and down in turn. */
function placesOf(grid: Grid): [x: number, y: number][] {
  const found: [number, number][] = [];
  const { length } = grid;
  for (let right = length - 1, up = true; right > 0; right -= 2, up = !up) {
    if (right === 6) right--;
    for (let step = 0; step < length; step++) {
      const y = up ? length - 1 - step : step;
      for (const x of [right, right - 1]) if (grid[y]?.[x] === 0) found.push([x, y]);
    }
  }
  return found;
}

/** Writes the data under the mask of a chessboard (any camera reads any of the eight), and the format that says so. */
function fill(grid: Grid, places: [x: number, y: number][], bytes: number[]): void {
  places.forEach(([x, y], at) => put(grid, x, y, (((bytes[at >> 3] ?? 0) >> (~at & 7)) & 1) ^ (~(x + y) & 1)));
  for (let at = 0; at < 15; at++) {
    const bit = 2 + ((FORMAT >> at) & 1);
    const near = at < 8 ? at + (at > 5 ? 1 : 0) : at < 9 ? 7 : 14 - at; // the timing lies between
    const away = grid.length - (at < 8 ? 1 + at : 15 - at);
    put(grid, at < 8 ? 8 : near, at < 8 ? near : 8, bit);
    put(grid, at < 8 ? away : 8, at < 8 ? 8 : away, bit);
  }
}

/** A QR code of level M; null for a text longer than the longest code here holds. */
export function drawQr(text: string): Drawing | null {
  const bytes = [...new TextEncoder().encode(text)];
  for (const [at, [count, blocks]] of BLOCKS.entries()) {
    const grid = markedGrid(at + 1);
    const places = placesOf(grid);
    const room = (places.length >> 3) - count * blocks;
    // «What follows is UTF-8», «bytes», how many; then the bytes, an end and padding.
    const content = [113, 164, ...(at < 9 ? [] : [bytes.length >> 8]), bytes.length & 255, ...bytes];
    if (content.length > room || (at < 9 && bytes.length > 255)) continue;
    if (content.length < room) content.push(0);
    while (content.length < room) content.push(236, 17);
    fill(grid, places, weave(content.slice(0, room), count, blocks));
    const path = grid.flatMap((row, y) => row.map((value, x) => (value & 1 ? `M${x + QUIET} ${y + QUIET}h1v1h-1z` : ''))).join('');
    return { size: grid.length + 2 * QUIET, path };
  }
  return null;
}
