/** A server in memory behind `fetch`: speaks docs/protocol.md and fails as it is told. */
import { randomUUID, type webcrypto } from 'node:crypto';
import { gunzipSync } from 'node:zlib';
import { vi } from 'vitest';
import { openEnvelope, sealingPair } from './open';

export const AGENT = { id: '01900000-0000-7000-8000-00000000000a', name: 'Антонова Мария', phone_number: '+79000000001', status: 'working' as const };
export const OTHER_AGENT = { id: '01900000-0000-7000-8000-00000000000b', name: 'Борисов Пётр', phone_number: '+79000000002', status: 'working' as const };

type Agent = typeof AGENT;
export interface Asked {
  method: string;
  path: string;
  body: Record<string, unknown>;
  headers: Headers;
}
interface Kept {
  id: string;
  envelope: string;
  state: string;
  agent: string;
}
/** `cut`: never arrives. `lose`: is done, the answer is lost. A Response: what is answered instead. */
export type Fault = 'cut' | 'lose' | Response;

const CODES = ['К7М3Т', 'А2В4Е', 'Н5Р6С', 'Т8У9Х', 'М3К2А'];

const json = (body: unknown, status = 200): Response => new Response(JSON.stringify(body), { status, headers: { 'Content-Type': 'application/json' } });
export const refusal = (status: number, code: string, extra: object = {}): Response => json({ error: { code, message: 'По-русски.', ...extra } }, status);
export const portal = (): Response => new Response('<html>Wi-Fi</html>', { status: 200, headers: { 'Content-Type': 'text/html' } });

/** Whoever asked may lose patience while the answer arrives. */
function until(signal: AbortSignal | null | undefined, answer: Response): Response {
  if (!answer.body || !signal) return answer;
  return new Response(answer.body.pipeThrough(new TransformStream(), { signal }), { status: answer.status, headers: answer.headers });
}

export class Server {
  asked: Asked[] = [];
  kept = new Map<string, Kept>();
  changes: Record<string, unknown>[] = [];
  epoch = randomUUID();
  csrf = 'csrf-1';
  session: { agent: Agent; installation: string | null } | null = null;
  installations = new Map<string, { id: string; code: string; counter: number; agent: Agent; key: string; revoked: boolean }>();
  tokens = new Map<string, string>();
  loginAs: Agent = AGENT;
  /** the attempt that a repeated request for a code continues */
  attempt = '';
  askAhead = false;
  endsAt = '2027-02-20T07:05:11.000Z';
  /** restored from an old backup: tells a lower counter than the phone's */
  forgetful = false;
  notices: { id: string; kind: string; text: string; at: string }[] = [];
  elsewhere = { count: 0, sum: 0 };
  /** what it says of its own time and of its backups; null: now, and none */
  time: string | null = null;
  backedUpUntil: string | null = null;
  /** the session ended because its installation was revoked */
  revoked = false;
  results = new Map<string, { result: string; reason?: string }>();
  /** the next online number; null: no series has one left */
  nextOnline: number | null = null;
  /** the open reservation of each installation */
  reserved = new Map<string, string>();
  private faults: { path: string; fault: Fault | ((asked: Asked) => Fault | null); times: number }[] = [];
  private constructor(readonly sealing: { privateKey: webcrypto.CryptoKey; publicText: string; id: string }) {}

  static async start(): Promise<Server> {
    const server = new Server(await sealingPair());
    vi.stubGlobal('fetch', (path: string, init: RequestInit) => server.fetch(path, init));
    return server;
  }

  /** The next `times` requests whose path begins so meet this fault. */
  fail(path: string, fault: Fault | ((asked: Asked) => Fault | null), times = 1): void {
    this.faults.push({ path, fault, times });
  }

  heal(): void {
    this.faults = [];
  }

  calls(path: string): Asked[] {
    return this.asked.filter((asked) => `${asked.method} ${asked.path}` === path);
  }

  /** A step of a receipt's life, as KIAS or the office makes it. */
  move(id: string, state: string, extra: object = {}): void {
    const kept = this.kept.get(id);
    if (kept) kept.state = state;
    this.changes.push({ change: this.changes.length + 1, id, number: 'x', state, at: new Date().toISOString(), reason: '', text: '', amount: 100, receipt_date: '2026-11-22', issued_at: '2026-11-22T07:05:11.123Z', installation: this.session?.installation ?? '', acts: '', field: '', replaces: null, refunded: false, check: null, ...extra });
  }

