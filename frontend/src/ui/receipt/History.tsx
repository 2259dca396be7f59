import type { HistoryStep } from '../../domain/model';
import { today } from '../kit/now';
import { momentWords } from '../words/dates';
import { STATES } from '../words/states';

/** What happened to it, the latest first. */
export function History({ steps }: { steps: readonly HistoryStep[] }) {
  if (steps.length === 0) return null;
  return (
    <section>
      <h2 class="day">История</h2>
      <ol class="card">
        {[...steps].reverse().map((step) => (
          <li key={`${step.state}${step.at}`} class="history-step">
            <span class={`tone-${STATES[step.state].tone}`}>{step.text || STATES[step.state].short}</span>
            <span class="hint num">{momentWords(step.at, today.value)}</span>
          </li>
        ))}
      </ol>
    </section>
  );
}
