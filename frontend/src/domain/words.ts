/** A sum in words: «Три тысячи двести сорок пять рублей 50 копеек» (shared cases: tests/cases). */

import { pad } from './dates';
import { plural } from './plural';

const ONES = (' один два три четыре пять шесть семь восемь девять десять одиннадцать двенадцать тринадцать четырнадцать пятнадцать ' +
  'шестнадцать семнадцать восемнадцать девятнадцать').split(' ');
/** What is missing is made of ONES: «пять» + «десят», «пять» + «сот». */
const TENS = '  двадцать тридцать сорок     девяносто'.split(' ');
const HUNDREDS = ' сто двести триста четыреста'.split(' ');
/** As far as a receipt's sum goes (MAX_AMOUNT). */
const SCALES: [number, boolean, string, string, string][] = [
  [1_000_000, false, 'миллион', 'миллиона', 'миллионов'],
  [1_000, true, 'тысяча', 'тысячи', 'тысяч'],
];

function triad(number: number, feminine: boolean): string[] {
  const hundreds = Math.floor(number / 100);
  const rest = number % 100;
  const ones = rest < 20 ? rest : rest % 10;
  const one = feminine && ones === 1 ? 'одна' : feminine && ones === 2 ? 'две' : (ONES[ones] ?? '');
  const tens = Math.floor(rest / 10);
  return [HUNDREDS[hundreds] ?? `${ONES[hundreds] ?? ''}сот`, tens < 2 ? '' : TENS[tens] || `${ONES[tens] ?? ''}десят`, one];
}

/** Roubles in words with a capital, kopecks in two figures. `kopecks` is a whole number from 0. */
export function amountInWords(kopecks: number): string {
  const roubles = Math.floor(kopecks / 100);
  const words: string[] = [];
  let rest = roubles;
  for (const [scale, feminine, one, few, many] of SCALES) {
    const count = Math.floor(rest / scale);
    rest %= scale;
    if (count > 0) words.push(...triad(count, feminine), plural(count, one, few, many));
  }
  words.push(...triad(rest, false));
  const said = words.filter(Boolean).join(' ') || 'ноль';
  const cents = kopecks % 100;
  const text = `${said} ${plural(roubles, 'рубль', 'рубля', 'рублей')} ${pad(cents)} ${plural(cents, 'копейка', 'копейки', 'копеек')}`;
  return text.charAt(0).toUpperCase() + text.slice(1);
}
