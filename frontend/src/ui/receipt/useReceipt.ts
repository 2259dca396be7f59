import { useEffect, useState } from '../kit/hooks';

import type { LocalReceipt } from '../../domain/model';
import { fetchReceipt, receipts } from '../../sync';
import { line } from '../connection/model';
import { isFurther } from '../words/rows';

export type Found =
  | { kind: 'here'; receipt: LocalReceipt }
  | { kind: 'loading' }
  | { kind: 'away' }
  | { kind: 'not_found'; message?: string };

/** The phone's own row at once, the server's whole one when it comes; the phone's state follows every drain. */
export function useReceipt(id: string): Found {
  const [fetched, setFetched] = useState<Found>({ kind: 'loading' });
  const local = receipts.value.find((known) => known.id === id);
  const online = line.value === 'online';
  const waiting = local?.state === 'waiting';

  useEffect(() => {
    if (!online || waiting) return;
    let here = true;
    void fetchReceipt(id).then((answer) => {
      if (!here) return;
      if (answer.kind === 'ok') setFetched({ kind: 'here', receipt: answer.value });
      else if (answer.kind !== 'refused') setFetched({ kind: 'away' });
      else setFetched(answer.problem.code === 'not_found' ? { kind: 'not_found' } : { kind: 'not_found', message: answer.problem.message });
    });
    return () => {
      here = false;
    };
  }, [id, online, waiting, local?.state]);

  if (fetched.kind === 'here' && fetched.receipt.id === id) return local ? { kind: 'here', receipt: join(local, fetched.receipt) } : fetched;
  if (local) return { kind: 'here', receipt: local };
  if (fetched.kind === 'loading' && !online && line.value !== 'unknown') return { kind: 'away' };
  return fetched;
}

/** The server's row, with what only the phone has: the moment of issue, what was typed, withdrawn and shown. */
function join(local: LocalReceipt, whole: LocalReceipt): LocalReceipt {
  const newest = isFurther(local.state, whole.state) ? local : whole;
  return { ...local, ...newest, ...ownOf(local), replaces: whole.replaces ?? local.replaces, fields: whole.fields ?? local.fields, check: whole.check ?? local.check };
}

function ownOf({ issued_at, offset_min, visit, withdrawal, copy_shown_at, field, later_reason }: LocalReceipt): Partial<LocalReceipt> {
  return { issued_at, offset_min, visit, withdrawal, copy_shown_at, field, later_reason };
}
