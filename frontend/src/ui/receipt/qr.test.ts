import jsQR from 'jsqr';
import { correction, generate, mode } from 'lean-qr';
import { expect, it } from 'vitest';

import { type Drawing, drawQr } from './qr';

const SCALE = 4;

/** What a camera reads from the drawing: another library's decoder on its pixels. */
function read(drawing: Drawing | null): string | undefined {
  if (!drawing) return undefined;
  const { size, path } = drawing;
  const width = size * SCALE;
  const pixels = new Uint8ClampedArray(width * width * 4).fill(255);
  for (const [, left, top] of path.matchAll(/M(\d+) (\d+)h1v1h-1z/g)) {
    for (let y = 0; y < SCALE; y++) {
      const start = ((Number(top) * SCALE + y) * width + Number(left) * SCALE) * 4;
      for (let at = start; at < start + SCALE * 4; at += 4) pixels.fill(0, at, at + 3);
    }
  }
  return jsQR(pixels, width, width)?.data;
}

it.each([
  't=20261122T0705&s=3245.50&fn=9999078902012345&i=12345&fp=1234567890&n=1',
  'https://kias.example.ru/check/01931f5e-9a70-7c3a-8b1d-5f4e3d2c1b0a?token=AAECAwQFBgcICQ',
  'Квитанция БС-К7М3Т-00042-9, взнос 3 245,50 ₽',
  '0'.repeat(200),
  'я'.repeat(100),
])('a camera reads from the QR code what was put in: %s', (text) => {
  expect(read(drawQr(text))).toBe(text);
});

const signs = (length: number) => Array.from({ length }, (_, at) => String.fromCharCode(33 + ((at * 7919) % 90))).join('');

it.each([0, 1, 14, 24, 37, 60, 84, 85, 106, 107, 120, 150, 154, 155, 200, 213, 250, 300, 326].map(signs))('a camera reads it from every version: %s', (text) => {
  expect(read(drawQr(text))).toBe(text);
});

it.each([0, 14, 84, 106, 154, 200, 326].map(signs))('module by module it is drawn as another library draws it under this mask: %s', (text) => {
  const { size, path = '' } = drawQr(text) ?? {};
  const code = generate(mode.multi(mode.eci(26), mode.bytes(new TextEncoder().encode(text))), { minCorrectionLevel: correction.M, maxCorrectionLevel: correction.M, mask: 0 });
  const dark = [...path.matchAll(/M(\d+) (\d+)/g)].map(([, x, y]) => (Number(y) - 4) * code.size + Number(x) - 4);
  expect(size).toBe(code.size + 8);
  expect(dark).toEqual([...Array(code.size ** 2).keys()].filter((at) => code.get(at % code.size, Math.floor(at / code.size))));
});

it('a QR code is surrounded by four empty modules', () => {
  const { size = 0, path = '' } = drawQr('1') ?? {};
  const places = [...path.matchAll(/M(\d+) (\d+)/g)].flatMap(([, x, y]) => [Number(x), Number(y)]);
  expect([Math.min(...places), Math.max(...places)]).toEqual([4, size - 5]);
});

it('a text that no QR code can hold is drawn as none', () => {
  expect(drawQr('я'.repeat(2000))).toBeNull();
});
