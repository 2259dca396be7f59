/** Offline receipt numbers `БС-К7М3Т-00042-В`; the twin of receipts/numbers.py (ADR 0002).
 *
 * The check symbol makes the weighted sum of all eleven symbols 0 modulo 21, the weights being 1, 2, 1, 2, …
 * 1, 2 and their difference are units modulo 21: every single wrong symbol and every swap of neighbours shows.
 */

export const ALPHABET = '0123456789АВЕКМНРСТУХ';
export const MAX_COUNTER = 99_999;
/** Letters that people type for those of the alphabet, and what they mean, in one order. */
export const LATIN = 'ABEKMHPCTYXOО';
export const TWINS = 'АВЕКМНРСТУХ00';
const SEPARATORS = /[ \-\u2010\u2011\u2012\u2013\u2014\u2212_./\u00a0\u202f\u2009№#]/g;
const CORE = new RegExp(`^([${ALPHABET}]{5})(\\d{5})([${ALPHABET}])$`);

export interface OfflineNumber {
  installationCode: string;
  counter: number;
  check: string;
}

function weightedSum(symbols: string): number {
  let sum = 0;
  for (let place = 0; place < symbols.length; place++) sum += ALPHABET.indexOf(symbols.charAt(place)) * (1 + (place % 2));
  return sum;
}

/** The symbol that brings the sum of code, counter and itself to 0 modulo 21. */
export function checkSymbol(installationCode: string, counter: number): string {
  const sum = weightedSum(`${installationCode}${String(counter).padStart(5, '0')}`) % 21;
  return ALPHABET.charAt((21 - sum) % 21);
}

/** The installation's `counter`-th number. Throws `RangeError` outside of 1–99999 and for what is no code. */
export function formatNumber(installationCode: string, counter: number): string {
  const digits = String(counter).padStart(5, '0');
  if (counter < 1 || !CORE.test(`${installationCode}${digits}0`)) throw new RangeError('no number');
  return `БС-${installationCode}-${digits}-${checkSymbol(installationCode, counter)}`;
}

/** One spelling for all: upper case, Cyrillic for Latin look-alikes, 0 for О, no dashes and no prefix. */
export function foldNumber(text: string): string {
  const folded = text
    .toUpperCase()
    .replace(SEPARATORS, '')
    .replace(/[A-ZО]/g, (letter) => TWINS[LATIN.indexOf(letter)] ?? letter);
  return folded.length === 13 && /^[БВ]С/.test(folded) ? folded.slice(2) : folded;
}

/** The number that a person typed in any spelling; `wrong_check` for a slip, `not_a_number` for the rest. */
export function parseNumber(text: string): OfflineNumber | 'wrong_check' | 'not_a_number' {
  const found = CORE.exec(foldNumber(text));
  if (!found) return 'not_a_number';
  const [, installationCode = '', digits = '', check = ''] = found;
  const counter = Number(digits);
  if (counter === 0) return 'not_a_number';
  return check === checkSymbol(installationCode, counter) ? { installationCode, counter, check } : 'wrong_check';
}
