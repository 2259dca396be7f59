/** The agent's phones and his number: with network only. */

import { askNewNumber, confirmNewNumber, devices, revoke } from '../api/calls';
import { changeInstallation, currentInstallation } from '../store/installations';
import { tellOthers } from './channel';
import { heard } from './login';
import { noteRead, tellRead } from './news';
import { refresh } from './readings';
import { asKnown } from './session';
import { own } from './state';
import type { Agent, Answer, Device, PendingLogin } from './types';

/** His living phones, the one heard of last first. */
export async function fetchDevices(): Promise<Answer<Device[]>> {
  return heard(await devices(), ({ installations }) => installations);
}

/** Ends the session of another phone of his; nothing on it is deleted (F35). */
export async function revokeDevice(id: string): Promise<Answer<null>> {
  return heard(await revoke(id), () => null);
}

/** A code to the number he changes to; a repeat within its life sends the same code again (P25). */
export async function requestNumberCode(phone_number: string): Promise<Answer<PendingLogin>> {
  return heard(await askNewNumber(phone_number), ({ attempt: id, resend_after }) => ({
    phone_number,
    code: '',
    // No signs: the office gives no code for a new number, it changes the number itself.
    attempt: { id, sign: '', office_phone: '', again: false, resend_at: Date.now() + resend_after * 1_000 },
  }));
}

export async function confirmNumber(code: string): Promise<Answer<Agent>> {
  const reply = await confirmNewNumber(code);
  const current = await currentInstallation().catch(() => null);
  if (reply.kind === 'ok' && current) {
    // The ping would tell it too: trouble with the storage is no reason to call the change failed.
    await changeInstallation(current.row.id, (row) => ({ ...row, agent: asKnown(reply.value.agent) })).then(refresh).catch(() => undefined);
    tellOthers('session');
  }
  return heard(reply, ({ agent }) => asKnown(agent));
}

/** «Понятно»: without network it is remembered and told later. */
export async function readNotice(id: string): Promise<void> {
  if (own.session.value.kind !== 'agent') return;
  const { id: installation } = own.session.value.installation;
  await noteRead(installation, id).then(refresh).catch(() => undefined);
  tellOthers('rows');
  await tellRead(installation).catch(() => undefined);
}
