/** One way to ask our server: csrf, gzip, time limits, and an honest name for whatever comes back. */

import { through, utf8 } from '../domain/bytes';
import type { Bytes } from '../domain/bytes';
import { uuid7 } from '../domain/uuid7';
import { isPing, isRefusal } from './guards';
import type { Guard } from './guards';
import type { PingAnswer } from './wire';

/** A refusal of the server (docs/protocol.md, «Refusals»). */
export interface Problem {
  code: string;
  message: string;
  field?: string;
  /** seconds */
  retry_after?: number;
}

export type Unreachable = 'offline' | 'foreign_page' | 'server_busy';

/** `server_busy` with `failed: true`: our own 500, or somebody else's 5xx: this very request may be what stumbles. */
export type Reply<T> = { kind: 'ok'; value: T } | { kind: 'refused'; problem: Problem } | { kind: 'offline' | 'foreign_page' } | { kind: 'server_busy'; failed: boolean };

export interface Ask {
  body?: unknown;
  /** milliseconds without a sign of life; what is sent gets more by its bytes, what arrives begins them anew */
  within?: number;
  /** `no-cache`: kept by the browser and asked for by its ETag; else nothing is kept */
  cache?: RequestCache;
  /** ties the calls of one action together in the server's log */
  correlation?: string | undefined;
}

const PING_LIMIT_MS = 8_000;
const CALL_LIMIT_MS = 20_000;
/** 8 kbit/s: a browser does not tell how much of a body has left, so its bytes get that long (F34) */
const MS_PER_BYTE = 1;
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
  const headers = new Headers({ Accept: 'application/json', 'X-App-Version': __APP_VERSION__, 'X-Correlation-Id': ask.correlation ?? uuid7() });
  let body: Bytes | null = null;
  if (method === 'POST') {
    headers.set('Content-Type', 'application/json');
    headers.set('X-CSRF-Token', csrf ?? '');
    body = await packed(utf8(JSON.stringify(ask.body ?? {})), headers);
  }
  const limit = ask.within ?? CALL_LIMIT_MS;
  const control = new AbortController();
  let timer: ReturnType<typeof setTimeout> | undefined;
  const patience = (ms: number): void => {
    clearTimeout(timer);
    timer = setTimeout(() => { control.abort(); }, ms);
  };
  try {
    patience(limit + (body?.length ?? 0) * MS_PER_BYTE);
    const response = await fetch(`/api/${path}`, { method, headers, body, cache: ask.cache ?? 'no-store', credentials: 'same-origin', redirect: 'manual', signal: control.signal });
    return answerOf<T>(response, await textOf(response, () => { patience(limit); }), guard);
  } catch {
    // No answer, or half of one: cut line, stall, failed certificate. Whether it was done there is not known.
    return { kind: 'offline' };
  } finally {
    clearTimeout(timer);
  }
}

/** Read piece by piece: a slow answer that still arrives is waited for. */
async function textOf(response: Response, arrived: () => void): Promise<string> {
  const reader = response.body?.getReader();
  const decoder = new TextDecoder();
  let text = '';
  for (;;) {
    arrived();
    const piece = await reader?.read();
    if (!piece || piece.done) return text + decoder.decode();
    text += decoder.decode(piece.value, { stream: true });
  }
}

async function packed(plain: Bytes, headers: Headers): Promise<Bytes> {
  if (plain.length < WORTH_GZIP || typeof CompressionStream === 'undefined') return plain;
  headers.set('Content-Encoding', 'gzip');
  return through(plain, new CompressionStream('gzip'));
}

/** Only what parses as ours counts: a captive portal answers 200, redirects, or says 511 (F27). */
function answerOf<T>({ ok, status }: Response, raw: string, guard: Guard): Reply<T> {
  let body: unknown;
  try {
    body = JSON.parse(raw);
  } catch {
    body = undefined; // not JSON: certainly not ours
  }
  if (ok) return guard(body) ? { kind: 'ok', value: body as T } : { kind: 'foreign_page' };
  const ours = isRefusal(body);
  if (status >= 500 && status !== 511) return { kind: 'server_busy', failed: !ours || status === 500 };
  return ours ? { kind: 'refused', problem: (body as { error: Problem }).error } : { kind: 'foreign_page' };
}
