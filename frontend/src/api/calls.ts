/** The calls of docs/protocol.md, one function each. */

import type { Ask, Reply } from './client';
import { get, post } from './client';
import * as is from './guards';
import type * as wire from './wire';

type Tied = Pick<Ask, 'correlation' | 'within'>;

export const askCode = (phone_number: string): Promise<Reply<wire.LoginCodeAnswer>> => post('login/code', is.isLoginCode, { body: { phone_number } });

export const confirm = (code: string): Promise<Reply<wire.LoginAnswer>> => post('login/confirm', is.isConfirmed, { body: { code } });

export const register = (body: wire.InstallationRequest): Promise<Reply<wire.InstallationAnswer>> => post('installation', is.isRegistered, { body });

export const endSession = (): Promise<Reply<unknown>> => post('logout', is.isDone);

export const fetchSetup = (tied: Tied = {}): Promise<Reply<wire.SetupAnswer>> => get('setup', is.isSetup, { cache: 'no-cache', ...tied });

export const reserveNumber = (tied: Tied): Promise<Reply<wire.NumberAnswer>> => post('numbers', is.isNumber, tied);

export const contact = (body: wire.ContactRequest, tied: Tied = {}): Promise<Reply<wire.ContactAnswer>> => post('ping', is.isContact, { body, ...tied });

export const hand = (envelopes: string[], tied: Tied = {}): Promise<Reply<{ answers: wire.IntakeAnswer[] }>> => post('receipts', is.isIntake, { body: { envelopes }, ...tied });

export const askNewNumber = (phone_number: string): Promise<Reply<wire.LoginCodeAnswer>> => post('phone/code', is.isLoginCode, { body: { phone_number } });

export const confirmNewNumber = (code: string): Promise<Reply<wire.LoginAnswer>> => post('phone/confirm', is.isConfirmed, { body: { code } });

export const devices = (): Promise<Reply<wire.DevicesAnswer>> => get('installations', is.isDevices);

export const revoke = (id: string): Promise<Reply<unknown>> => post(`installations/${id}/revoke`, is.isDone);

export const noticesRead = (ids: string[]): Promise<Reply<unknown>> => post('notices/read', is.isDone, { body: { ids } });

export const statusOf = (ids: string[], tied: Tied = {}): Promise<Reply<wire.StatusAnswer>> => post('receipts/status', is.isStatus, { body: { ids }, ...tied });

export const statesAfter = (cursor: number, tied: Tied = {}): Promise<Reply<wire.StatesAnswer>> => get(`states?after=${String(cursor)}`, is.isStates, tied);

export const search = (q: string, before: string | null): Promise<Reply<wire.SearchAnswer>> => post('receipts/search', is.isFound, { body: { q, before } });

export const fetchOne = (id: string): Promise<Reply<wire.ReceiptAnswer>> => get(`receipts/${encodeURIComponent(id)}`, is.isReceipt);
