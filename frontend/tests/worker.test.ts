/** The service worker against a cache and a network in memory. */
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { runInNewContext } from 'node:vm';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';

/** The script of page and worker, as the worker loads it: nothing in it may need a page while it is loaded. */
const BOTH = '../src/app.js';
/** A path in a variable: the worker's types are those of another world (tsconfig.sw.json). */
const WORKER = '../src/sw';
const ORIGIN = 'https://kias.example';
const sha = (text: string) => createHash('sha256').update(text).digest('base64').slice(0, 22);

class MemoryCache {
  entries = new Map<string, Response>();
  match = (key: string) => Promise.resolve(this.entries.get(key)?.clone());
  put(key: string, response: Response): Promise<void> {
    this.entries.set(key, response);
    return Promise.resolve();
  }
}

let caches: Map<string, MemoryCache>;
let network: Map<string, () => Response>;
let listeners: Map<string, (event: unknown) => void>;
let skipWaiting: ReturnType<typeof vi.fn>;
let pages: { postMessage: ReturnType<typeof vi.fn> }[];

const page = (text: string) => () => new Response(text);
const json = (text: string) => () => new Response(text, { headers: { 'Content-Type': 'application/json' } });

beforeEach(() => {
  caches = new Map();
  pages = [];
  network = new Map();
  vi.stubGlobal('caches', {
    open: (name: string) => {
      const cache = caches.get(name) ?? new MemoryCache();
      caches.set(name, cache);
      return Promise.resolve(cache);
    },
    delete: (name: string) => Promise.resolve(caches.delete(name)),
    has: (name: string) => Promise.resolve(caches.has(name)),
    keys: () => Promise.resolve([...caches.keys()]),
    match: async (key: string) => {
      for (const cache of caches.values()) {
        const found = await cache.match(key);
        if (found) return found;
      }
      return undefined;
    },
  });
  vi.stubGlobal('fetch', vi.fn((asked: string | { url: string }) => {
    const path = typeof asked === 'string' ? asked : new URL(asked.url).pathname;
    const answer = network.get(path);
    return answer ? Promise.resolve(answer()) : Promise.reject(new TypeError('Failed to fetch'));
  }));
});
afterEach(() => {
  vi.unstubAllGlobals();
});

/** A release whose shell is these files; the worker's listeners are ready afterwards. */
async function release(version: string, files: Record<string, string>, whole = false): Promise<void> {
  listeners = new Map();
  skipWaiting = vi.fn(() => Promise.resolve());
  vi.stubGlobal('self', {
    addEventListener: (name: string, listener: (event: unknown) => void) => listeners.set(name, listener),
    location: { origin: ORIGIN },
    clients: { claim: () => Promise.resolve(), matchAll: () => Promise.resolve(pages) },
    skipWaiting,
  });
  vi.stubGlobal('__SHELL_VERSION__', version);
  vi.stubGlobal('__SHELL__', [...Object.entries(files).map(([path, text]) => [path, sha(text)]), ['/manifest.json', '']]);
  for (const [path, text] of Object.entries(files)) network.set(path, page(text));
  network.set('/manifest.json', json('{}'));
  vi.resetModules();
  if (whole) {
    vi.stubGlobal('location', { pathname: '/serviceworker.js' });
    await import(BOTH);
  }
  else ((await import(WORKER)) as { beWorker: () => void }).beWorker();
}

async function happen(name: string, more: object = {}): Promise<void> {
  let until: Promise<unknown> = Promise.resolve();
  listeners.get(name)?.({ waitUntil: (work: Promise<unknown>) => (until = work), ...more });
  await until;
}

/** What the worker answers, or null where it leaves the request to the browser. */
async function ask(path: string, mode = 'navigate', method = 'GET'): Promise<string | null> {
  let answer: Promise<Response> | null = null;
  listeners.get('fetch')?.({ request: { url: ORIGIN + path, mode, method }, respondWith: (given: Promise<Response>) => (answer = given) });
  return answer === null ? null : (await (answer as Promise<Response>)).text();
}

const V1 = { '/': 'shell 1', '/static/app/assets/a.js': 'one' };
const V2 = { '/': 'shell 2', '/static/app/assets/a.js': 'one', '/static/app/assets/b.js': 'two' };

