/** A dismissed agent, a revoked phone, notices, a new number: what the engine makes of the server's words. */
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { holdTimers, idle, issueAndSend, issueOne, loggedIn, newPhone, openTab, putAway, until } from './support/phone';
import { AGENT, OTHER_AGENT, Server, refusal } from './support/server';

let server: Server;
beforeEach(async () => {
  newPhone();
  holdTimers();
  server = await Server.start();
});
afterEach(async () => {
  await putAway(server);
  vi.useRealTimers();
});

const notice = (id: string) => ({ id, kind: 'new_login', text: `Вход ${id}`, at: '2026-11-22T07:05:11.123Z' });

describe('p17: a dismissed agent', () => {
  const dismiss = () => {
    if (server.session) server.session.agent = { ...AGENT, status: 'handover_only' as 'working' };
  };

  it('is told so by the next ping, and may issue again when he works again', async () => {
    const tab = await loggedIn();
    expect(tab.mayIssue.value).toBe(true);
    dismiss();
    await tab.probe();
    expect(tab.mayIssue.value).toBe(false);
    const later = await openTab();
    await later.refresh();
    expect(later.mayIssue.value).toBe(false); // kept: a start without network knows it, too
    if (server.session) server.session.agent = AGENT;
    await tab.probe();
    expect(tab.mayIssue.value).toBe(true);
  });

  it('hands over; that he reads nothing is no failure of sending', async () => {
    const tab = await loggedIn();
    server.fail('receipts', 'cut', 3);
    const receipt = await issueAndSend(tab);
    dismiss();
    server.heal();
    server.fail('states', () => refusal(403, 'not_allowed'), Infinity);
    expect(await tab.drainNow()).toEqual({ kind: 'done', sent: 1, kept: 0 });
    expect(server.kept.has(receipt.id)).toBe(true);
    const asked = server.calls('GET states?after=0').length;
    expect(await tab.drainNow()).toEqual({ kind: 'nothing' });
    expect(server.calls('GET states?after=0')).toHaveLength(asked + 1);
    await vi.advanceTimersByTimeAsync(120_000); // two minutes: nothing is asked in a loop
    await idle();
    expect(server.calls('GET states?after=0').length).toBeLessThanOrEqual(asked + 1);
  });
});

describe('f35: a revoked phone', () => {
  it('knows why its session is gone, keeps everything, and becomes a new installation at its next login', async () => {
    const tab = await loggedIn();
    const before = tab.session.value;
    if (before.kind !== 'agent') throw new Error('not logged in');
    server.fail('receipts', 'cut', Infinity);
    const receipt = await issueOne(tab);
    await until(() => !tab.sending.value.active);
    server.heal();
    for (const installation of server.installations.values()) installation.revoked = true;
    server.session = null;
    server.revoked = true;
    await tab.probe();
    await until(() => tab.session.value.kind === 'agent' && tab.session.value.revoked);
    expect(tab.session.value).toMatchObject({ confirmed: false, revoked: true, installation: before.installation });
    expect(tab.receipts.value?.map(({ id, state }) => [id, state])).toEqual([[receipt.id, 'waiting']]);

    await tab.confirmCode('123456');
    await until(() => server.kept.has(receipt.id));
    expect(tab.session.value).toMatchObject({ confirmed: true, revoked: false });
    expect(tab.session.value).not.toMatchObject({ installation: before.installation });
    const offered = server.calls('POST installation').map(({ body }) => (body.known as { id: string } | null)?.id);
    expect(offered).not.toContain(before.installation.id); // the old key is offered no more
    expect(tab.receipts.value).toHaveLength(1);
  });

  it('loses no form: what was typed goes on under a new number, linked as it was, once and for all tabs', async () => {
    const tab = await loggedIn();
    const first = await issueAndSend(tab);
    const begun = await tab.reissue(first.id);
    if (begun.kind !== 'open') throw new Error(begun.kind);
    const typed = { ...begun.draft.fields, insurant: 'Орлова Вера Ильинична' };
    await tab.saveDraft(begun.draft.id, typed);
    for (const installation of server.installations.values()) installation.revoked = true;
    server.session = null;
    server.revoked = true;
    await tab.probe();
    await tab.confirmCode('123456');
    await until(() => !tab.sending.value.active);

    const other = await openTab();
    await other.refresh();
    const [here, there] = await Promise.all([tab.openDraft(), other.openDraft()]);
    if (here.kind !== 'open') throw new Error(here.kind);
    expect(there).toEqual(here);
    const { id, fields, number, replaces, installation } = here.draft;
    expect({ id, fields, replaces }).toEqual({ id: begun.draft.id, fields: typed, replaces: { id: first.id, number: first.number } });
    expect(tab.session.value).toMatchObject({ installation: { id: installation } });
    expect(number).not.toBe(begun.draft.number);
    expect(await tab.issue(id, fields)).toMatchObject({ kind: 'saved', receipt: { number, installation } });
    await until(() => !tab.sending.value.active);
    expect(await tab.openDraft()).not.toMatchObject({ draft: { id } }); // it came over once
  });

  it('f25: another agent on this phone finds nothing of that form', async () => {
    const tab = await loggedIn();
    const begun = await tab.openDraft();
    if (begun.kind !== 'open') throw new Error(begun.kind);
    await tab.saveDraft(begun.draft.id, { ...begun.draft.fields, insurant: 'Орлова Вера Ильинична' });
    await tab.logout();
    server.loginAs = OTHER_AGENT;
    await tab.confirmCode('123456');
    await tab.setPin(null);
    expect(await tab.openDraft()).toMatchObject({ kind: 'open', draft: { fields: { insurant: '' } } });
  });

  it('is not taken for revoked when its session has just run out', async () => {
    const tab = await loggedIn();
    server.session = null;
    await tab.probe();
    expect(tab.session.value).toMatchObject({ confirmed: false, revoked: false });
  });
});

