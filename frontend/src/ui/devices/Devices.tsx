import { useEffect, useState } from '../kit/hooks';

import { type Device, type Problem, elsewhere, fetchDevices, mayIssue, session, waitingTotals } from '../../sync';
import { ConnectionNotice } from '../connection/ConnectionNotice';
import { means } from '../connection/model';
import { Button } from '../kit/Button';
import { Icon } from '../kit/Icon';
import { Notice } from '../kit/Notice';
import { today } from '../kit/now';
import { RowSkeletons } from '../kit/ReceiptRow';
import { Screen } from '../kit/Screen';
import { PinCare } from '../lock/PinCare';
import { refusalOf } from '../login/refusal';
import { navigate, openOverlay, overlay } from '../router/router';
import { momentWords } from '../words/dates';
import { Revoke } from './Revoke';
import { elsewhereWords, unsentWords } from './words';

/** «Мои устройства»: his phones with what waits on each, and his number (F35, P25). Without a line, this one alone. */
export function Devices() {
  const [devices, setDevices] = useState<Device[] | null>(null);
  const [problem, setProblem] = useState<Problem | null>(null);
  const [chosen, setChosen] = useState<Device | null>(null);
  const served = means.value.online && means.value.confirmed;

  async function load(): Promise<void> {
    setProblem(null);
    const answer = await fetchDevices();
    if (answer.kind === 'ok') setDevices(answer.value);
    else setProblem(refusalOf(answer));
  }
  useEffect(() => {
    if (served) void load();
  }, [served]);

  return (
    <Screen
      title="Мои устройства"
      back
      bottom={
        <>
          <PinCare />
          {mayIssue.value && (
            <Button kind="ghost" onClick={() => navigate('/number')}>
              Сменить номер
            </Button>
          )}
        </>
      }
    >
      <ConnectionNotice />
      {problem && served && (
        <Notice tone="amber" icon="alert" action={{ label: 'Повторить', onClick: () => void load() }}>
          {problem.message}
        </Notice>
      )}
      <ul class="card rows">
        <This />
        {devices
          ?.filter((device) => !device.this)
          .map((device) => (
            <Other
              key={device.id}
              device={device}
              onRevoke={() => {
                setChosen(device);
                openOverlay('revoke');
              }}
            />
          ))}
      </ul>
      {!devices && served && !problem && <RowSkeletons count={1} />}
      {devices?.length === 1 && <p class="hint list-foot">Других телефонов у вас нет.</p>}
      {!devices && !served && (
        <p class="hint list-foot">
          {elsewhereWords()} {elsewhere.value.count === 0 && 'Другие ваши телефоны видны, когда есть связь.'}
        </p>
      )}
      {chosen && overlay.value === 'revoke' && <Revoke device={chosen} onDone={load} />}
    </Screen>
  );
}

function This() {
  if (session.value.kind !== 'agent') return null;
  return (
    <li class="row">
      <Mark waiting={waitingTotals.value.count} />
      <span class="row-name">Этот телефон</span>
      <span class="row-sum num">{session.value.installation.code}</span>
      <Waiting {...waitingTotals.value} done="неотправленных нет" />
    </li>
  );
}

function Other({ device, onRevoke }: { device: Device; onRevoke: () => void }) {
  const { name, code, last_contact_at: last, waiting } = device;
  return (
    <li>
      <div class="row">
        <Mark waiting={waiting.count} />
        <span class="row-name">{name || 'Телефон'}</span>
        <span class="row-sum num">{code}</span>
        <span class="row-note">{last ? `Связь: ${momentWords(last, today.value)}` : 'Связи ещё не было'}</span>
        <Waiting {...waiting} done={last ? 'на тот момент неотправленных нет' : ''} />
      </div>
      <div class="row-action">
        <Button kind="ghost" onClick={onRevoke}>
          Отозвать<span class="unseen"> телефон {code}</span>
        </Button>
      </div>
    </li>
  );
}

function Mark({ waiting }: { waiting: number }) {
  return (
    <span class={waiting > 0 ? 'mark mark-circle tone-red' : 'mark mark-check tone-green'} aria-hidden="true">
      {waiting === 0 && <Icon name="check" size="small" />}
    </span>
  );
}

function Waiting({ done, ...totals }: { count: number; sum: number; done: string }) {
  return <span class={`row-note tone-${totals.count > 0 ? 'red' : 'green'}`}>{totals.count > 0 ? unsentWords(totals) : done}</span>;
}
