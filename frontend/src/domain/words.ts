/** A sum in words: «Три тысячи двести сорок пять рублей 50 копеек» (shared cases: tests/cases). */

import { plural } from './plural';

const ONES = (' один два три четыре пять шесть семь восемь девять десять одиннадцать двенадцать тринадцать четырнадцать пятнадцать ' +
  'шестнадцать семнадцать восемнадцать девятнадцать').split(' ');
const TENS = '  двадцать тридцать сорок пятьдесят шестьдесят семьдесят восемьдесят девяносто'.split(' ');
const HUNDREDS = ' сто двести триста четыреста пятьсот шестьсот семьсот восемьсот девятьсот'.split(' ');
const SCALES: [number, boolean, string, string, string][] = [
  [1_000_000_000, false, 'миллиард', 'миллиарда', 'миллиардов'],
  [1_000_000, false, 'миллион', 'миллиона', 'миллионов'],
  [1_000, true, 'тысяча', 'тысячи', 'тысяч'],
];

function triad(number: number, feminine: boolean): string[] {
  const hundreds = Math.floor(number / 100);
  const rest = number % 100;
  const ones = rest < 20 ? rest : rest % 10;
  const one = feminine && ones === 1 ? 'одна' : feminine && ones === 2 ? 'две' : (ONES[ones] ?? '');
  return [HUNDREDS[hundreds] ?? '', rest < 20 ? '' : (TENS[Math.floor(rest / 10)] ?? ''), one];
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
  const text = `${said} ${plural(roubles, 'рубль', 'рубля', 'рублей')} ${String(cents).padStart(2, '0')} ${plural(cents, 'копейка', 'копейки', 'копеек')}`;
  return text.charAt(0).toUpperCase() + text.slice(1);
}
