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
