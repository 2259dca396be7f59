/** Login by SMS code. What is typed survives a reload (spec «Login»). */

import { askCode, confirm, endSession } from '../api/calls';
import type { Reply } from '../api/client';
import type { LoginAnswer } from '../api/wire';
import { normalisePhone } from '../domain/phone';
import { strictly } from '../store/db';
import { dropMeta, setMeta } from '../store/meta';
import { tellOthers } from './channel';
import { lost, proved } from './connection';
import { drainNow } from './engine';
import { keepStorage } from './readiness';
import { refresh } from './readings';
import { asKnown, registerInstallation } from './session';
import { own } from './state';
import type { Agent, Answer, PendingLogin } from './types';

const NOTHING: PendingLogin = { phone_number: '', attempt: null, code: '' };

/** A reply as the UI hears it; the connection learns from it too. */
export function heard<T, R>(reply: Reply<T>, shape: (value: T) => R): Answer<R> {
  if (reply.kind === 'ok' || reply.kind === 'refused') proved();
  else lost(reply.kind);
  return reply.kind === 'ok' ? { kind: 'ok', value: shape(reply.value) } : reply;
}

async function keep(pending: PendingLogin): Promise<void> {
  own.pendingLogin.value = pending;
  await setMeta('pending_login', pending).catch(() => undefined); // then it does not survive a reload, no more
}

/** Asks for an SMS code; a repeat within its life sends the same code again. */
export async function requestCode(phoneNumber: string): Promise<Answer<PendingLogin>> {
  const reply = await askCode(normalisePhone(phoneNumber) ?? phoneNumber);
  if (reply.kind === 'ok') {
    const { attempt: id, sign, office_phone, resend_after } = reply.value;
    const again = own.pendingLogin.value?.attempt?.id === id;
    const attempt = { id, sign, office_phone, again, resend_at: Date.now() + resend_after * 1_000 };
    await keep({ phone_number: phoneNumber, attempt, code: own.pendingLogin.value?.code ?? '' });
  }
  return heard(reply, () => own.pendingLogin.value ?? NOTHING);
}

/** Logs in, registers this installation, fetches the directories and starts sending. */
export async function confirmCode(code: string): Promise<Answer<Agent>> {
  const reply = await confirm(code.replace(/\s/g, ''));
  if (reply.kind !== 'ok') {
    await noteTries(reply);
    return heard<LoginAnswer, Agent>(reply, ({ agent }) => asKnown(agent));
  }
  const { agent } = reply.value;
  await dropMeta('logout_due').catch(() => undefined); // the new session has taken the old one's place; a wrong code saves none
  const registered = await registerInstallation(agent);
  if (registered.kind === 'ok') {
    void keepStorage(); // he has shown that he works here; refused or not, issuing goes on (F23)
    void drainNow();
  }
  return heard(registered, () => asKnown(agent));
}

async function noteTries(reply: Reply<unknown>): Promise<void> {
  const pending = own.pendingLogin.value;
  if (reply.kind !== 'refused' || !pending?.attempt) return;
  const { code } = reply.problem;
  if (code === 'wrong_code') await keep({ ...pending, code: '' });
  if (code === 'code_expired' || code === 'no_attempt') await keep({ ...pending, code: '', attempt: null });
}

/** Keeps what is being typed, so that a reload does not lose it. */
export function rememberTyped(typed: { phone_number?: string; code?: string }): void {
  void keep({ ...(own.pendingLogin.value ?? NOTHING), ...typed });
}

/** «Изменить»: back to the phone number, keeping it. */
export function forgetAttempt(): void {
  void keep({ ...(own.pendingLogin.value ?? NOTHING), attempt: null, code: '' });
}

/**
 * Ends the session, without network at the next contact. Nothing unsent is touched: it stays here and leaves
 * after the agent's login, or is carried by another agent's session (F25).
 */
export async function logout(): Promise<Answer<null>> {
  const reply = await endSession();
  try {
    await strictly(['meta'], async (tx) => {
      await tx.objectStore('meta').delete('session');
      if (reply.kind !== 'ok') await tx.objectStore('meta').put({ key: 'logout_due', value: true });
    });
  } catch {
    return { kind: 'refused', problem: { code: 'storage_failed', message: 'Память телефона не ответила. Повторите.' } };
  }
  await refresh();
  tellOthers('session');
  heard(reply, () => null);
  return { kind: 'ok', value: null };
}
