import { expect, it } from 'vitest';

import type { Guide } from '../../sync';
import guide from '../../../public/install/steps.json';
import { familyOf, variantOf } from './variant';

const { signs } = guide as unknown as Guide;

const CHROME = 'AppleWebKit/537.36 (KHTML, like Gecko) Chrome/141.0.0.0';
const PIXEL = `Mozilla/5.0 (Linux; Android 10; K) ${CHROME} Mobile Safari/537.36`;
const WINDOWS = `Mozilla/5.0 (Windows NT 10.0; Win64; x64) ${CHROME} Safari/537.36`;
const IPHONE = 'Mozilla/5.0 (iPhone; CPU iPhone OS 17_5_1 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko)';
const MAC = 'Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko)';

it.each<[string, string, number, string]>([
  ['Chrome on Android', PIXEL, 5, 'android-chrome'],
  ['Chrome on an older Android', `Mozilla/5.0 (Linux; Android 9; SM-J530F) ${CHROME.replace('141', '103')} Mobile Safari/537.36`, 5, 'android-chrome'],
  ['Chrome on an Android tablet', `Mozilla/5.0 (Linux; Android 13; SM-X200) ${CHROME} Safari/537.36`, 10, 'android-chrome'],
  ['Samsung Internet', 'Mozilla/5.0 (Linux; Android 10; K) AppleWebKit/537.36 (KHTML, like Gecko) SamsungBrowser/28.0 Chrome/130.0.0.0 Mobile Safari/537.36', 5, 'android-samsung'],
  ['Yandex Browser', `Mozilla/5.0 (Linux; arm_64; Android 14; 2201117TY) ${CHROME} YaBrowser/25.8.0.112.00 SA/3 Mobile Safari/537.36`, 5, 'android-yandex'],
  ['Yandex, the app with Alice', `Mozilla/5.0 (Linux; arm_64; Android 14; M2101K6G) ${CHROME} YaApp_Android/25.80 YaSearchBrowser/25.80 BroPP/1.0 SA/3 Mobile Safari/537.36`, 5, 'android-yandex'],
  ['Firefox on Android', 'Mozilla/5.0 (Android 14; Mobile; rv:143.0) Gecko/143.0 Firefox/143.0', 5, 'android-firefox'],
  ['Edge on Android', `${PIXEL} EdgA/141.0.0.0`, 5, 'android-other'],
  ['Opera on Android', `${PIXEL} OPR/92.0.0.0`, 5, 'android-other'],
  ['Mi Browser', 'Mozilla/5.0 (Linux; U; Android 13; ru-ru; Redmi Note 12) AppleWebKit/537.36 (KHTML, like Gecko) Version/4.0 Chrome/112.0.5615.136 Mobile Safari/537.36 XiaoMi/MiuiBrowser/14.9.0', 5, 'android-other'],
  ['Huawei Browser', `Mozilla/5.0 (Linux; Android 12; HarmonyOS; ELE-L29) ${CHROME.replace('141', '114')} HuaweiBrowser/15.0.4.312 Mobile Safari/537.36`, 5, 'android-other'],
  ['Telegram on Android', 'Mozilla/5.0 (Linux; Android 14; SM-A546E Build/UP1A; wv) AppleWebKit/537.36 (KHTML, like Gecko) Version/4.0 Chrome/141.0.0.0 Mobile Safari/537.36 Telegram-Android/11.9.1 (Samsung SM-A546E; Android 14; SDK 34; AVERAGE)', 5, 'android-inside'],
  ['VK on Android', 'Mozilla/5.0 (Linux; Android 13; 22101316G Build/TP1A; wv) AppleWebKit/537.36 (KHTML, like Gecko) Version/4.0 Chrome/139.0.0.0 Mobile Safari/537.36 VKAndroidApp/8.120-24567', 5, 'android-inside'],
  ['Instagram on Android', 'Mozilla/5.0 (Linux; Android 13; Pixel 6 Build/TQ3A; wv) AppleWebKit/537.36 (KHTML, like Gecko) Version/4.0 Chrome/140.0.0.0 Mobile Safari/537.36 Instagram 390.0.0.0.1 Android', 5, 'android-inside'],
  ['Safari on an iPhone', `${IPHONE} Version/17.5 Mobile/15E148 Safari/604.1`, 5, 'iphone-safari'],
  ['Safari on an iPhone with iOS 26', `${IPHONE.replace('17_5_1', '18_6')} Version/26.0 Mobile/15E148 Safari/604.1`, 5, 'iphone-safari-26'],
  ['Safari on an iPad', `${MAC} Version/18.1 Safari/605.1.15`, 5, 'ipad-safari'],
  ['Safari on an iPad that asks for the phone’s page', 'Mozilla/5.0 (iPad; CPU OS 16_7 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/16.6 Mobile/15E148 Safari/604.1', 5, 'ipad-safari'],
  ['Chrome on an iPhone', `${IPHONE} CriOS/141.0.7390.41 Mobile/15E148 Safari/604.1`, 5, 'ios-chrome'],
  ['Chrome on an iPad', `${MAC} CriOS/141.0.7390.41 Version/18.0 Safari/604.1`, 5, 'ios-chrome'],
  ['Firefox on an iPhone', `${IPHONE} FxiOS/143.0 Mobile/15E148 Safari/605.1.15`, 5, 'ios-other'],
  ['Yandex Browser on an iPhone', `${IPHONE} Version/17.0 YaBrowser/25.8.4.512.10 SA/3 Mobile/15E148 Safari/604.1`, 5, 'ios-other'],
  ['Edge on an iPhone', `${IPHONE} Version/17.0 EdgiOS/141.0.3537.57 Mobile/15E148 Safari/605.1.15`, 5, 'ios-other'],
  ['VK on an iPhone', `${IPHONE} Mobile/15E148 VKClient/8.50`, 5, 'ios-inside'],
  ['Instagram on an iPhone', `${IPHONE} Mobile/21F90 Instagram 340.0.0 (iPhone15,3; iOS 17_5_1; ru_RU; ru; scale=3.00)`, 5, 'ios-inside'],
  ['some app’s own window on an iPhone', `${IPHONE} Mobile/15E148`, 5, 'ios-inside'],
  ['Chrome on Windows', WINDOWS, 0, 'desktop-chrome'],
  ['Chrome on a notebook with a touch screen', WINDOWS, 10, 'desktop-chrome'],
  ['Chrome on a Mac', `Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) ${CHROME} Safari/537.36`, 0, 'desktop-chrome'],
  ['Edge on Windows', `${WINDOWS} Edg/141.0.0.0`, 0, 'desktop-edge'],
  ['Yandex Browser on Windows', `Mozilla/5.0 (Windows NT 10.0; Win64; x64) ${CHROME} YaBrowser/25.8.0.0 Safari/537.36`, 0, 'desktop-yandex'],
  ['Opera on Windows', `${WINDOWS} OPR/122.0.0.0`, 0, 'desktop-other'],
  ['Firefox on Linux', 'Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0', 0, 'desktop-other'],
  ['Safari on a Mac', `${MAC} Version/18.1 Safari/605.1.15`, 0, 'mac-safari'],
  ['nothing we know', 'Lynx/2.9', 0, 'desktop-other'],
])('%s', (_name, userAgent, maxTouchPoints, variant) => {
  expect(variantOf({ signs }, { userAgent, maxTouchPoints })).toBe(variant);
});

it('Chrome on Android that asks for the desktop’s page is still on Android', () => {
  const userAgent = `Mozilla/5.0 (X11; Linux x86_64) ${CHROME} Safari/537.36`;
  expect(variantOf({ signs }, { userAgent, maxTouchPoints: 5, platform: 'Android' })).toBe('android-chrome');
  expect(variantOf({ signs }, { userAgent, maxTouchPoints: 5, platform: 'Linux' })).toBe('desktop-chrome');
});

it('knows whose storage is emptied after a week outside the installed app', () => {
  const family = (userAgent: string, maxTouchPoints: number) => familyOf({ userAgent, maxTouchPoints });
  expect([family(IPHONE, 5), family(MAC, 5), family(`${IPHONE} CriOS/141.0.7390.41`, 5)]).toEqual(['apple', 'apple', 'apple']);
  expect([family(PIXEL, 5), family(WINDOWS, 10), family(MAC, 0)]).toEqual(['android', 'desktop', 'desktop']);
});

it('every sign leads to a way that has steps', () => {
  const known = guide.ways.map(({ id }) => id);
  expect(Object.values(signs).flatMap((some) => some.map(([, way]) => way)).filter((way) => !known.includes(way))).toEqual([]);
});
