import { expect, it } from 'vitest';
import { isWeakPin } from '../src/domain/pin';
import { hasRested } from '../src/ui/lock/rest';

it.each(['123456', '654321', '111111', '121212', '123123', '567890', '098765', '000000'])('calls %s a PIN that a finder tries first', (pin) => {
  expect(isWeakPin(pin)).toBe(true);
});

it.each(['246810', '140287', '975310', '112358'])('lets %s pass', (pin) => {
  expect(isWeakPin(pin)).toBe(false);
});

it.each([
  ['both clocks say so', 300_000, 300_000, true],
  ['the phone slept, and the page\u2019s own clock with it', 1_000, 300_000, true],
  ['the wall clock was set back', 300_000, -86_400_000, true],
  ['the phone slept, and its clock was set back', 1_000, -300_000, true],
  ['the agent is still at it', 299_999, 299_999, false],
])('p27: five minutes have passed: %s', (_what, page, wall, rested) => {
  expect(hasRested({ page: 0, wall: 0 }, { page, wall })).toBe(rested);
});
