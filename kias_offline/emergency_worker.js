/**
 * The emergency exit (P21, docs/runbook.md): in place of the app's worker it empties Cache Storage, loads every
 * open page anew from the network and goes. IndexedDB, with what is unsent, is not touched. It answers no request.
 * Not built, so that it needs no build on a bad day.
 */
self.addEventListener('install', (event) => {
  event.waitUntil(self.skipWaiting());
});

self.addEventListener('activate', (event) => {
  event.waitUntil(leave());
});

async function leave() {
  const names = await caches.keys();
  await Promise.all(names.map((name) => caches.delete(name)));
  // A page that comes from the network meets this worker again and nothing to empty: it is not loaded twice.
  if (names.length > 0) {
    await self.clients.claim();
    const pages = await self.clients.matchAll({ type: 'window' });
    await self.registration.unregister();
    for (const page of pages) page.navigate(page.url).catch(() => undefined);
  } else {
    await self.registration.unregister();
  }
}
