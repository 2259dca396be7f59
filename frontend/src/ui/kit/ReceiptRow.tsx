import type { ComponentChildren } from 'preact';

import type { ReceiptState } from '../../domain/model';
import { formatMoney } from '../../domain/money';
import { STATES } from '../words/states';
import { Link } from './Link';
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

/** `word` replaces the state's word where a heading already says it (then it is only heard). */
export function ReceiptRow({ row, word, note, action }: { row: RowData; word?: string | undefined; note?: ComponentChildren; action?: ComponentChildren }) {
  const { short, tone } = STATES[row.state];
  return (
    <li>
      <Link to={`/receipt/${row.id}`} class={`row is-${row.state}`}>
        <StateMark state={row.state} />
        {/* where large type breaks a name, it does so before the initials */}
        <span class="row-name">{row.insurant.replace('\u00a0', ' ') || 'Квитанция'}</span>
        <span class="row-sum num">{formatMoney(row.amount)}</span>
        <span class="row-number num">{row.number}</span>
        <span class={`row-state tone-${tone}`}>
          {word !== undefined && !row.word && <span class="unseen">{short} </span>}
          {row.word ?? word ?? short}
        </span>
        {(note || row.note) && <span class="row-note">{note || row.note}</span>}
      </Link>
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
