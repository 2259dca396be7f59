/** Which way of installing this browser on this device has; the signs of each lie in `public/install/steps.json`. */

import type { Guide } from '../../sync';

/** What a browser says of itself. */
export interface Told {
  userAgent: string;
  maxTouchPoints: number;
  /** `navigator.userAgentData.platform`, where the browser has it: tells Android under «Версия для ПК» */
  platform?: string | undefined;
}

export function familyOf({ userAgent, maxTouchPoints, platform }: Told): keyof Guide['signs'] {
  // An iPad calls itself a Mac; no Mac has a touch screen.
  if (/iPhone|iPad|iPod/.test(userAgent) || (/Macintosh/.test(userAgent) && maxTouchPoints > 1)) return 'apple';
  return platform === 'Android' || /Android/.test(userAgent) ? 'android' : 'desktop';
}

/** The first sign that fits: a browser that names another one too stands before it. */
export function variantOf({ signs }: Pick<Guide, 'signs'>, told: Told): string | undefined {
  return signs[familyOf(told)].find(([sign]) => new RegExp(sign).test(told.userAgent))?.[1];
}