describe('the service worker', () => {
  it('is what the one script is where there is no page', async () => {
    await release('1', V1, true);
    expect([...listeners.keys()]).toEqual(['install', 'activate', 'message', 'fetch', 'sync']);
  });

  it('brings in the script of its own release, by the page’s policy where there is one', () => {
    const source = readFileSync(new URL('../src/serviceworker.js', import.meta.url), 'utf8').replaceAll('{script}', '/app-1.js').replace('{shell}', '[]');
    const importScripts = vi.fn();
    const run = (trustedTypes?: object) => {
      runInNewContext(source, { self: { trustedTypes }, trustedTypes, importScripts });
    };
    run();
    run({
      createPolicy: (name: string, rules: { createScriptURL: (url: string) => string }) => ({ createScriptURL: (url: string) => `${name}: ${rules.createScriptURL(url)}` }),
    });
    expect(importScripts.mock.calls).toEqual([['/app-1.js'], ['kias-worker: /app-1.js']]);
  });

  it('answers the app’s own addresses without network', async () => {
    await release('1', V1);
    await happen('install');
    await happen('activate');
    network.clear();
    for (const path of ['/', '/login', '/new', '/unsent', '/attention', '/offline', '/check', '/receipt/01931f5e-9a70-7c3a-8b1d-5f4e3d2c1b0a', '/saved/01931f5e-9a70-7c3a-8b1d-5f4e3d2c1b0a?x=1']) expect(await ask(path)).toBe('shell 1');
    expect(await ask('/static/app/assets/a.js', 'no-cors')).toBe('one');
  });

  it.each(['/admin/', '/admin', '/api/ping', '/demo/', '/receipt/1', '/new/', '/healthz'])('leaves %s to the browser', async (path) => {
    await release('1', V1);
    await happen('install');
    expect(await ask(path)).toBeNull();
    expect(await ask('/api/ping', 'cors', 'POST')).toBeNull();
  });

  it('f29: one file that does not come leaves the old shell as it was', async () => {
    await release('1', V1);
    await happen('install');
    await release('2', V2);
    network.delete('/static/app/assets/b.js');
    pages = [{ postMessage: vi.fn() }];
    await expect(happen('install')).rejects.toThrow();
    expect([...caches.keys()]).toEqual(['shell-1']);
    expect(pages[0]?.postMessage.mock.calls).toEqual([[{ failed: 'TypeError: Failed to fetch' }]]);
    network.set('/static/app/assets/b.js', page('two'));
    await happen('install'); // tried again later, it comes
    expect([...caches.keys()]).toEqual(['shell-1', 'shell-2']);
  });

  it.each(['QuotaExceededError', 'UnknownError'])('f29, f24: %s while the new shell is stored leaves the old one, and the page is told', async (name) => {
    await release('1', V1);
    await happen('install');
    await release('2', V2);
    pages = [{ postMessage: vi.fn() }];
    vi.spyOn(MemoryCache.prototype, 'put').mockRejectedValueOnce(new DOMException('no room', name));
    await expect(happen('install')).rejects.toThrow('no room');
    expect([...caches.keys()]).toEqual(['shell-1']);
    expect(pages[0]?.postMessage.mock.calls).toEqual([[{ failed: `${name}: no room` }]]);
  });

  it('p22: a server that went back, and a file that does not come: the running worker of that very release keeps its shell', async () => {
    await release('1', V1);
    await happen('install');
    await happen('activate');
    network.clear();
    await expect(happen('install')).rejects.toThrow();
    expect(await ask('/')).toBe('shell 1');
    expect([...caches.keys()]).toEqual(['shell-1']);
  });

  it('f29: a page of the new release under the old worker gets its files from the network', async () => {
    await release('1', V1);
    await happen('install');
    await happen('activate');
    network.set('/static/app/assets/b.js', page('two'));
    expect(await ask('/static/app/assets/b.js', 'no-cors')).toBeNull(); // the browser fetches it itself
    caches.clear();
    expect(await ask('/')).toBe('shell 1'); // a shell that the browser has thrown away comes from there, too
  });

  it('f29: a page of the old release under the new worker needs no file that the new one has not', async () => {
    await release('1', V1);
    await happen('install');
    await release('2', V2);
    await happen('install');
    await happen('activate');
    network.clear(); // a server that keeps the present release's files alone
    expect(await ask('/new')).toBe('shell 2');
    expect(await ask('/static/app/assets/a.js', 'no-cors')).toBe('one');
  });

  it('f27: a captive portal’s page never becomes the shell', async () => {
    await release('1', V1);
    network.set('/', page('<html>Wi-Fi</html>'));
    await expect(happen('install')).rejects.toThrow('not ours');
    network.set('/', page('shell 1'));
    network.set('/manifest.json', page('<html>Wi-Fi</html>'));
    await expect(happen('install')).rejects.toThrow('not ours');
    expect([...caches.keys()]).toEqual([]);
  });

  it('a new release fetches only what has changed and drops the old shell when it takes over', async () => {
    await release('1', V1);
    await happen('install');
    await release('2', V2);
    vi.mocked(fetch).mockClear();
    await happen('install');
    expect(vi.mocked(fetch).mock.calls.map(([path]) => path).sort()).toEqual(['/', '/manifest.json', '/static/app/assets/b.js']);
    expect([...caches.keys()]).toEqual(['shell-1', 'shell-2']);
    await happen('activate');
    expect([...caches.keys()]).toEqual(['shell-2']);
  });

  it('f29: takes over only when the page says so', async () => {
    await release('1', V1);
    await happen('install');
    expect(skipWaiting).not.toHaveBeenCalled();
    await happen('message', { data: 'take_over' });
    expect(skipWaiting).toHaveBeenCalledOnce();
  });

  it('f33: wants to be woken again while somebody else is sending: that page may be closed in the middle', async () => {
    await release('1', V1);
    await navigator.locks.request('kias-drain', () => expect(happen('sync', { tag: 'drain' })).rejects.toThrow('busy'));
    await happen('sync', { tag: 'drain' }); // nobody is logged in: nothing to come back for
  });
});
