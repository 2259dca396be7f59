/** The page's side of a new release: when it looks, when it is told, what it does (F29, P21). */
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';

type Listener = (event: { data?: unknown }) => void;

class Worker {
  state = 'installed';
  posted: unknown[] = [];
  postMessage = (data: unknown) => this.posted.push(data);
  addEventListener = vi.fn();
}

let heard: Map<string, Listener>;
let container: { controller: Worker | null; ready: Promise<void>; register: () => Promise<unknown>; addEventListener: (name: string, listener: Listener) => void };
let registration: { waiting: Worker | null; active: Worker | null; installing: null; update: ReturnType<typeof vi.fn>; addEventListener: () => void };
let reload: ReturnType<typeof vi.fn>;

async function openPage({ controlled = true } = {}) {
  vi.resetModules();
  container.controller = controlled ? new Worker() : null;
  const [worker, { own }] = await Promise.all([import('../src/sync/worker'), import('../src/sync/state')]);
  await worker.startWorker();
  return { ...worker, own };
}
const hear = (name: string, data?: unknown) => heard.get(name)?.({ data });
const settled = () => new Promise((done) => setImmediate(done));

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'performance'] });
  heard = new Map();
  registration = { waiting: null, active: new Worker(), installing: null, update: vi.fn(() => Promise.resolve()), addEventListener: () => undefined };
  container = { controller: null, ready: Promise.resolve(), register: () => Promise.resolve(registration), addEventListener: (name, listener) => heard.set(name, listener) };
  vi.stubGlobal('navigator', { serviceWorker: container });
  vi.stubGlobal('caches', { match: () => Promise.resolve(undefined) });
  reload = vi.fn();
  vi.stubGlobal('location', { reload });
});
afterEach(() => {
  vi.unstubAllGlobals();
  vi.useRealTimers();
});
const later = (ms: number) => vi.advanceTimersByTime(ms);
const HOUR = 3_600_000;

describe('a new release, seen from the page', () => {
  it('f29: is looked for at the start by the registering itself, then at most once an hour', async () => {
    const page = await openPage();
    await page.lookForUpdate();
    expect(registration.update).not.toHaveBeenCalled();
    later(HOUR);
    await page.lookForUpdate();
    await page.lookForUpdate();
    expect(registration.update).toHaveBeenCalledOnce();
  });

  it('f29: one that could not be fetched says why, and is tried again soon', async () => {
    const page = await openPage();
    hear('message', { failed: 'Error: /static/app/b.js: 404' });
    expect(page.own.updateError.value).toContain('404');
    later(HOUR / 12);
    await page.lookForUpdate();
    expect(registration.update).toHaveBeenCalledOnce();
    registration.waiting = new Worker();
    hear('controllerchange');
    await settled();
    expect(page.own.updateError.value).toBe('');
  });

  it('f29: takes over when the agent says so, and the page is loaded anew after what he typed is stored', async () => {
    const page = await openPage();
    registration.waiting = new Worker();
    let stored = (): void => undefined;
    let asked = 0;
    void page.applyUpdate(() => {
      asked += 1;
      return new Promise((resolve) => (stored = resolve));
    });
    expect(registration.waiting.posted).toEqual([]);
    stored();
    await settled();
    expect(registration.waiting.posted).toEqual(['take_over']);
    hear('controllerchange'); // he may have typed on
    await settled();
    expect(asked).toBe(2);
    expect(reload).not.toHaveBeenCalled();
    stored();
    await settled();
    expect(reload).toHaveBeenCalledOnce();
  });

  it('f29: another tab has let it take over: this one says so and is loaded anew when its agent wants', async () => {
    const page = await openPage();
    hear('controllerchange');
    await settled();
    expect(page.own.updateReady.value).toBe(true);
    later(1_000);
    expect(reload).not.toHaveBeenCalled();
    void page.applyUpdate(() => Promise.resolve());
    await settled();
    expect(reload).toHaveBeenCalledOnce();
  });

  it('the first worker of a phone is no new release', async () => {
    const page = await openPage({ controlled: false });
    container.controller = new Worker();
    hear('controllerchange');
    await settled();
    expect(page.own.updateReady.value).toBe(false);
  });

  it('p21: one that must not wait is fetched at once, again while it does not come, and after a day waits for no form', async () => {
    const page = await openPage();
    page.heedRelease(false);
    expect(page.own.updateDue.value).toBe('');
    expect(registration.update).not.toHaveBeenCalled();
    page.heedRelease(true);
    expect(page.own.updateDue.value).toBe('soon');
    expect(registration.update).toHaveBeenCalledOnce();
    page.heedRelease(true);
    expect(registration.update).toHaveBeenCalledOnce();
    later(300_000);
    page.heedRelease(true);
    expect(registration.update).toHaveBeenCalledTimes(2);
    later(24 * HOUR);
    page.heedRelease(true);
    expect(page.own.updateDue.value).toBe('now');
    page.heedRelease(false);
    expect(page.own.updateDue.value).toBe('');
  });
});
