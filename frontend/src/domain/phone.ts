/** Phone numbers as people type them; the twin of accounts/phone_numbers.py (shared cases: tests/cases). */

const SEPARATORS = /[\s\u00a0\u2009\u202f().\-\u2010-\u2015\u2212]+/g;

/** The number as `+` and digits, or null where it cannot be one. */
export function normalisePhone(typed: string): string | null {
  if (typed.length > 40) return null;
  const found = /^(\+?)([0-9]{8,15})$/.exec(typed.replace(SEPARATORS, ''));
  if (!found) return null;
  const [, plus = '', given = ''] = found;
  let digits = given;
  // «+8 912 …» is a common slip; no country's code begins with 89.
  if (digits.length === 11 && (digits.startsWith('89') || (!plus && /^[78]/.test(digits)))) digits = `7${digits.slice(1)}`;
  else if (!plus && digits.length === 10 && digits.startsWith('9')) digits = `7${digits}`;
  else if (!plus) return null;
  return /^[07]/.test(digits) && !/^7[3-9][0-9]{9}$/.test(digits) ? null : `+${digits}`;
}

/** «+7 912 345-67-89»; other countries' numbers stay as they are. */
export function formatPhone(number: string): string {
  const found = /^\+7(\d{3})(\d{3})(\d{2})(\d{2})$/.exec(number);
  return found ? `+7\u00a0${found[1] ?? ''}\u00a0${found[2] ?? ''}-${found[3] ?? ''}-${found[4] ?? ''}` : number;
}