describe('notices', () => {
  it('are shown until read; without a line it is remembered and told later', async () => {
    const tab = await loggedIn();
    server.notices = [notice('a'), notice('b')];
    server.elsewhere = { count: 2, sum: 649_100 };
    await tab.drainNow();
    expect(tab.notices.value.map(({ id }) => id)).toEqual(['a', 'b']);
    expect(tab.elsewhere.value).toEqual({ count: 2, sum: 649_100 });

    server.fail('', 'cut', Infinity);
    await tab.readNotice('a');
    expect(tab.notices.value.map(({ id }) => id)).toEqual(['b']);
    const later = await openTab();
    await later.refresh();
    expect(later.notices.value.map(({ id }) => id)).toEqual(['b']);

    server.heal();
    server.fail('notices/read', 'lose'); // done, but the answer is lost: told once more, shown no more
    await tab.drainNow();
    expect(tab.notices.value.map(({ id }) => id)).toEqual(['b']);
    await tab.drainNow();
    await tab.drainNow();
    expect(server.calls('POST notices/read').map(({ body }) => body.ids)).toEqual([['a'], ['a'], ['a']]);
    expect(tab.notices.value.map(({ id }) => id)).toEqual(['b']);
  });

  it('f25: are the agent’s own: the next one on this phone sees none of them', async () => {
    const tab = await loggedIn();
    server.notices = [notice('a')];
    await tab.drainNow();
    await tab.logout();
    expect(tab.notices.value).toEqual([]);
  });
});

describe('p25: a new number', () => {
  it('is known at once, on this phone and without network; receipts and phone stay his', async () => {
    const tab = await loggedIn();
    const receipt = await issueOne(tab);
    const asked = await tab.requestNumberCode('+79000000099');
    expect(asked).toMatchObject({ kind: 'ok', value: { phone_number: '+79000000099', attempt: { sign: '', again: false } } });
    expect(tab.pendingLogin.value).toBeNull(); // it is no login
    expect(await tab.confirmNumber('111111')).toMatchObject({ kind: 'refused', problem: { code: 'wrong_code' } });
    const before = tab.session.value;
    expect(await tab.confirmNumber('654321')).toMatchObject({ kind: 'ok' });
    const later = await openTab();
    await later.refresh();
    for (const each of [tab, later]) {
      expect(each.session.value).toMatchObject({ agent: { phone_number: '+79000000099' }, confirmed: true });
      expect(each.receipts.value?.map(({ id }) => id)).toEqual([receipt.id]);
    }
    expect(before).toMatchObject({ agent: { phone_number: AGENT.phone_number } });
  });
});
