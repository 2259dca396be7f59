import { expect, it, vi } from 'vitest';

import { beginDrawing, type Hooked, useEffect, useRef, useState } from './hooks';

/** A component as tracking.ts makes them, without a DOM: drawn again when it asks for it. */
function drawn<T>(draw: () => T) {
  const component: Hooked = { cells: [], effects: [], cleanups: new Set(), forceUpdate: vi.fn(() => again()) };
  let result: T;
  const again = () => {
    beginDrawing(component);
    result = draw();
    for (const run of component.effects.splice(0)) run();
    return result;
  };
  again();
  return { again, forceUpdate: component.forceUpdate, result: () => result, go: () => component.cleanups.forEach((undo) => undo()) };
}

it('a state is kept between drawings and draws again when it changes, not when it stays', () => {
  const { result, forceUpdate } = drawn(() => useState(() => 1));
  result()[1](1);
  expect(forceUpdate).not.toHaveBeenCalled();
  result()[1](2);
  result()[1]((now) => now + 5);
  expect(forceUpdate).toHaveBeenCalledTimes(2);
  expect(result()[0]).toBe(7);
});

it('two hooks of a kind, and of two components, keep to themselves', () => {
  const one = drawn(() => [useState('a'), useRef(0), useState('b')] as const);
  const other = drawn(() => useState('c'));
  one.result()[2][1]('d');
  one.result()[1].current = 3;
  one.again();
  expect([one.result()[0][0], one.result()[1].current, one.result()[2][0], other.result()[0]]).toEqual(['a', 3, 'd', 'c']);
});

it('an effect runs after drawing, for new dependencies, and is undone before and at the end', () => {
  const said: string[] = [];
  let id = 1;
  const { again, go } = drawn(() => {
    useEffect(() => {
      const own = id;
      said.push(`do ${own}`);
      return () => said.push(`undo ${own}`);
    }, [id]);
    said.push('draw');
  });
  again();
  id = 2;
  again();
  go();
  expect(said).toEqual(['draw', 'do 1', 'draw', 'draw', 'undo 1', 'do 2', 'undo 2']);
});

it('an effect without dependencies runs after every drawing, one with none of them once', () => {
  const [always, once] = [vi.fn(), vi.fn()];
  const { again } = drawn(() => {
    useEffect(() => void always());
    useEffect(() => void once(), []);
  });
  again();
  again();
  expect([always.mock.calls.length, once.mock.calls.length]).toEqual([3, 1]);
});
