/** What may stay of a typed or pasted text (P31). Runs on typing; frozen content is never changed. */

// Controls, format and direction signs (zero-width ones too) and lone surrogates: they break pages, XML and KIAS.
const FORBIDDEN = /[\p{Cc}\p{Cf}\p{Cs}\ufffe\uffff]/gu;
const LINE_ENDS = /[\r\n\t\v\f\u0085\u2028\u2029]+/gu;

/** The text in NFC without control and direction signs; line ends become spaces. */
export function cleanText(typed: string): string {
  return typed.replace(LINE_ENDS, ' ').replace(FORBIDDEN, '').normalize('NFC');
}

/** The same, trimmed and with single spaces: what goes into a receipt. */
export function tidyText(typed: string): string {
  return cleanText(typed).replace(/\s+/gu, ' ').trim();
}

const LATIN = 'ABCEHKMOPTXYaceopxy';
const CYRILLIC = 'АВСЕНКМОРТХУасеорху';

/** Latin letters that look like Cyrillic ones become Cyrillic: «XXX» of a policy is «ХХХ». */
export function toCyrillic(text: string): string {
  return text.replace(/[A-Za-z]/g, (letter) => {
    const place = LATIN.indexOf(letter);
    return place < 0 ? letter : (CYRILLIC[place] ?? letter);
  });
}

/** Whether a text holds 13–19 digits that pass the Luhn check: a card number, which belongs nowhere (P33). */
export function holdsCardNumber(text: string): boolean {
  return (text.match(/\d(?:[ \u00a0\u202f-]?\d){12,18}/g) ?? []).some((found) => {
    const digits = found.replace(/\D/g, '');
    let sum = 0;
    for (let place = 0; place < digits.length; place++) {
      const digit = Number(digits[digits.length - 1 - place]);
      const weighed = place % 2 === 1 ? digit * 2 : digit;
      sum += weighed > 9 ? weighed - 9 : weighed;
    }
    return sum % 10 === 0;
  });
}
