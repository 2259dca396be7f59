import { computed, signal } from '../../signals';

import { LITTLE_SPACE, type PhoneFacts, lookAtPhone, session, sessionEnds, shellCached, updateReady } from '../../sync';
import { installed, onApple, runsInstalled } from '../install/offer';
import { now } from '../kit/now';
import { type Line, freeSpace, isReady, linesOf } from './lines';

export const facts = signal<PhoneFacts | null>(null);

export async function look(): Promise<void> {
  facts.value = await lookAtPhone().catch(() => facts.peek());
}

/** What is saved in a tab of an iPhone's browser goes after 7 days without use (F23). */
export const appleTab = onApple && !runsInstalled();

/** Null until the phone was looked at. */
export const lines = computed<Line[] | null>(() => {
  const who = session.value;
  return (
    facts.value &&
    linesOf({
      facts: facts.value,
      now: now.value.getTime(),
      shell: shellCached.value,
      version: __APP_VERSION__,
      newer: updateReady.value,
      ends: who.kind === 'agent' && who.confirmed ? sessionEnds.value : null,
      installed: installed.value,
      appleTab,
      littleSpace: LITTLE_SPACE,
    })
  );
});

export const phoneReady = computed(() => lines.value !== null && isReady(lines.value));

/** Free bytes where they are few; null otherwise (F24). */
export const littleSpace = computed<number | null>(() => {
  const free = facts.value && freeSpace(facts.value);
  return free !== null && free < LITTLE_SPACE ? free : null;
});
