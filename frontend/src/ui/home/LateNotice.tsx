import { lateness } from '../../domain/late';
import { oldestWaiting, setup, waitingTotals } from '../../sync';
import { ConnectionNotice } from '../connection/ConnectionNotice';
import { line } from '../connection/model';
import { Notice } from '../kit/Notice';
import { today } from '../kit/now';
import { LittleSpace } from '../ready/LittleSpace';
import { navigate } from '../router/router';
import { lateWords } from '../words/late';

/** What the phone says by itself before it is too late (P39), and what the line's state means: one notice where both say to find a line. */
export function LateNotice() {
  const late = lateness(oldestWaiting.value, today.value, setup.value?.check_terms);
  const gone = line.value === 'offline';
  return (
    <>
      {late && (
        <Notice tone={late.urgent ? 'red' : 'amber'} icon="clock" action={{ label: 'Неотправленные', onClick: () => navigate('/unsent') }}>
          {gone && 'Нет связи с сервером. '}
          {lateWords(late, waitingTotals.value.count, today.value)}
        </Notice>
      )}
      {late && gone ? <LittleSpace /> : <ConnectionNotice />}
    </>
  );
}
