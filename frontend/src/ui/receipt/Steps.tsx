import type { ReceiptState } from '../../domain/model';
import { HOPS, hopsMade } from '../../domain/texts';
import { Icon } from '../kit/Icon';
import { STATES } from '../words/states';

/** How far the receipt has come: на телефоне → на сервере → в КИАС → чек готов (spec 7). */
export function Steps({ state }: { state: ReceiptState }) {
  const made = hopsMade(state);
  const stopped = state === 'rejected' || state === 'annulled' || state === 'held';
  return (
    <ol class="steps" aria-label="Путь квитанции">
      {HOPS.map((hop, place) => {
        const done = place < made;
        const stop = stopped && place === made;
        return (
          <li
            key={hop}
            class={`step ${done ? 'step-done' : stop ? `step-stop tone-${STATES[state].tone}` : 'tone-grey'}`}
            aria-current={place === made - 1 ? 'step' : undefined}
          >
            <span class="step-mark" aria-hidden="true">
              {done && <Icon name="check" size="small" />}
              {stop && <Icon name={state === 'annulled' ? 'cross' : state === 'held' ? 'clock' : 'alert'} size="small" />}
            </span>
            <span class="step-word">
              {hop}
              <span class="unseen">{done ? ': да' : ': ещё нет'}</span>
            </span>
          </li>
        );
      })}
    </ol>
  );
}