  private async fetch(url: string, init: RequestInit): Promise<Response> {
    const headers = new Headers(init.headers);
    const raw = init.body ? Buffer.from(await new Response(init.body).arrayBuffer()) : Buffer.from('{}');
    const text = (headers.get('Content-Encoding') === 'gzip' ? gunzipSync(raw) : raw).toString('utf8');
    const asked: Asked = { method: init.method ?? 'GET', path: url.replace('/api/', ''), body: JSON.parse(text) as Record<string, unknown>, headers };
    this.asked.push(asked);
    const met = this.faults.find(({ path, times }) => times > 0 && asked.path.startsWith(path));
    const fault = typeof met?.fault === 'function' ? met.fault(asked) : (met?.fault ?? null);
    if (met && fault !== null) met.times -= 1;
    if (fault === 'cut') throw new TypeError('Failed to fetch');
    if (fault instanceof Response) return until(init.signal, fault.clone());
    const answer = await this.serve(asked);
    if (fault === 'lose') throw new TypeError('Failed to fetch');
    return answer;
  }

  private async serve({ method, path, body, headers }: Asked): Promise<Response> {
    if (method === 'POST' && headers.get('X-CSRF-Token') !== this.csrf) return refusal(403, 'csrf');
    const [name = '', query = ''] = path.split('?');
    switch (`${method} ${name}`) {
      case 'GET ping':
        return json(this.ping());
      case 'POST login/code':
        return json({ attempt: this.attempt || randomUUID(), sign: 'К7М3', office_phone: '+7 800 000-00-00', resend_after: 60, valid_for: 600, tries_left: 5 }, 202);
      case 'POST login/confirm':
        if (body.code !== '123456') return refusal(400, 'wrong_code', { tries_left: 4, field: 'code' });
        this.session = { agent: this.loginAs, installation: null };
        return json({ agent: this.loginAs });
      case 'POST logout':
        this.session = null;
        return json({});
    }
    if (!this.session) return refusal(401, 'login_required');
    if (name === 'installation') return this.register(body as { public_key: string; known: { id: string; code: string; counter: number } | null });
    if (!this.session.installation) return refusal(403, 'installation_required');
    switch (`${method} ${name}`) {
      case 'GET setup':
        return json(this.setup());
      case 'POST ping':
        return this.contact(body as { contact_token: string | null; counter: number; void_numbers: string[] });
      case 'POST numbers':
        return json({ number: this.reserve(this.session.installation), installation: this.session.installation });
      case 'POST receipts': {
        const answers = [];
        for (const envelope of body.envelopes as string[]) answers.push(await this.take(envelope)); // in their order, as the server does
        return json({ answers });
      }
      case 'POST notices/read':
        this.notices = this.notices.filter(({ id }) => !(body.ids as string[]).includes(id));
        return json({});
      case 'POST phone/code':
        return json({ attempt: randomUUID(), sign: 'К7М3', office_phone: '+7 800 000-00-00', resend_after: 60, valid_for: 600, tries_left: 5 }, 202);
      case 'POST phone/confirm':
        if (body.code !== '654321') return refusal(400, 'wrong_code', { tries_left: 4, field: 'code' });
        this.session.agent = { ...this.session.agent, phone_number: '+79000000099' };
        return json({ agent: this.session.agent });
      case 'POST receipts/status':
        return json({ receipts: (body.ids as string[]).map((id) => ({ id, result: this.kept.has(id) ? 'accepted' : 'unknown' })) });
      case 'GET states': {
        const after = Number(query.replace('after=', ''));
        const page = this.changes.slice(after, after + 3);
        return json({ changes: page, cursor: after + page.length, more: after + page.length < this.changes.length });
      }
      default:
        return refusal(404, 'not_found');
    }
  }

  private ping(): Record<string, unknown> {
    const installation = this.installations.get(this.session?.installation ?? '');
    return {
      agent: this.session?.agent ?? null,
      revoked: !this.session && this.revoked,
      session: this.session ? { ends_at: this.endsAt, ask_ahead: this.askAhead } : null,
      installation: installation ? { id: installation.id, code: installation.code, counter: installation.counter } : null,
      epoch: this.epoch,
      server_time: { time: this.time ?? new Date().toISOString(), signature: 'c2ln' },
      csrf: this.csrf,
    };
  }

