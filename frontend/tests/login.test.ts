import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { holdTimers, idle, issueOne, loggedIn, newPhone, openTab, putAway, startedTab, until } from './support/phone';
import { AGENT, OTHER_AGENT, Server, portal, refusal } from './support/server';

let server: Server;
beforeEach(async () => {
  holdTimers();
  newPhone();
  server = await Server.start();
});
afterEach(() => putAway(server));

describe('login', () => {
  it('registers this browser and can issue at once', async () => {
    const tab = await loggedIn();
    expect(tab.session.value).toMatchObject({ kind: 'agent', agent: AGENT, confirmed: true, installation: { code: 'К7М3Т' } });
    expect(tab.setup.value?.products).toHaveLength(2);
    expect(tab.pendingLogin.value).toBeNull();
  });

  it('keeps the typed number and the code over a reload', async () => {
    const tab = await openTab();
    await tab.requestCode('8 900 000-00-01');
    tab.rememberTyped({ code: '12345' });
    await until(async () => (await tab.meta.getMeta('pending_login'))?.code === '12345');
    const reloaded = await startedTab();
    expect(reloaded.pendingLogin.value).toMatchObject({ phone_number: '8 900 000-00-01', code: '12345', attempt: { again: false } });
  });

  it('says how many tries are left after a wrong code', async () => {
    const tab = await openTab();
    await tab.requestCode('89000000001');
    expect(await tab.confirmCode('000000')).toMatchObject({ kind: 'refused', problem: { code: 'wrong_code', tries_left: 4, field: 'code' } });
    expect(tab.pendingLogin.value).toMatchObject({ code: '', attempt: { again: false } });
  });

  it('f01: a registration whose answer was lost gets the same installation with the same key', async () => {
    const tab = await openTab();
    await tab.requestCode('89000000001');
    server.fail('installation', 'lose');
    expect((await tab.confirmCode('123456')).kind).toBe('offline');
    await tab.probe();
    expect(tab.session.value).toMatchObject({ kind: 'agent', confirmed: true });
    expect(server.installations.size).toBe(1);
  });

  it('f01: a known agent’s registration whose answer was lost is finished by the next ping, too', async () => {
    await (await loggedIn()).logout();
    server.loginAs = OTHER_AGENT;
    const tab = await loggedIn();
    server.loginAs = AGENT;
    await tab.requestCode('89000000001');
    server.fail('installation', 'lose');
    expect((await tab.confirmCode('123456')).kind).toBe('offline');
    server.fail('ping', ({ method }) => (method === 'GET' ? 'cut' : null));
    server.asked = [];
    await tab.drainNow(); // the phone still believes in the other agent, the session is this one's
    expect(server.asked.map(({ method, path }) => `${method} ${path}`)).toEqual(['GET ping']);
    await tab.probe();
    expect(tab.session.value).toMatchObject({ kind: 'agent', agent: AGENT, confirmed: true });
    expect(server.installations.size).toBe(2);
  });

  it('a session of an installation that this phone does not hold is no login', async () => {
    await loggedIn();
    newPhone(); // its storage is wiped, the cookie is not
    server.asked = [];
    const tab = await openTab();
    await tab.refresh();
    await tab.probe();
    expect(tab.session.value).toEqual({ kind: 'guest' });
    expect(server.calls('POST installation')).toHaveLength(0);
  });

  it('f02, f20: logging in again keeps installation, code and counter', async () => {
    const tab = await loggedIn();
    const first = await issueOne(tab);
    await idle();
    await tab.logout();
    expect(tab.session.value.kind).toBe('guest');
    const again = await loggedIn();
    const second = await issueOne(again);
    expect(server.installations.size).toBe(1);
    expect([first.number.slice(3, 8), second.number.slice(3, 8)]).toEqual(['К7М3Т', 'К7М3Т']);
    expect(Number(second.number.slice(9, 14))).toBe(Number(first.number.slice(9, 14)) + 1);
  });

  it('f35: a revoked key is replaced once and offered no more', async () => {
    const tab = await loggedIn();
    for (const installation of server.installations.values()) installation.revoked = true;
    await tab.logout();
    await loggedIn();
    const third = await loggedIn();
    expect(server.installations.size).toBe(2);
    expect(third.session.value).toMatchObject({ installation: { code: 'А2В4Е' } });
  });

  it('f25: another agent on this phone sees nothing of the first one and carries what waits', async () => {
    const tab = await loggedIn();
    server.fail('ping', 'cut', 99);
    const receipt = await issueOne(tab);
    await idle();
    server.heal();
    await tab.logout();
    server.fail('ping', (asked) => (asked.method === 'POST' ? 'cut' : null), 4);
    server.loginAs = OTHER_AGENT;
    const other = await loggedIn();
    expect(other.session.value).toMatchObject({ agent: OTHER_AGENT });
    expect(other.receipts.value).toEqual([]);
    expect(other.waitingTotals.value.count).toBe(0);
    expect(other.othersWaiting.value).toEqual({ count: 1, sum: 324_550 });
    server.heal();
    expect(await other.drainNow()).toEqual({ kind: 'done', sent: 1, kept: 0 });
    expect(server.kept.get(receipt.id)?.agent).toBe(AGENT.id);
    expect(other.othersWaiting.value.count).toBe(0);
  });

  it('f27: a captive portal during the login is named, not believed', async () => {
    const tab = await openTab();
    server.fail('', portal(), 99);
    expect((await tab.requestCode('89000000001')).kind).toBe('foreign_page');
    expect(tab.connection.value).toBe('foreign_page');
  });

  it('ends the session at the next contact when it was ended without network', async () => {
    const tab = await loggedIn();
    server.fail('', 'cut', 2);
    await tab.logout();
    expect(tab.session.value.kind).toBe('guest');
    expect(server.session).not.toBeNull();
    server.heal();
    await tab.probe();
    expect(server.session).toBeNull();
  });

  it('repeats a call once after a stale csrf token', async () => {
    const tab = await loggedIn();
    server.csrf = 'csrf-2';
    expect(await tab.drainNow()).toEqual({ kind: 'nothing' });
    server.fail('ping', refusal(403, 'csrf'), 99);
    expect((await tab.drainNow()).kind).toBe('refused');
  });

  it('p16: knows when the code was sent again: then the office may be asked for one', async () => {
    const tab = await openTab();
    await tab.requestCode('89000000001');
    expect(tab.pendingLogin.value?.attempt).toMatchObject({ sign: 'К7М3', again: false });
    server.attempt = tab.pendingLogin.value?.attempt?.id ?? '';
    await tab.requestCode('89000000001');
    expect(tab.pendingLogin.value?.attempt).toMatchObject({ sign: 'К7М3', again: true });
  });

  it('p16: asks ahead as the ping says, and no more after the login, on the same installation', async () => {
    const tab = await loggedIn();
    await tab.probe();
    expect(tab.session.value).toMatchObject({ confirmed: true, ask_ahead: false });
    server.askAhead = true;
    await tab.probe();
    expect(tab.session.value).toMatchObject({ confirmed: true, ask_ahead: true });
    await issueOne(tab); // the session is read again from the phone's own memory
    expect(tab.session.value).toMatchObject({ ask_ahead: true });
    await tab.requestCode('89000000001');
    server.askAhead = false;
    expect((await tab.confirmCode('123456')).kind).toBe('ok');
    expect(tab.session.value).toMatchObject({ confirmed: true, ask_ahead: false, installation: { code: 'К7М3Т' } });
    expect(server.installations.size).toBe(1);
  });

  it('f26: remembers over a start without network when the session ends', async () => {
    const tab = await loggedIn();
    await tab.probe();
    const ends = tab.sessionEnds.value;
    expect(new Date(ends).toISOString()).toBe(server.endsAt);
    server.fail('', 'cut', 99);
    const reopened = await startedTab();
    expect(reopened.sessionEnds.value).toBe(ends);
  });
});
