import { notices, readNotice } from '../../sync';
import { Notice } from '../kit/Notice';
import { today } from '../kit/now';
import { momentWords } from '../words/dates';

/** What the office or the system tells this agent: a new login, a changed number, a revoked phone (P11, P25). */
export function Notices() {
  return (
    <>
      {notices.value.map(({ id, text, at }) => (
        <Notice key={id} tone="accent" icon="alert" action={{ label: 'Понятно', onClick: () => void readNotice(id) }}>
          {text}
          <br />
          <span class="hint">{momentWords(at, today.value)}</span>
        </Notice>
      ))}
    </>
  );
}
