import type { ReceiptState } from '../../domain/model';
import { STATES } from '../words/states';
import { Icon } from './Icon';

/** The mark at the left of a row. The word beside the row carries the same meaning for everyone. */
export function StateMark({ state }: { state: ReceiptState }) {
  const { shape, tone } = STATES[state];
  return (
    <span class={`mark mark-${shape} tone-${tone}`} data-state={state} aria-hidden="true">
      {shape === 'check' && <Icon name="check" size="small" />}
      {shape === 'triangle' && <Icon name="alert" size="small" />}
      {shape === 'cross' && <Icon name="cross" size="small" />}
    </span>
  );
}
