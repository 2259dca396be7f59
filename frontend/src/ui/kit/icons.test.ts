import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';

const textOf = (name: string) => readFileSync(new URL(name, import.meta.url), 'utf8');

it('every pictogram that a screen may ask for is drawn in the sprite, and no other', () => {
  const drawn = [...textOf('icons.svg').matchAll(/<path id="(\w+)"/g)].map(([, id]) => id);
  const [, names = ''] = /IconName =([^;]*);/.exec(textOf('Icon.tsx')) ?? [];
  const asked = [...names.matchAll(/'(\w+)'/g)].map(([, name]) => name);
  expect(drawn.length).toBeGreaterThan(15);
  expect(drawn.toSorted()).toEqual(asked.toSorted());
});
