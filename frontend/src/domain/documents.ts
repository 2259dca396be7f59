/** ИНН and passports (domain facts, «Validation»; shared cases: tests/cases). */

function weighed(digits: string, weights: number[]): number {
  return (weights.reduce((sum, weight, place) => sum + weight * Number(digits.charAt(place)), 0) % 11) % 10;
}

/** Whether these digits are an ИНН of 10 or 12 signs. All zeros pass the sum and are refused expressly. */
export function isInn(digits: string): boolean {
  if (!/^(\d{10}|\d{12})$/.test(digits) || /^0+$/.test(digits)) return false;
  if (digits.length === 10) return weighed(digits, [2, 4, 10, 3, 5, 9, 4, 6, 8]) === Number(digits.charAt(9));
  return (
    weighed(digits, [7, 2, 4, 10, 3, 5, 9, 4, 6, 8]) === Number(digits.charAt(10)) &&
    weighed(digits, [3, 7, 2, 4, 10, 3, 5, 9, 4, 6, 8]) === Number(digits.charAt(11))
  );
}

/** Whether these ten digits are series and number of a Russian passport; it has no check sum. */
export function isPassportRf(digits: string): boolean {
  return /^\d{10}$/.test(digits) && !digits.endsWith('000000');
}

/** A document as people type it → as it is kept: digits only where only digits count. */
export function tidyDocument(kind: string, typed: string): string {
  return kind === 'inn' || kind === 'passport_rf' ? typed.replace(/[\s\u00a0\u202f№-]+/g, '') : typed.replace(/\s+/g, ' ').trim().toUpperCase();
}

/** «+7 ••• •••-67-89», «m…@mail.ru»: enough for the client to recognise it (P24). */
export function maskContact(contact: string): string {
  if (contact.includes('@')) return contact.replace(/^(.).*@/u, '$1…@');
  return contact && `${contact.slice(0, 2)} ••• •••-${contact.slice(-4, -2)}-${contact.slice(-2)}`;
}

/** All but the last four signs hidden (P30). */
export function maskDocument(number: string): string {
  return number.length > 4 ? `••••\u00a0${number.slice(-4)}` : number;
}
