import { expect, it, vi } from 'vitest';

import { computed, effect, signal } from './signals';

it('an effect runs at once, and again for a change, not for the same value', () => {
  const count = signal(1);
  const said: number[] = [];
  effect(() => void said.push(count.value));
  count.value = 1;
  count.value = 2;
  expect(said).toEqual([1, 2]);
});

it('two ways to one change are one run, and it sees both ends new', () => {
  const count = signal(1);
  const twice = computed(() => count.value * 2);
  const thrice = computed(() => count.value * 3);
  const said: string[] = [];
  effect(() => void said.push(`${twice.value} ${thrice.value}`));
  count.value = 2;
  expect(said).toEqual(['2 3', '4 6']);
});

it('what a computed value hides does not reach those who read it', () => {
  const count = signal(1);
  const many = computed(() => count.value > 10);
  const run = vi.fn(() => void many.value);
  effect(run);
  count.value = 2;
  count.value = 3;
  expect(run).toHaveBeenCalledTimes(1);
  count.value = 11;
  expect(run).toHaveBeenCalledTimes(2);
});

it('a computed value is worked out when it is asked for, and once', () => {
  const count = signal(1);
  const work = vi.fn(() => count.value + 1);
  const next = computed(work);
  expect(work).not.toHaveBeenCalled();
  expect([next.value, next.value, next.peek()]).toEqual([2, 2, 2]);
  expect(work).toHaveBeenCalledTimes(1);
  count.value = 5;
  count.value = 6;
  expect(next.value).toBe(7);
  expect(work).toHaveBeenCalledTimes(2);
});

it('only what was read in the last run is followed', () => {
  const which = signal(true);
  const [one, other] = [signal(1), signal(1)];
  const run = vi.fn(() => void (which.value ? one.value : other.value));
  effect(run);
  other.value = 2;
  expect(run).toHaveBeenCalledTimes(1);
  which.value = false;
  one.value = 2;
  expect(run).toHaveBeenCalledTimes(2);
  other.value = 3;
  expect(run).toHaveBeenCalledTimes(3);
});

it('peek reads without following', () => {
  const count = signal(1);
  const run = vi.fn(() => void count.peek());
  effect(run);
  count.value = 2;
  expect(run).toHaveBeenCalledTimes(1);
});

it('an effect undoes itself before it runs again and when it is stopped, and is still from then on', () => {
  const count = signal(1);
  const said: string[] = [];
  const stop = effect(() => {
    const { value } = count;
    said.push(`do ${value}`);
    return () => said.push(`undo ${value}`);
  });
  count.value = 2;
  stop();
  stop();
  count.value = 3;
  expect(said).toEqual(['do 1', 'undo 1', 'do 2', 'undo 2']);
});

it('an effect that writes lets the others run after it, with the last value', () => {
  const [from, to] = [signal(1), signal(0)];
  const said: number[] = [];
  effect(() => void (to.value = from.value * 10));
  effect(() => void said.push(to.value));
  from.value = 2;
  expect(said).toEqual([10, 20]);
});

it('an effect inside a computed value’s reader leaves that reader’s own reading alone', () => {
  const [inner, outer] = [signal(1), signal(1)];
  const run = vi.fn(() => {
    effect(() => void inner.value);
    void outer.value;
  });
  effect(run);
  inner.value = 2;
  expect(run).toHaveBeenCalledTimes(1);
  outer.value = 2;
  expect(run).toHaveBeenCalledTimes(2);
});

it('what failed is tried again when it is asked again, and holds nobody else up', () => {
  const count = signal(0);
  const share = computed(() => {
    if (count.value === 0) throw new Error('by nothing');
    return 12 / count.value;
  });
  expect(() => share.value).toThrow('by nothing');
  count.value = 3;
  expect(share.value).toBe(4);
  count.value = 0;
  expect(() => share.value).toThrow('by nothing');
  const said: number[] = [];
  effect(() => void said.push(count.value));
  count.value = 1;
  expect([said, share.value]).toEqual([[0, 1], 12]);
});

it('NaN is no change', () => {
  const share = signal(NaN);
  const run = vi.fn(() => void share.value);
  effect(run);
  share.value = NaN;
  expect(run).toHaveBeenCalledTimes(1);
});
