/** One way to ask our server: csrf, gzip, time limits, and an honest name for whatever comes back. */

import { through, utf8 } from '../domain/bytes';
import { uuid7 } from '../domain/uuid7';
import { isPing, isRefusal } from './guards';
import type { Guard } from './guards';
import type { PingAnswer } from './wire';

/** A refusal of the server (docs/protocol.md, «Refusals»). */
export interface Problem {
  code: string;
  message: string;
  field?: string;
  tries_left?: number;
  /** seconds */
  retry_after?: number;
}

export type Unreachable = 'offline' | 'foreign_page' | 'server_busy';

/** `server_busy` with `failed: true` is our own 500: this very request may be what it stumbles over. */
export type Reply<T> = { kind: 'ok'; value: T } | { kind: 'refused'; problem: Problem } | { kind: 'offline' | 'foreign_page' } | { kind: 'server_busy'; failed: boolean };

export interface Ask {
  body?: unknown;
  /** milliseconds for the whole call */
  within?: number;
  /** ties the calls of one action together in the server's log */
  correlation?: string | undefined;
}

export const PING_LIMIT_MS = 8_000;
const CALL_LIMIT_MS = 20_000;
const WORTH_GZIP = 1_000;

let csrf: string | null = null;

/** `GET /api/ping`: is this our server, who am I. Keeps the csrf token for the calls that follow. */
export async function ping(correlation?: string): Promise<Reply<PingAnswer>> {
  const reply = await once<PingAnswer>('GET', 'ping', isPing, { within: PING_LIMIT_MS, correlation });
  if (reply.kind === 'ok') csrf = reply.value.csrf;
  return reply;
}

/** The csrf token in use; asks for one where there is none yet. */
export async function csrfToken(): Promise<string | null> {
  if (csrf === null) await ping();
  return csrf;
}

export function get<T>(path: string, guard: Guard, ask: Ask = {}): Promise<Reply<T>> {
  return once<T>('GET', path, guard, ask);
}

/** A POST; a stale csrf token is fetched anew once and the call repeated (it was refused, so nothing was done). */
export async function post<T>(path: string, guard: Guard, ask: Ask = {}): Promise<Reply<T>> {
  if (csrf === null) {
    const reply = await ping(ask.correlation);
    if (reply.kind !== 'ok') return reply;
  }
  const first = await once<T>('POST', path, guard, ask);
  if (first.kind !== 'refused' || first.problem.code !== 'csrf') return first;
  const renewed = await ping(ask.correlation);
  return renewed.kind === 'ok' ? once<T>('POST', path, guard, ask) : renewed;
}

async function once<T>(method: 'GET' | 'POST', path: string, guard: Guard, ask: Ask): Promise<Reply<T>> {
  const headers = new Headers({ Accept: 'application/json', 'X-Correlation-Id': ask.correlation ?? uuid7() });
  let body: BodyInit | null = null;
  if (method === 'POST') {
    headers.set('Content-Type', 'application/json');
    headers.set('X-CSRF-Token', csrf ?? '');
    body = await packed(JSON.stringify(ask.body ?? {}), headers);
  }
  try {
    const response = await fetch(`/api/${path}`, {
      method,
      headers,
      body,
      cache: 'no-store',
      credentials: 'same-origin',
      redirect: 'manual',
      signal: AbortSignal.timeout(ask.within ?? CALL_LIMIT_MS),
    });
    return await read<T>(response, guard);
  } catch {
    // No answer, or half of one: cut line, time-out, failed certificate. Whether it was done there is not known.
    return { kind: 'offline' };
  }
}

async function packed(text: string, headers: Headers): Promise<BodyInit> {
  if (text.length < WORTH_GZIP || typeof CompressionStream === 'undefined') return text;
  headers.set('Content-Encoding', 'gzip');
  return through(utf8(text), new CompressionStream('gzip'));
}

async function read<T>(response: Response, guard: Guard): Promise<Reply<T>> {
  const raw = await response.text();
  let body: unknown;
  try {
    body = JSON.parse(raw);
  } catch {
    body = undefined; // not JSON: certainly not ours
  }
  if (response.ok) return guard(body) ? { kind: 'ok', value: body as T } : { kind: 'foreign_page' };
  const ours = isRefusal(body);
  if (response.status >= 500) return { kind: 'server_busy', failed: ours && response.status === 500 };
  return ours ? { kind: 'refused', problem: (body as { error: Problem }).error } : { kind: 'foreign_page' };
}
