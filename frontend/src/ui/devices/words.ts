import { formatMoney } from '../../domain/money';
import { plural } from '../../domain/plural';
import { type Totals, elsewhere, mayIssue, waitingTotals } from '../../sync';

/** « на 9 735 ₽»; nothing where only withdrawals wait */
export const onSum = (sum: number): string => (sum > 0 ? ` на ${formatMoney(sum)}` : '');

export const unsentWords = ({ count, sum }: Totals): string =>
  `${count}\u00a0${plural(count, 'неотправленная', 'неотправленные', 'неотправленных')}${onSum(sum)}`;

/** P35: what the list and the sum of the day leave out; null where nothing waits on his other phones. */
export function elsewhereWords(): string | null {
  return elsewhere.value.count > 0 ? `На другом вашем телефоне ${unsentWords(elsewhere.value)}.` : null;
}

export const NO_MORE = 'Новые квитанции оформлять нельзя';

/** What a dismissed agent still has to do (P17); null for one who works. */
export function handoverWords(): string | null {
  const { count, sum } = waitingTotals.value;
  if (mayIssue.value) return null;
  return `${NO_MORE}. ${count > 0 ? `Передайте оставшиеся: ${count}\u00a0шт. на ${formatMoney(sum)}.` : 'Ваших неотправленных на этом телефоне нет.'}`;
}
