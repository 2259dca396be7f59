/**
 * Russian in few bytes. In UTF-8 a Russian letter takes two, and sentences share nothing with the code around them;
 * so the build (scripts/russian.ts) transliterates the page's sentences, and here they are read back: a fifth less
 * for every word that is sent. The sources know nothing of it, nor do tests and `vite dev`.
 */

/** Sign by sign: what stands in a sentence, and what is sent for it: by sound where that packs best with the code around it, else whatever does. What is not here goes as it is. */
export const SIGNS = 'оеинтасрвлкпмудыьзбгяйчхцжюшщэфёъНПВОКСТДЗЧУМИРАЭБЛФЖЕГХЯШ«»№—\u00a0…';
export const SENT = 'oeintasrdlcpmu}fy{|g=w&NWhJkAQz>^Lb_STv*"qBECUIKjPHFO%MYXGV<DxRZ';
/** Stands before a sign of SENT, or itself, that means no more than itself. */
export const AS_IT_IS = '~';

/** One piece of a sentence, read back. */
export function read(sent: string): string {
  return sent.replace(/~?[^]/g, (sign) => sign[1] ?? SIGNS[SENT.indexOf(sign)] ?? sign);
}

const known = new WeakMap<object, string[]>();

/** The tag that the build sets before such a sentence; what is filled in stays what it is. */
export function say(sent: TemplateStringsArray, ...values: unknown[]): string {
  let raw = known.get(sent);
  if (!raw) known.set(sent, (raw = sent.map(read)));
  return String.raw({ raw }, ...values);
}
