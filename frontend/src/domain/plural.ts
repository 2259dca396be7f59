/** Russian plurals; always `ru-RU`, whatever the phone's language (P30, P36). */
export function plural(count: number, one: string, few: string, many: string): string {
  const tens = Math.abs(count) % 100;
  const ones = tens % 10;
  if (tens > 10 && tens < 20) return many;
  if (ones === 1) return one;
  return ones >= 2 && ones <= 4 ? few : many;
}

/** «3 квитанции» */
export function receiptsCount(count: number): string {
  return `${String(count)}\u00a0${plural(count, 'квитанция', 'квитанции', 'квитанций')}`;
}

/** «3 квитанции и 1 отмена»: of `count` unsent things so many are withdrawals (P01). */
export function unsentCount(count: number, withdrawals: number): string {
  const receipts = count - withdrawals;
  return [receipts > 0 && receiptsCount(receipts), withdrawals > 0 && `${String(withdrawals)}\u00a0${plural(withdrawals, 'отмена', 'отмены', 'отмен')}`].filter(Boolean).join(' и ');
}
