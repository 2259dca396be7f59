/** Which way of installing this browser on this device has: names of steps in `public/install/steps.json`. */

export type Variant =
  | 'android-chrome' | 'android-samsung' | 'android-yandex' | 'android-firefox' | 'android-other' | 'android-inside'
  | 'iphone-safari' | 'iphone-safari-26' | 'ipad-safari' | 'ios-chrome' | 'ios-other' | 'ios-inside'
  | 'desktop-chrome' | 'desktop-edge' | 'desktop-yandex' | 'mac-safari' | 'desktop-other';

/** What a browser says of itself. */
export interface Told {
  userAgent: string;
  maxTouchPoints: number;
  /** `navigator.userAgentData.platform`, where the browser has it: tells Android under «Версия для ПК» */
  platform?: string | undefined;
}

/** The first that fits; a browser that names another one too stands before it. */
type Rules = readonly (readonly [sign: RegExp, variant: Variant])[];

const IOS: Rules = [
  // A browser inside another app: no name of a browser of its own, or that app's.
  [/^(?!.*Safari\/)|Telegram|VKClient|vkclient|Instagram|FBA[NV]|OKApp|MAX\//, 'ios-inside'],
  [/CriOS/, 'ios-chrome'],
  [/FxiOS|EdgiOS|OPiOS|OPT\/|OPX\/|YaBrowser|YaApp|GSA\/|DuckDuckGo/, 'ios-other'],
  [/Macintosh|iPad/, 'ipad-safari'],
  // The system's version is frozen since 26, the browser's is not.
  [/Version\/(2[6-9]|[3-9]\d)/, 'iphone-safari-26'],
  [/./, 'iphone-safari'],
];

const ANDROID: Rules = [
  [/; wv\)|Telegram|VKAndroidApp|Instagram|FBA[NV]|OKAndroid|GSA\//, 'android-inside'],
  [/SamsungBrowser/, 'android-samsung'],
  [/YaBrowser|YaApp/, 'android-yandex'],
  [/Firefox|FxAndroid/, 'android-firefox'],
  [/EdgA|OPR|Opera|MiuiBrowser|HuaweiBrowser|UCBrowser|DuckDuckGo/, 'android-other'],
  [/Chrome/, 'android-chrome'],
  [/./, 'android-other'],
];

const DESKTOP: Rules = [
  [/YaBrowser/, 'desktop-yandex'],
  [/Edg\//, 'desktop-edge'],
  [/OPR|Opera|Firefox/, 'desktop-other'],
  [/Chrome/, 'desktop-chrome'],
  [/Macintosh.*Safari/, 'mac-safari'],
  [/./, 'desktop-other'],
];

export function variantOf({ userAgent, maxTouchPoints, platform }: Told): Variant {
  // An iPad calls itself a Mac; no Mac has a touch screen.
  const rules = /iPhone|iPad|iPod/.test(userAgent) || (/Macintosh/.test(userAgent) && maxTouchPoints > 1) ? IOS : platform === 'Android' || /Android/.test(userAgent) ? ANDROID : DESKTOP;
  return rules.find(([sign]) => sign.test(userAgent))?.[1] ?? 'desktop-other';
}

export const isApple = (variant: Variant): boolean => /^i/.test(variant);
