import { signal } from '../../signals';

import { start } from '../../sync';
import { closeOverlay, navigate } from '../router/router';
import { type Told, familyOf } from './variant';

/** Chromium's own event; not in TypeScript's library. */
interface InstallPromptEvent extends Event {
  prompt(): Promise<void>;
}

interface Installing extends Navigator {
  /** Apple's */
  standalone?: boolean;
  userAgentData?: { platform: string };
  getInstalledRelatedApps?: () => Promise<unknown[]>;
}

const browser = navigator as Installing;
/** Kept for the browser's other tabs, and for the next visit: only the tab that installed is told of it. */
const MARK = 'installed';
/** The installed app's own window. Asked when it is needed: this script is the worker's, too, where nothing has a window. */
const appWindow = () => matchMedia('(display-mode: standalone), (display-mode: minimal-ui)');

/** What tells this device's own way of installing. */
export const told: Told = { userAgent: browser.userAgent, maxTouchPoints: browser.maxTouchPoints, platform: browser.userAgentData?.platform };

/** Apple's systems empty a browser's storage after a week without use. */
export const onApple = familyOf(told) === 'apple';

/** The browser's offer to install, while it stands. */
export const installOffer = signal<InstallPromptEvent | null>(null);

/** Whether the app is installed here, or runs installed: «Установить» has nothing left to offer. */
export const installed = signal(false);

/** Whether this window is the installed app's own. */
export function runsInstalled(): boolean {
  return appWindow().matches || browser.standalone === true;
}

function mark(there: boolean): void {
  installed.value = there;
  try {
    if (there) localStorage.setItem(MARK, '1');
    else localStorage.removeItem(MARK);
  } catch {
    // storage is shut: then the other tabs go on offering
  }
}

function marked(): boolean {
  try {
    return localStorage.getItem(MARK) !== null;
  } catch {
    return false;
  }
}

/** Call before anything is drawn: the browser offers once. */
export function watchInstall(): void {
  addEventListener('beforeinstallprompt', (event) => {
    event.preventDefault();
    installOffer.value = event as InstallPromptEvent;
    mark(runsInstalled()); // a browser offers only what is not installed: it has been taken off
  });
  addEventListener('appinstalled', () => {
    installOffer.value = null;
    mark(true);
  });
  addEventListener('storage', ({ key }) => {
    if (key === MARK) installed.value = marked();
  });
  const look = () => {
    if (runsInstalled()) mark(true);
  };
  appWindow().addEventListener('change', look);
  installed.value = marked();
  look();
  // The browser reads the manifest for that: not on the way to the first screen.
  void start().then(() => browser.getInstalledRelatedApps?.()).then((apps) => apps?.length && mark(true), () => undefined);
}

/** The browser's own prompt where it stands, the steps otherwise. */
export async function install(): Promise<void> {
  const offer = installOffer.peek();
  if (!offer) return navigate('/install');
  installOffer.value = null; // an offer can be shown once
  closeOverlay();
  await offer.prompt();
}
