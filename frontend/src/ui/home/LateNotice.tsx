import { lateness } from '../../domain/late';
import { oldestWaiting, setup, waitingTotals } from '../../sync';
import { Notice } from '../kit/Notice';
import { now } from '../kit/now';
import { navigate } from '../router/router';
import { lateWords } from '../words/late';

/** What the phone says by itself before it is too late (P39); `locked`: before the PIN, where nothing can be opened. */
export function LateNotice({ locked = false }: { locked?: boolean }) {
  const late = lateness(oldestWaiting.value, now.value, setup.value?.check_terms);
  if (!late) return null;
  return (
    <Notice tone={late.urgent ? 'red' : 'amber'} icon="clock" {...(!locked && { action: { label: 'Неотправленные', onClick: () => navigate('/unsent') } })}>
      {lateWords(late, waitingTotals.value.count, now.value)}
    </Notice>
  );
}