  private reserve(installation: string): string | null {
    if (!this.reserved.has(installation) && this.nextOnline !== null) this.reserved.set(installation, `АВ-${String(this.nextOnline++).padStart(8, '0')}`);
    return this.reserved.get(installation) ?? null;
  }

  private contact({ contact_token, counter, void_numbers }: { contact_token: string | null; counter: number; void_numbers: string[] }): Response {
    const installation = this.installations.get(this.session?.installation ?? '');
    if (!installation) throw new Error('no installation');
    if (void_numbers.includes(this.reserved.get(installation.id) ?? '')) this.reserved.delete(installation.id);
    const known = this.tokens.get(installation.id);
    if (known !== undefined && known !== contact_token) installation.code = CODES[this.installations.size + 1] ?? 'ЕЕЕЕЕ';
    const token = randomUUID();
    this.tokens.set(installation.id, token);
    installation.counter = this.forgetful ? 7 : Math.max(installation.counter, counter);
    return json({ ...this.ping(), contact_token: token, highest: this.changes.length, notices: this.notices, elsewhere: this.elsewhere, backed_up_until: this.backedUpUntil });
  }

  private register({ public_key, known }: { public_key: string; known: { id: string; code: string; counter: number } | null }): Response {
    const agent = this.session?.agent ?? AGENT;
    let found = [...this.installations.values()].find(({ key }) => key === public_key);
    if (found && (found.agent.id !== agent.id || found.revoked)) return refusal(400, 'foreign_key');
    found ??= { id: known?.id ?? randomUUID(), code: known?.code ?? CODES[this.installations.size] ?? 'ЕЕЕЕЕ', counter: known?.counter ?? 0, agent, key: public_key, revoked: false };
    this.installations.set(found.id, found);
    this.session = { agent, installation: found.id };
    return json({ installation: { id: found.id, code: found.code, counter: found.counter } });
  }

  private async take(envelope: string): Promise<Record<string, unknown>> {
    const header = JSON.parse(Buffer.from(envelope.split('.')[1] ?? '', 'base64url').toString('utf8')) as { id: string; installation: string };
    const scripted = this.results.get(header.id);
    if (scripted) return { id: header.id, ...scripted };
    const signer = this.installations.get(header.installation);
    const opened = await openEnvelope(envelope, this.sealing.privateKey, signer?.key ?? '');
    if (!opened.signed) throw new Error('bad signature');
    if (this.kept.has(header.id)) return { id: header.id, result: 'already_accepted', state: this.kept.get(header.id)?.state };
    if (this.reserved.get(header.installation) === opened.header.number) this.reserved.delete(header.installation);
    const { receipt } = opened.content as { receipt?: string };
    if (opened.header.kind === 'withdrawal' && receipt !== undefined) {
      if (!this.kept.has(receipt)) return { id: header.id, result: 'later', reason: 'receipt_first' };
      const done = this.kept.get(receipt)?.state === 'accepted';
      if (done) this.move(receipt, 'annulled', { reason: 'withdrawn', text: 'ошибка в сумме' });
      this.kept.set(header.id, { id: header.id, envelope, state: 'accepted', agent: signer?.agent.id ?? '' });
      return { id: header.id, result: 'accepted', state: this.kept.get(receipt)?.state };
    }
    this.kept.set(header.id, { id: header.id, envelope, state: 'accepted', agent: signer?.agent.id ?? '' });
    return { id: header.id, result: 'accepted', state: 'accepted' };
  }

  private setup(): Record<string, unknown> {
    return {
      sealing_key: { id: this.sealing.id, public_key: this.sealing.publicText },
      products: [
        { code: 'osago', name: 'ОСАГО', series_pattern: '[А-Я]{3}', number_pattern: '\\d{10}', default_series: 'ХХХ' },
        { code: 'kasko', name: 'КАСКО', series_pattern: '', number_pattern: '', default_series: '' },
      ],
      payment_forms: [
        { code: 'cash', name: 'Наличные', is_cash: true, reference_label: '', reference_pattern: '' },
        { code: 'card', name: 'Карта', is_cash: false, reference_label: 'Код операции со слипа (RRN, 12 цифр)', reference_pattern: '\\d{12}' },
      ],
      document_kinds: [{ code: 'passport_rf', name: 'Паспорт РФ', pattern: '' }],
      backdate_days: 3,
      withdraw_minutes: 15,
      pin_required: false,
    };
  }
}
