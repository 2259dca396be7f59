/** What a list is drawn from: a row that stays as it is stays the same, and a reading that finds nothing new tells nobody. */
import { afterEach, beforeEach, expect, it } from 'vitest';

import { issueOne, phoneAndServer, putAway } from './support/phone';
import type { Tab } from './support/phone';
import type { Server } from './support/server';

let server: Server;
let tab: Tab;
beforeEach(async () => {
  ({ server, tab } = await phoneAndServer());
  server.fail('', 'cut', Infinity); // what happens to a receipt is what the test does to it
});
afterEach(() => putAway(server));

const everything = () => [tab.receipts, tab.session, tab.setup, tab.notices, tab.elsewhere, tab.waitingTotals, tab.othersWaiting, tab.draft].map((one) => one.value);

it('an unchanged refresh draws nothing: whatever the screens read is the very same', async () => {
  await issueOne(tab);
  const opened = await tab.openDraft();
  if (opened.kind !== 'open') throw new Error(opened.kind);
  await tab.saveDraft(opened.draft.id, { ...opened.draft.fields, insurant: 'Сидорова' });
  await tab.refresh();
  const before = everything();
  expect(before).not.toContain(null);
  await tab.refresh();
  everything().forEach((value, at) => expect(value, `no. ${at}`).toBe(before[at]));
});

it('of two receipts the one that the server has taken is told anew, the other stays the same', async () => {
  await issueOne(tab);
  await issueOne(tab);
  await tab.refresh();
  const [newer, older] = tab.receipts.value;
  await tab.outbox.storeVerdicts([{ id: older!.id, state: 'accepted' }], '2026-11-22T08:00:00Z');
  await tab.refresh();
  expect(tab.receipts.value[0]).toBe(newer);
  expect(tab.receipts.value[1]).toMatchObject({ id: older!.id, state: 'accepted' });
});

it('a reason why a receipt still waits, and a withdrawal, are told though its readable row has not changed', async () => {
  const { id } = await issueOne(tab);
  await tab.refresh();
  await tab.outbox.storeVerdicts([{ id, later: 'foreign_page' }], '');
  await tab.refresh();
  expect(tab.receipts.value[0]).toMatchObject({ later_reason: 'foreign_page' });
  await tab.withdraw(id, 'amount', '');
  await tab.refresh();
  expect(tab.receipts.value[0]).toMatchObject({ withdrawal: { state: 'waiting' } });
});
