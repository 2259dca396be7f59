/** Does an answer look like ours? A captive portal also answers 200, and some even in JSON (F27). */

const STATES = ['accepted', 'held', 'registered', 'fiscalised', 'rejected', 'annulled'];

export type Guard = (body: unknown) => boolean;
type Shape = Record<string, Guard>;

export const text: Guard = (value) => typeof value === 'string';
export const whole: Guard = (value) => Number.isSafeInteger(value);
export const flag: Guard = (value) => typeof value === 'boolean';
export const state: Guard = (value) => typeof value === 'string' && STATES.includes(value);
export const orNull = (guard: Guard): Guard => (value) => value === null || guard(value);
export const maybe = (guard: Guard): Guard => (value) => value === undefined || value === null || guard(value);
export const list = (guard: Guard): Guard => (value) => Array.isArray(value) && value.every(guard);
export const shape = (fields: Shape): Guard => (value) =>
  typeof value === 'object' && value !== null && Object.entries(fields).every(([name, guard]) => guard((value as Record<string, unknown>)[name]));

const totals = shape({ count: whole, sum: whole });
const agent = shape({ id: text, name: text, phone_number: orNull(text), status: text });
const installation = shape({ id: text, code: text, counter: whole });
const pingFields = {
  agent: orNull(agent),
  installation: orNull(installation),
  session: orNull(shape({ ends_at: text, ask_ahead: flag })),
  epoch: text,
  server_time: shape({ time: text, signature: text }),
  csrf: text,
};

export const isPing = shape(pingFields);
export const isContact = shape({ ...pingFields, contact_token: text, highest: whole, notices: list(shape({ id: text, kind: text, text, at: text })), elsewhere: maybe(totals), backed_up_until: maybe(text) });
export const isLoginCode = shape({ attempt: text, sign: text, office_phone: text, resend_after: whole, valid_for: whole, tries_left: whole });
export const isConfirmed = shape({ agent });
export const isRegistered = shape({ installation });
export const isDevices = shape({
  installations: list(shape({ id: text, code: text, name: text, registered_at: text, last_contact_at: orNull(text), this: flag, waiting: totals })),
});
/** `{}`, no more and no less: some portal's JSON says nothing of ours is done. */
export const isDone: Guard = (value) => JSON.stringify(value) === '{}';
export const isSetup = shape({
  sealing_key: shape({ id: text, public_key: text }),
  products: list(shape({ code: text, name: text, series_pattern: text, number_pattern: text, default_series: text })),
  payment_forms: list(shape({ code: text, name: text, is_cash: flag, reference_label: text, reference_pattern: text })),
  document_kinds: list(shape({ code: text, name: text, pattern: text })),
  backdate_days: whole,
});
export const isNumber = shape({ number: orNull(text), installation: text });
export const isIntake = shape({ answers: list(shape({ id: orNull(text), result: text, state: maybe(state), reason: maybe(text) })) });
export const isStatus = shape({ receipts: list(shape({ id: text, result: text, state: maybe(state) })) });
const listed = { id: text, number: text, state, amount: whole, receipt_date: text, issued_at: text };
export const isStates = shape({
  changes: list(shape({ ...listed, change: whole, at: text, reason: text, text, installation: text, acts: text, field: text })),
  cursor: whole,
  more: flag,
});
export const isFound = shape({ receipts: list(shape({ ...listed, insurant: text })), next: orNull(text) });
export const isReceipt = shape({ ...listed, history: list(shape({ state: text, at: text })) });
export const isRefusal = shape({ error: shape({ code: text, message: text }) });
