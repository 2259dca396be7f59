/** QR codes (ISO/IEC 18004): bytes, error correction level M, the smallest version that holds them. */

import { utf8 } from './bytes';

/** Level M by version, from 1: error correction bytes per block, and how many blocks. */
const CORRECTION = [10, 16, 26, 18, 24, 16, 18, 22, 22, 26, 30, 22, 22, 24, 24, 28, 28, 26, 26, 26];
const BLOCKS = [1, 1, 1, 2, 2, 4, 4, 4, 5, 5, 5, 8, 9, 9, 10, 10, 11, 13, 14, 16];

type Grid = number[][];

/** Light and dark (1) modules, without the quiet zone. Null above 666 bytes, the room of version 20. */
export function qr(text: string): Grid | null {
  const data = utf8(text);
  for (let version = 1; version <= BLOCKS.length; version++) {
    const [correction = 0, blocks = 0] = [CORRECTION[version - 1], BLOCKS[version - 1]];
    const room = Math.floor(modulesOf(version) / 8) - correction * blocks;
    const bits = frame(data, version < 10 ? 8 : 16, room);
    if (bits) return draw(version, interleave(bits, correction, blocks));
  }
  return null;
}

/** Modules left for data: all but finders, timing, alignment, format and version. */
function modulesOf(version: number): number {
  const marks = version > 1 ? Math.floor(version / 7) + 2 : 0;
  return (16 * version + 128) * version + 64 - (marks && (25 * marks - 10) * marks - 55) - (version > 6 ? 36 : 0);
}

/** Mode, length, data, end and padding as `room` bytes; null where they do not fit. */
function frame(data: Uint8Array, lengthBits: number, room: number): number[] | null {
  const bits = `0100${binary(data.length, lengthBits)}${Array.from(data, (byte) => binary(byte, 8)).join('')}`;
  if (bits.length > room * 8) return null;
  const bytes = (bits + '0000').slice(0, room * 8).match(/.{1,8}/g) ?? [];
  return Array.from({ length: room }, (_, place) => {
    const byte = bytes[place];
    return byte === undefined ? ((place - bytes.length) % 2 ? 0x11 : 0xec) : parseInt(byte.padEnd(8, '0'), 2);
  });
}

const binary = (value: number, length: number): string => value.toString(2).padStart(length, '0');

/** Multiplies in GF(2⁸) modulo x⁸ + x⁴ + x³ + x² + 1. */
function times(a: number, b: number): number {
  let product = 0;
  for (let bit = 128; bit; bit >>= 1) product = (product << 1) ^ (product & 128 ? 0x11d : 0) ^ (b & bit ? a : 0);
  return product;
}

/** Reed–Solomon: the remainder of the block by the generator of this degree. */
function remainder(block: number[], degree: number): number[] {
  let generator = [1];
  for (let step = 0, root = 1; step < degree; step++, root = times(root, 2)) {
    generator = [...generator, 0].map((factor, place) => factor ^ times(generator[place - 1] ?? 0, root));
  }
  const rest = [...block, ...Array<number>(degree).fill(0)];
  block.forEach((_, at) => {
    const lead = rest[at] ?? 0;
    generator.forEach((factor, place) => (rest[at + place] = (rest[at + place] ?? 0) ^ times(factor, lead)));
  });
  return rest.slice(block.length);
}

/** Blocks (the last ones a byte longer) byte by byte in turn, then their corrections in the same way. */
function interleave(bytes: number[], correction: number, count: number): number[] {
  const short = Math.floor(bytes.length / count);
  const longFrom = count - (bytes.length % count);
  let at = 0;
  const blocks = Array.from({ length: count }, (_, place) => bytes.slice(at, (at += short + (place < longFrom ? 0 : 1))));
  const inTurn = (lists: number[][], length: number): number[] =>
    Array.from({ length }, (_, place) => lists.flatMap((list) => list[place] ?? [])).flat();
  return [...inTurn(blocks, short + 1), ...inTurn(blocks.map((block) => remainder(block, correction)), correction)];
}

/** The eight masks: which data modules are turned over. */
const MASKS: readonly ((x: number, y: number) => boolean)[] = [
  (x, y) => (x + y) % 2 === 0,
  (_, y) => y % 2 === 0,
  (x) => x % 3 === 0,
  (x, y) => (x + y) % 3 === 0,
  (x, y) => ((x / 3) | 0) % 2 === ((y / 2) | 0) % 2,
  (x, y) => (x * y) % 6 === 0,
  (x, y) => (((x * y) % 3) + x * y) % 2 === 0,
  (x, y) => (((x * y) % 3) + x + y) % 2 === 0,
];

