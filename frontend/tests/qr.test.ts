import { encode } from 'uqr';
import { describe, expect, it } from 'vitest';
import { utf8 } from '../src/domain/bytes';
import { qr } from '../src/domain/qr';

const CHECK = 't=20200115T2110&s=1030.00&fn=9251440300046840&i=29414&fp=1250830908&n=1';
const picture = (rows: (boolean | number)[][]) => rows.map((row) => row.map((dark) => (dark ? '█' : ' ')).join('')).join('\n');

/** What the library draws with each of the eight masks. */
const drawings = (text: string) =>
  [0, 1, 2, 3, 4, 5, 6, 7].map((maskPattern) => picture(encode([...utf8(text)], { ecc: 'M', boostEcc: false, border: 0, maskPattern }).data));

describe('a QR code', () => {
  it.each([CHECK, '', 'я', 'x'.repeat(14), 'x'.repeat(15), 'x'.repeat(180), 'x'.repeat(181)])('of %j is the one a well-known library draws', (text) => {
    expect(drawings(text)).toContain(picture(qr(text) ?? []));
  });
  it('is right in every version it knows', () => {
    const sizes = new Set<number>();
    for (let length = 0; length <= 666; length += 9) {
      const text = CHECK.repeat(10).slice(0, length);
      const drawn = qr(text) ?? [];
      sizes.add(drawn.length);
      expect(drawings(text)).toContain(picture(drawn));
    }
    expect([...sizes]).toEqual(Array.from({ length: 20 }, (_, place) => 21 + place * 4));
  });
  it('refuses what no version of it holds', () => {
    expect(qr('x'.repeat(666))).toHaveLength(97);
    expect(qr('x'.repeat(667))).toBeNull();
  });
});
