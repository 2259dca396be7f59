/** Sums of money: whole kopecks inside, «3 245,50 ₽» outside (thin unbreakable spaces). */

import { pad } from './dates';

/** The upper bound of fiscal data, in kopecks (42 949 672,95 ₽). */
export const MAX_AMOUNT = 4_294_967_295;
const THIN = '\u202f';

/** Kopecks of what a person typed («3245,50», «3245.50», «3 245,50 ₽»), or null where it is no sum. Zero and
 * sums above the bound are returned too: they are wrong receipts, not unreadable ones. */
export function parseMoney(typed: string): number | null {
  const plain = typed.replace(/[\s\u00a0\u2009\u202f]+/g, '').replace(/(₽|руб(\.|лей|ля|ль)?|р\.?)$/iu, '');
  const found = /^(\d{1,12})(?:[.,](\d{0,2}))?$/.exec(plain);
  if (!found) return null;
  return Number(found[1]) * 100 + Number((found[2] ?? '').padEnd(2, '0'));
}

/** «3 245,50»: for the field itself, without the sign; whole roubles without kopecks. */
export function formatAmount(kopecks: number): string {
  const roubles = String(Math.floor(Math.abs(kopecks) / 100)).replace(/\B(?=(\d{3})+$)/g, THIN);
  const rest = Math.abs(kopecks) % 100;
  return `${kopecks < 0 ? '−' : ''}${roubles}${rest ? `,${pad(rest)}` : ''}`;
}

/** «3 245,50 ₽» */
export function formatMoney(kopecks: number): string {
  return `${formatAmount(kopecks)}${THIN}₽`;
}
