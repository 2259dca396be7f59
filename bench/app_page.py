"""What bench/app.py runs inside the page, and the empty page it is measured beside."""

#: Before every page: the moment of the last tap, of the frame that shows what was asked for, and of the
#: `complete` of the first transaction since then that writes an envelope.
TIMES = """(() => {
  let [tapped, kept] = [0, 0];
  const { transaction } = IDBDatabase.prototype;
  IDBDatabase.prototype.transaction = function (names, mode, ...rest) {
    const made = transaction.call(this, names, mode, ...rest);
    if (mode === 'readwrite' && names.includes('outbox')) {
      made.addEventListener('complete', () => { kept ||= performance.now(); });
    }
    return made;
  };
  addEventListener('click', (event) => { tapped = event.timeStamp; }, true);
  const frame = (done) => requestAnimationFrame(() => {
    const next = new MessageChannel();
    next.port1.onmessage = () => done(performance.now());
    next.port2.postMessage(0);
  });
  globalThis.shown = (met) => new Promise((done) => {
    if (met()) return frame(done);
    new MutationObserver((_, watching) => {
      if (!met()) return;
      watching.disconnect();
      frame(done);
    }).observe(document, { subtree: true, childList: true });
  });
  globalThis.field = shown(() => document.querySelector('#pin'));
  globalThis.await_ = (met) => {
    kept = 0;
    globalThis.took = shown(met).then((at) => at - tapped);
    globalThis.both = took.then((at) => [kept - tapped, at]);
  };
  globalThis.redraw = (selector) => new Promise((done) => {
    const [list, begun] = [document.querySelector(selector), performance.now()];
    const copy = list.cloneNode(true);
    list.replaceWith(copy);
    frame((at) => { copy.replaceWith(list); done(at - begun); });
  });
})()"""

FIELD = "field.then((at) => (document.activeElement.id === 'pin' ? at : NaN))"
LIST = """([title, count]) => await_(() => document.querySelector('h1')?.textContent === title
    && document.querySelectorAll('.rows li').length >= count)"""
SAVED = "() => await_(() => document.querySelector('.saved-sum'))"
TOOK = "took"
BOTH = "both"
REDRAW = "redraw('main')"

#: Before the only page that issues by hand: the key that seals the readable rows, as the app uses it.
KEEP_KEY = """(() => {
  const { encrypt } = SubtleCrypto.prototype;
  SubtleCrypto.prototype.encrypt = function (given, key, data) {
    if (given.additionalData?.length === 36) globalThis.rowKey = key;
    return encrypt.call(this, given, key, data);
  };
})()"""

#: So many receipts more, each a copy of the first under an id, a number, a name and a day of its own, sealed
#: with the app's own key, as large as what the app writes. None of them ever meets a server.
FILL = """async (count) => {
  const opened = (done) => { indexedDB.open('kias').onsuccess = (event) => done(event.target.result); };
  const db = await new Promise(opened);
  const all = (name) => new Promise((done) => {
    db.transaction(name).objectStore(name).getAll().onsuccess = (event) => done(event.target.result);
  });
  const [[sent], rows] = [await all('outbox'), await all('rows')];
  const row = rows.find(({ id }) => id === sent.id);
  const bytes = (text) => new TextEncoder().encode(text);
  const seal = (iv, id) => ({ name: 'AES-GCM', iv, additionalData: bytes(id) });
  const plain = await crypto.subtle.decrypt(seal(row.iv, row.id), rowKey, row.sealed);
  const readable = JSON.parse(new TextDecoder().decode(plain));
  const family = ['Иванова', 'Хабибуллина', 'Перепёлкина', 'Галиева', 'Кузнецова', 'Быкова'];
  const made = [];
  for (let each = 1; each <= count; each++) {
    const at = new Date(Date.now() - each * 600_000);
    const stamp = at.getTime().toString(16).padStart(12, '0');
    const id = `${stamp.slice(0, 8)}-${stamp.slice(8)}-7${sent.id.slice(15)}`;
    const amount = 100_000 + each * 137;
    const number = sent.number.slice(0, -4) + String(1000 + each);
    const { fields } = readable;
    const moment = at.toISOString();
    const changed = { ...readable, amount, issued_at: moment, receipt_date: moment.slice(0, 10),
      fields: { ...fields, insurant: family[each % 6] + ' Анна Петровна' } };
    const iv = crypto.getRandomValues(new Uint8Array(12));
    const sealed = await crypto.subtle.encrypt(seal(iv, id), rowKey, bytes(JSON.stringify(changed)));
    made.push([{ ...sent, id, receipt: id, number, amount, counter: 1000 + each },
      { ...row, id, number, counter: 1000 + each, iv, sealed }]);
  }
  const tx = db.transaction(['outbox', 'rows'], 'readwrite', { durability: 'strict' });
  for (const [one, other] of made) { tx.objectStore('outbox').put(one); tx.objectStore('rows').put(other); }
  await new Promise((done) => { tx.oncomplete = done; });
  db.close();
}"""

WATCH_TASKS = """() => {
  globalThis.tasks = [];
  globalThis.observer = new PerformanceObserver((list) => {
    tasks.push(...list.getEntries().map((each) => each.duration));
  });
  observer.observe({ type: 'longtask' });
}"""
TASKS = "() => { tasks.push(...observer.takeRecords().map((each) => each.duration)); return tasks; }"

#: How much slower the throttle makes this machine: milliseconds of a loop, and of the PIN's derivation.
SPIN = """() => {
  const begun = performance.now();
  let sum = 0;
  for (let each = 0; each < 3e7; each++) sum += each % 7;
  return [performance.now() - begun, sum][0];
}"""
DERIVE = """async () => {
  const begun = performance.now();
  const pin = await crypto.subtle.importKey('raw', new Uint8Array(6), 'PBKDF2', false, ['deriveBits']);
  const way = { name: 'PBKDF2', hash: 'SHA-256', salt: new Uint8Array(16), iterations: 600_000 };
  await crypto.subtle.deriveBits(way, pin, 256);
  return performance.now() - begun;
}"""
#: One strict transaction of two rows as large as a receipt's, to its `complete`.
STORE = """async () => {
  const db = await new Promise((done) => {
    const asked = indexedDB.open('empty', 1);
    asked.onupgradeneeded = () => asked.result.createObjectStore('rows', { autoIncrement: true });
    asked.onsuccess = () => done(asked.result);
  });
  const begun = performance.now();
  const tx = db.transaction('rows', 'readwrite', { durability: 'strict' });
  const rows = tx.objectStore('rows');
  for (let each = 0; each < 2; each++) rows.put(crypto.getRandomValues(new Uint8Array(1500)));
  await new Promise((done) => { tx.oncomplete = done; });
  const took = performance.now() - begun;
  db.close();
  return took;
}"""

EMPTY_PAGE = """<!doctype html><html lang="ru"><meta charset="utf-8"><title>Empty</title><body><script>
navigator.serviceWorker.register('/worker.js');
globalThis.ready = navigator.serviceWorker.ready.then(() => true);
const only = document.createElement('input');
only.id = 'pin';
document.body.append(only);
only.focus();
</script>"""
EMPTY_WORKER = """
addEventListener('install', (event) => event.waitUntil(caches.open('empty').then((cache) => cache.add('/'))));
addEventListener('fetch', (event) => event.respondWith(caches.match('/')));
"""