function draw(version: number, codewords: number[]): Grid {
  const bits = codewords.map((byte) => binary(byte, 8)).join('');
  const drawings = MASKS.map((mask, place) => {
    const grid = patterns(version, place);
    fill(grid, bits, mask);
    return { grid, cost: penalty(grid) };
  });
  return drawings.reduce((best, other) => (other.cost < best.cost ? other : best)).grid;
}

/** Everything but data: its places stay empty. Format bits of level M are `00` and the mask. */
function patterns(version: number, mask: number): Grid {
  const size = version * 4 + 17;
  const grid: Grid = Array.from({ length: size }, () => []);
  const put = (x: number, y: number, dark: number): void => {
    const row = grid[y];
    if (row && x >= 0 && x < size) row[x] = dark;
  };
  const rings = (atX: number, atY: number, reach: number): void => {
    for (let y = -reach; y <= reach; y++) {
      for (let x = -reach; x <= reach; x++) put(atX + x, atY + y, RINGS.charCodeAt(Math.max(Math.abs(x), Math.abs(y)) + (reach < 4 ? 5 : 0)) & 1);
    }
  };
  for (let at = 0; at < size; at++) {
    put(at, 6, +!(at % 2));
    put(6, at, +!(at % 2));
  }
  const marks = version > 1 ? Math.floor(version / 7) + 2 : 0;
  const last = size - 7;
  const step = Math.ceil((version * 4 + 4) / (marks * 2 - 2)) * 2;
  const places = Array.from({ length: marks }, (_, place) => (place ? last - (marks - 1 - place) * step : 6));
  const inCorner = (x: number, y: number): boolean => (x === 6 && (y === 6 || y === last)) || (x === last && y === 6);
  for (const x of places) for (const y of places) if (!inCorner(x, y)) rings(x, y, 2);
  for (const [x, y] of [[3, 3], [size - 4, 3], [3, size - 4]] as const) rings(x, y, 4);
  const format = (mask << 10) | checked(mask, 10, 0x537);
  for (let bit = 0; bit < 15; bit++) {
    const dark = ((format ^ 0x5412) >> bit) & 1;
    const near = bit < 6 ? bit : bit < 8 ? bit + 1 : 14 - bit;
    if (bit < 8) put(8, near, dark);
    else put(bit === 8 ? 7 : near, 8, dark);
    if (bit < 8) put(size - 1 - bit, 8, dark);
    else put(8, size - 15 + bit, dark);
  }
  put(8, size - 8, 1);
  if (version > 6) {
    const told = (version << 12) | checked(version, 12, 0x1f25);
    for (let bit = 0; bit < 18; bit++) {
      const [a, b] = [size - 11 + (bit % 3), Math.floor(bit / 3)];
      put(a, b, (told >> bit) & 1);
      put(b, a, (told >> bit) & 1);
    }
  }
  return grid;
}

/** Dark or light by the distance from the middle: a finder with its light rim, then an alignment mark. */
const RINGS = '11010101';

/** The BCH remainder that guards format and version. */
function checked(value: number, length: number, generator: number): number {
  let rest = value;
  for (let bit = 0; bit < length; bit++) rest = (rest << 1) ^ ((rest >>> (length - 1)) * generator);
  return rest;
}

/** Data in columns of two, from the right, up and down in turn; column 6 belongs to the timing. */
function fill(grid: Grid, bits: string, mask: (x: number, y: number) => boolean): void {
  const size = grid.length;
  let next = 0;
  for (let right = size - 1; right > 0; right -= 2) {
    if (right === 6) right = 5;
    for (let step = 0; step < size; step++) {
      const y = (right + 1) & 2 ? step : size - 1 - step;
      for (const x of [right, right - 1]) {
        const row = grid[y];
        if (row && row[x] === undefined) row[x] = Number(bits[next++] ?? 0) ^ +mask(x, y);
      }
    }
  }
}

/** How hard it is to read: long runs, blocks, what looks like a finder, too much of one colour. */
function penalty(grid: Grid): number {
  const lines = [...grid, ...grid.map((_, x) => grid.map((row) => row[x]))].map((line) => line.join(''));
  const all = lines.join(' ');
  let sum = 0;
  for (const [run] of all.matchAll(/0{5,}|1{5,}/g)) sum += run.length - 2;
  sum += (all.match(/(?=00001011101|10111010000)/g)?.length ?? 0) * 40;
  grid.forEach((row, y) => {
    row.forEach((dark, x) => {
      if (dark === row[x + 1] && dark === grid[y + 1]?.[x] && dark === grid[y + 1]?.[x + 1]) sum += 3;
    });
  });
  const darks = grid.flat().filter(Boolean).length / grid.length ** 2;
  return sum + Math.floor(Math.abs(darks * 20 - 10)) * 10;
}
