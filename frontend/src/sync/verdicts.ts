/** From the server's answers to what is stored about each receipt. */

import type { IntakeAnswer } from '../api/wire';
import type { Verdict } from '../store/outbox';

/**
 * One verdict per envelope that was really answered. Answers come in the envelopes' order; an `id` that
 * contradicts it is believed only where it names another envelope of this very batch.
 */
export function verdictsOf(ids: string[], answers: IntakeAnswer[]): Verdict[] {
  const verdicts = new Map<string, Verdict>();
  const inOrder = answers.length === ids.length;
  answers.forEach((answer, place) => {
    const id = answer.id ?? (inOrder ? ids[place] : undefined);
    if (id !== undefined && ids.includes(id)) verdicts.set(id, verdictOf(id, answer));
  });
  return [...verdicts.values()];
}

/** Whatever this release does not understand leaves the receipt waiting. */
function verdictOf(id: string, { result, state, reason }: IntakeAnswer): Verdict {
  switch (result) {
    case 'accepted':
    case 'already_accepted':
      return { id, state: state ?? 'accepted' };
    case 'held':
      return { id, state: state ?? 'held' };
    case 'later':
      return { id, later: reason ?? 'try_later' };
    default:
      return { id, later: `unknown_result:${result}` };
  }
}
