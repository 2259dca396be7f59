/** Who this browser is for the server, and what follows from it. */

import { csrfToken } from '../api/client';
import type { Reply } from '../api/client';
import { endSession, fetchSetup, register } from '../api/calls';
import type { PingAnswer, WireAgent, WireInstallation } from '../api/wire';
import { setConfirmed } from '../store/confirmed';
import { strictly } from '../store/db';
import { changeInstallation, currentInstallation, getInstallation, heeding, installationOf } from '../store/installations';
import { dropMeta, getMeta, setMeta } from '../store/meta';
import type { InstallationRow, KnownAgent } from '../store/schema';
import { tellOthers } from './channel';
import { LOCK } from './drain';
import { hearServerTime } from './evidence';
import { makeKeys, prove, publicKeyText } from './keys';
import { refresh } from './readings';
import { own } from './state';
import { noteLogin } from './vault';

const SETUP_LIFE_MS = 3_600_000;

/** Draws the conclusions from a ping: session alive or gone, time evidence, a registration left half-way. */
export async function meet(ping: PingAnswer): Promise<void> {
  if (await getMeta('logout_due')) {
    if (!ping.agent || (await endSession()).kind === 'ok') await dropMeta('logout_due');
    return;
  }
  // Left half-way: the answer to the login, or to the registration, was lost.
  if (ping.agent && (!ping.installation || (await getMeta('fresh_keys'))?.agent === ping.agent.id)) {
    await registerInstallation(ping.agent);
    return;
  }
  const current = await currentInstallation();
  if (!current) {
    // The cookie outlived the storage: what was not sent is gone with it (F23).
    own.storageLost.value = Boolean(ping.installation && !(await getInstallation(ping.installation.id)));
    return;
  }
  const ours = ping.installation?.id === current.row.id;
  if (ours) await hearServerTime(current.row.id, ping.server_time);
  const told = ours && ping.agent ? asKnown(ping.agent) : current.row.agent;
  const retired = current.row.retired || (!ours && ping.revoked);
  const changed = retired !== current.row.retired || JSON.stringify(told) !== JSON.stringify(current.row.agent);
  if (changed) await changeInstallation(current.row.id, (row) => ({ ...row, agent: told, retired }));
  if ((await setConfirmed(ours)) || changed) {
    await refresh();
    tellOthers('session');
  }
  if (!ours || !ping.session) return;
  askAhead(ping.session.ask_ahead);
  await keepEnd(ping.session.ends_at);
  await keepSetup();
}

function askAhead(ask_ahead: boolean): void {
  const now = own.session.value;
  if (now.kind === 'agent' && now.ask_ahead !== ask_ahead) own.session.value = { ...now, ask_ahead };
}

/** It moves with every contact; written once an hour. */
async function keepEnd(endsAt: string): Promise<void> {
  const ends = Date.parse(endsAt);
  if (ends - own.sessionEnds.value < 3_600_000 && ends >= own.sessionEnds.value) return;
  await setMeta('session_ends', ends);
  own.sessionEnds.value = ends;
}

/**
 * Registers this browser's key for the agent and binds the session (docs/protocol.md, «Installation»). The key
 * is stored before it is offered: if the answer is lost, the same key gets the same installation.
 */
export async function registerInstallation(agent: WireAgent): Promise<Reply<WireInstallation>> {
  // One at a time over all tabs: two of them must not offer two keys for one login. And never beside a drain:
  // what is sent and read belongs to one session.
  return navigator.locks.request(LOCK, () => registerAlone(agent));
}

async function registerAlone(agent: WireAgent): Promise<Reply<WireInstallation>> {
  const known = await installationOf(agent.id);
  const first = await offerKeys(agent, known ?? null);
  if (first.kind !== 'refused' || first.problem.code !== 'foreign_key') return first;
  // Another agent's key, or a revoked one: it is offered no more, a fresh pair is.
  await strictly(['installations', 'meta'], async (tx) => {
    const row = known && (await tx.objectStore('installations').get(known.id));
    if (row) await tx.objectStore('installations').put({ ...row, retired: true });
    await tx.objectStore('meta').delete('fresh_keys');
  });
  return offerKeys(agent, null);
}

async function offerKeys(agent: WireAgent, known: InstallationRow | null): Promise<Reply<WireInstallation>> {
  const csrf = await csrfToken();
  if (csrf === null) return { kind: 'offline' };
  const keys = known?.keys ?? (await freshKeys(agent.id));
  await setMeta('fresh_keys', { agent: agent.id, keys });
  const reply = await register({
    public_key: await publicKeyText(keys),
    proof: await prove(keys, csrf),
    name: deviceName(),
    app_version: __APP_VERSION__,
    known: known && { id: known.id, code: known.code, counter: known.counter },
  });
  if (reply.kind !== 'ok') return reply;
  await bind(agent, reply.value.installation, keys);
  return { kind: 'ok', value: reply.value.installation };
}

async function freshKeys(agent: string): Promise<CryptoKeyPair> {
  const stored = await getMeta('fresh_keys');
  return stored?.agent === agent ? stored.keys : makeKeys();
}

/** An agent without a phone number is only possible while the office changes it. */
export function asKnown({ id, name, phone_number, status, contract }: WireAgent): KnownAgent {
  return { id, name, phone_number: phone_number ?? '', status, contract };
}

/** «Android, Chrome»: for the office's list of installations. */
function deviceName(): string {
  const agent = navigator.userAgent;
  const system = /Android|iPhone|iPad|Windows|Mac OS|Linux/.exec(agent)?.[0] ?? 'устройство';
  const browser = /YaBrowser|Firefox|Edg|SamsungBrowser|Chrome|Safari/.exec(agent)?.[0] ?? 'браузер';
  return `${system}, ${browser}`;
}

/** Installation, session and the end of the login in one strict transaction. The counter never goes back. */
async function bind(agent: WireAgent, given: WireInstallation, keys: CryptoKeyPair): Promise<void> {
  await strictly(['installations', 'meta', 'rows'], async (tx) => {
    const installations = tx.objectStore('installations');
    const now = { agent: asKnown(agent), keys, retired: false };
    const blank = { ...given, ...now, contact_token: null, cursor: 0, epoch: null, server_time: null, spoiled: [], void_numbers: [] };
    const before = (await installations.get(given.id)) ?? blank;
    await installations.put({ ...(await heeding(before, given, tx.objectStore('rows'))), ...now });
    await tx.objectStore('meta').put({ key: 'session', value: { installation: given.id, confirmed: true } });
    for (const done of ['fresh_keys', 'pending_login', 'logout_due', 'session_ends']) await tx.objectStore('meta').delete(done);
  });
  own.pendingLogin.value = null;
  noteLogin(agent.id);
  askAhead(false);
  await refresh();
  tellOthers('session');
  await keepSetup(true);
}

/** Fetches key and directories when they are missing or an hour old; what is there stays until the new came. */
export async function keepSetup(now = false): Promise<void> {
  const age = Date.now() - ((await getMeta('setup'))?.fetched_at ?? 0);
  if (!now && age >= 0 && age < SETUP_LIFE_MS) return;
  const reply = await fetchSetup();
  if (reply.kind !== 'ok') return;
  await setMeta('setup', { value: reply.value, fetched_at: Date.now() });
  own.setup.value = reply.value;
}
