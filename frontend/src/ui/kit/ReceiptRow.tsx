import type { ComponentChildren } from 'preact';

import type { ReceiptState } from '../../domain/model';
import { formatMoney } from '../../domain/money';
import { STATES } from '../words/states';
import { StateMark } from './StateMark';

export interface RowData {
  id: string;
  number: string;
  state: ReceiptState;
  amount: number;
  receipt_date: string;
  issued_at: string;
  /** Shortened name; empty where the phone no longer keeps it. */
  insurant: string;
  /** instead of the state's word */
  word?: string;
  note?: string;
}

interface ReceiptRowProps extends RowData {
  /** stands where the state's word would, which a heading says already (then it is only heard) */
  when?: string | false | undefined;
  action?: ComponentChildren;
}

/** All it says as plain values: a row that says the same is not drawn again. */
export function ReceiptRow({ id, number, state, amount, insurant, word, note, when, action }: ReceiptRowProps) {
  const { short, tone } = STATES[state];
  return (
    <li>
      <a href={`/receipt/${id}`} class={`row is-${state}`}>
        <StateMark state={state} />
        {/* where large type breaks a name, it does so before the initials */}
        <span class="row-name">{insurant.replace('\u00a0', ' ') || 'Квитанция'}</span>
        <span class="row-sum num">{formatMoney(amount)}</span>
        <span class="row-number num">{number}</span>
        <span class={`row-state tone-${tone}`}>
          {when && <span class="unseen">{short} </span>}
          {word || when || short}
        </span>
        {!!note && <span class="row-note">{note}</span>}
      </a>
      {action && <div class="row-action">{action}</div>}
    </li>
  );
}

export function RowSkeletons({ count }: { count: number }) {
  return (
    <div class="card rows" role="presentation">
      {Array.from({ length: count }, (_, place) => (
        <div class="row" key={place}>
          <span class="mark skeleton skeleton-dot" />
          <span class="skeleton skeleton-long" />
          <span class="skeleton skeleton-short" />
          <span class="row-number skeleton skeleton-long" />
        </div>
      ))}
    </div>
  );
}
