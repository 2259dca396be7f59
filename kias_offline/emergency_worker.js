/**
 * The emergency exit (P21, docs/runbook.md): in place of the app's worker it empties Cache Storage, loads every
 * open page anew from the network and goes. IndexedDB, with what is unsent, is not touched. It answers no request.
 * Not built, so that it needs no build on a bad day.
 */
self.addEventListener('install', (event) => {
  event.waitUntil(self.skipWaiting());
  // Chromium looks only when it is asked whether the old worker has come to rest: seen to wait for minutes else.
  const again = setInterval(() => self.skipWaiting(), 1_000);
  setTimeout(() => clearInterval(again), 60_000);
});

self.addEventListener('activate', (event) => {
  event.waitUntil(empty());
});

async function empty() {
  const names = await caches.keys();
  await Promise.all(names.map((name) => caches.delete(name)));
  // A page that comes from the network meets this worker again and nothing to empty: it is not loaded twice.
  if (names.length === 0) return self.registration.unregister();
  await self.clients.claim();
  void leave(await self.clients.matchAll({ type: 'window' })); // not waited for: pages load once this is activated
}

/** A browser may never answer a page's navigation that it has lost. */
function late() {
  return new Promise((_, reject) => setTimeout(reject, 2_000));
}

async function leave(pages) {
  for (let tries = 0; tries < 20 && pages.length > 0; tries += 1) {
    const loaded = await Promise.allSettled(pages.map((page) => Promise.race([page.navigate(page.url), late()])));
    pages = pages.filter((_, at) => loaded[at].status === 'rejected'); // not under this worker yet
    if (pages.length > 0) await new Promise((later) => setTimeout(later, 500));
  }
  await self.registration.unregister();
}
