import { readFileSync } from 'node:fs';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { fromBase64, utf8 } from '../src/domain/bytes';
import { rescueEnd, rescueLines } from '../src/sync/rescue';
import { makeKeys } from '../src/sync/keys';
import type { OutboxRow } from '../src/store/schema';
import { issueOne, loggedIn, newPhone, openTab, putAway } from './support/phone';
import { AGENT, OTHER_AGENT, Server } from './support/server';

interface Case {
  name: string;
  made_at: string;
  installation: string;
  code: string;
  agent: string;
  rows: OutboxRow[];
  lines: string;
  digest: string;
}
const { made } = JSON.parse(readFileSync(new URL('../../tests/cases/rescue_file.json', import.meta.url), 'utf8')) as { made: Case[] };
const SIGN = { name: 'ECDSA', hash: 'SHA-256' };

describe('the rescue file (docs/protocol.md, «Rescue file»; the table is the server’s, too)', () => {
  beforeEach(() => {
    vi.spyOn(Date.prototype, 'getTimezoneOffset').mockReturnValue(-420);
  });
  afterEach(() => {
    vi.restoreAllMocks();
  });

  it.each(made)('is made line by line: $name', async ({ made_at, installation, code, agent, rows, lines, digest }) => {
    const maker = { id: installation, code, agent: { ...AGENT, id: agent } };
    expect(rescueLines(rows, maker, new Date(made_at))).toBe(lines);
    expect((await rescueEnd(lines, await makeKeys())).split('.')[1]).toBe(digest);
  });

  it('ends with the phone’s signature over the sum', async () => {
    const keys = await makeKeys();
    const [end, digest = '', signature = ''] = (await rescueEnd('kias-rescue1\n', keys)).trimEnd().split('.');
    expect(end).toBe('end');
    expect(await crypto.subtle.verify(SIGN, keys.publicKey, fromBase64(signature), utf8(`kias-rescue1.${digest}`))).toBe(true);
  });
});

describe('«Сохранить файл для офиса»', () => {
  let server: Server;
  beforeEach(async () => {
    newPhone();
    server = await Server.start();
  });
  afterEach(async () => {
    await putAway(server);
    vi.unstubAllGlobals();
  });

  async function text(tab: Awaited<ReturnType<typeof openTab>>): Promise<string[]> {
    return (await (await tab.rescueFile())?.text())?.trimEnd().split('\n') ?? [];
  }

  it('F33: holds the very envelopes that wait, and they go on waiting', async () => {
    const tab = await loggedIn();
    server.fail('', 'cut', Infinity);
    await issueOne(tab);
    await issueOne(tab);
    const rows = await tab.outbox.waitingEnvelopes();
    const [first, manifest = '', ...rest] = await text(tab);
    expect(first).toBe('kias-rescue1');
    expect(rest.slice(0, -1)).toEqual(rows.map(({ envelope }) => envelope));
    expect(JSON.parse(manifest)).toMatchObject({ count: 2, sum: 649_100, counters: [1, 2], agent: AGENT.id });
    expect(await tab.outbox.waitingEnvelopes()).toEqual(rows);
  });

  it('has a name in Latin letters that every phone can share', async () => {
    const tab = await loggedIn();
    server.fail('', 'cut', Infinity);
    await issueOne(tab);
    const file = await tab.rescueFile();
    expect(file?.name).toMatch(/^kias-BC-K7M3T-\d{4}-\d{2}-\d{2}\.kias\.txt$/);
    expect(file?.type).toBe('text/plain');
  });

  it('names nobody: what can be read in it is no personal data (P26)', async () => {
    const tab = await loggedIn();
    server.fail('', 'cut', Infinity);
    await issueOne(tab);
    const whole = (await text(tab)).join('\n');
    for (const said of ['Сидорова', 'Антонова', '0123456789', '0411', '9123456789', AGENT.phone_number]) expect(whole).not.toContain(said);
  });

  it('F35, P17: is made after a logout, too, by whoever issued what waits, without any network', async () => {
    const tab = await loggedIn();
    server.fail('', 'cut', Infinity);
    await issueOne(tab);
    await tab.logout();
    const fresh = await openTab();
    await fresh.refresh();
    expect(fresh.session.value.kind).toBe('guest');
    expect(JSON.parse((await text(fresh))[1] ?? '')).toMatchObject({ count: 1, agent: AGENT.id });
  });

  it('F25: carries what another agent left on this phone, unread', async () => {
    const tab = await loggedIn();
    server.fail('', 'cut', Infinity);
    await issueOne(tab);
    await tab.logout();
    server.heal();
    server.fail('receipts', 'cut', Infinity);
    server.loginAs = OTHER_AGENT;
    const other = await loggedIn();
    const [, manifest = '', ...rest] = await text(other);
    expect(JSON.parse(manifest)).toMatchObject({ count: 1, agent: OTHER_AGENT.id });
    expect(rest).toHaveLength(2);
  });

  it('F41: carries what a newer release stored and this one does not know, to the byte', async () => {
    const tab = await loggedIn();
    server.fail('', 'cut', Infinity);
    await issueOne(tab);
    const [row] = await tab.outbox.waitingEnvelopes();
    const newer = { ...row, id: `${row?.id.slice(0, -1) ?? ''}z`, kind: 'something', envelope: 'kias9.bmV3ZXI.eA', weight: 1 };
    await tab.db.strictly(['outbox'], (tx) => tx.objectStore('outbox').add(newer as unknown as OutboxRow));
    expect(await text(tab)).toContain('kias9.bmV3ZXI.eA');
  });

  it('where nothing waits there is no file', async () => {
    const tab = await loggedIn();
    expect(await tab.rescueFile()).toBeNull();
  });
});
