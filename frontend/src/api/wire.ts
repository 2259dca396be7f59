/** What goes over the wire, from the server's own description. `guards.ts` looks before an answer is believed. */

import type { components } from './schema';

type Schemas = components['schemas'];

export type WireAgent = Schemas['Agent'];
export type WireInstallation = Schemas['Installation'];
export type PingAnswer = Schemas['Ping'];
export type ContactRequest = Schemas['ContactRequestRequest'];
export type ContactAnswer = Schemas['Contact'];
export type LoginCodeAnswer = Schemas['LoginAttempt'];
export type LoginAnswer = Schemas['LoggedIn'];
export type InstallationRequest = Schemas['InstallationRequestRequest'];
export type InstallationAnswer = Schemas['InstallationAnswer'];
export type NumberAnswer = Schemas['Number'];
export type DevicesAnswer = Schemas['OwnInstallations'];
export type Device = Schemas['OwnInstallation'];
export type SetupAnswer = Schemas['Setup'];
export type Change = Schemas['Change'];
export type StatesAnswer = Schemas['States'];
export type SearchAnswer = Schemas['Search'];
export type ReceiptAnswer = Schemas['Receipt'];
export type StatusAnswer = Schemas['Status'];

/** A newer server may answer what this release does not know: then the receipt stays (`sync/verdicts.ts`). */
export type IntakeAnswer = Omit<Schemas['Answer'], 'result'> & { result: string };
