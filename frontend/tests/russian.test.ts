import { parseAst } from 'vite';
import { expect, it } from 'vitest';

import { sendsRussian, transliterate } from '../scripts/russian.ts';
import { read, say, SENT, SIGNS } from '../src/russian.ts';

/** What a module exports as `default` when the build has been over it. */
function built(code: string): unknown {
  const { transform } = sendsRussian() as unknown as { transform: (this: { parse: typeof parseAst }, code: string, id: string) => { code: string } | null };
  const changed = transform.call({ parse: parseAst }, `export default ${code};`, '/app/src/ui/Any.tsx')?.code ?? `export default ${code};`;
  const body = changed.replace(/^import .*\n/, '').replace('export default', 'return');
  // eslint-disable-next-line @typescript-eslint/no-implied-eval -- the text is this test's own
  return (new Function('say', body) as (tag: typeof say) => unknown)(say);
}

it('every sign has one sign of ASCII, and none stands for two', () => {
  expect(SENT).toMatch(/^[!-~]+$/);
  expect(SENT).not.toContain('~');
  expect([SIGNS.length, new Set(SIGNS).size, new Set(SENT).size]).toEqual([SENT.length, SENT.length, SENT.length]);
});

it.each([
  'Съешь же ещё этих мягких французских булок, да выпей чаю',
  'СЪЕШЬ ЖЕ ЕЩЁ ЭТИХ МЯГКИХ ФРАНЦУЗСКИХ БУЛОК, ДА ВЫПЕЙ ЧАЮ',
  'Код из SMS: 123-456, почта ivanova@mail.ru, Wi-Fi «Гость»',
  'КИАС № БС-К7М3Т-00042-9 — 3\u00a0245,50\u00a0₽ …',
  'знаки ~ ~~ & ^ <b> #1 {x} $ _ | % \\ ` \n строка',
])('a sentence is sent in ASCII wherever it can be and read back as it was: %s', (text) => {
  expect(read(transliterate(text))).toBe(text);
  expect(transliterate(text).replace(/[ЁЦЩЪЫЬЮЙ₽]/g, '')).toMatch(/^[\n -~]*$/);
  expect(built(JSON.stringify(text))).toBe(text);
});

it('what is filled in stays what it is, Russian or not', () => {
  expect(built('[7, `Отправлено: ${["Query ~Q", 7, "Ёж"].join(" ")}, ${`ещё ${1 + 1}`}`][1]')).toBe('Отправлено: Query ~Q 7 Ёж, ещё 2');
});

it('names stay names, and what has no Russian stays as it was', () => {
  expect(built('({ "Имя": "да", ["Ключ"]: `да` })')).toEqual({ Имя: 'да', Ключ: 'да' });
  expect(built('["plain", `template ${1}`, /[а-яё]+/.source]')).toEqual(['plain', 'template 1', '[а-яё]+']);
});

it('a sentence said twice is the same text', () => {
  expect(built('[1, 2].map((n) => `номер ${n}` + "шт.")')).toEqual(['номер 1шт.', 'номер 2шт.']);
});
