import { signal } from '@preact/signals';

/** Chromium's own event; not in TypeScript's library. */
interface InstallPromptEvent extends Event {
  prompt(): Promise<void>;
}

/** The browser's offer to install, while it stands. */
export const installOffer = signal<InstallPromptEvent | null>(null);

export function watchInstall(): void {
  addEventListener('beforeinstallprompt', (event) => {
    event.preventDefault();
    installOffer.value = event as InstallPromptEvent;
  });
  addEventListener('appinstalled', () => (installOffer.value = null));
}

export async function install(): Promise<void> {
  const offer = installOffer.peek();
  installOffer.value = null; // an offer can be shown once
  await offer?.prompt();
}
