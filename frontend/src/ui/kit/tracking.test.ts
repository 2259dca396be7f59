/** What is drawn again, and what keeps its element: a list of hundreds of rows is on the screen while receipts come and go. */
import { createElement, Fragment, render, type VNode } from 'preact';
import { beforeEach, expect, it, vi } from 'vitest';

import * as dom from '../../../tests/support/dom';
import type { ReceiptState } from '../../domain/model';
import { signal } from '../../signals';
import { useState } from './hooks';
import { now, today } from './now';
import { ReceiptRow, type RowData } from './ReceiptRow';
import './tracking';

const formatMoney = vi.hoisted(() => vi.fn(String));
vi.mock('../../domain/money', () => ({ formatMoney }));

let root: dom.Node;
const show = (what: unknown) => render(what as VNode, root as never);
/** Preact draws what has changed in the next microtask. */
const drawn = () => new Promise((done) => setTimeout(done));

beforeEach(() => {
  vi.stubGlobal('document', dom.document);
  root = new dom.Node('main');
});

it('a component that is given the same is not drawn again; one prop that changes, comes or goes is enough', () => {
  const draw = vi.fn(({ word, note }: { word: string; note?: string }) => createElement('p', null, word, note));
  const give = (props: { word: string; note?: string }) => show(createElement(Fragment, null, createElement(draw, props)));
  give({ word: 'вчера' });
  const [element] = root.childNodes;
  give({ word: 'вчера' });
  expect(draw).toHaveBeenCalledTimes(1);
  give({ word: 'сегодня' });
  give({ word: 'сегодня', note: 'ждёт' });
  expect(root.textContent).toBe('сегодняждёт');
  give({ word: 'сегодня' });
  expect([draw.mock.calls.length, root.textContent]).toEqual([4, 'сегодня']);
  expect(root.childNodes[0]).toBe(element);
});

it('a component whose signal or state has changed is drawn again though it is given the same, also together with its parent', async () => {
  const minute = signal(1);
  const parts = signal(1);
  let setState: (next: number) => void = () => undefined;
  const Part = () => {
    const [state, set] = useState(0);
    setState = set;
    return createElement('p', null, `${minute.value} ${state}`);
  };
  const Whole = () => createElement(Fragment, null, parts.value, createElement(Part, null));
  show(createElement(Whole, null));
  minute.value = 2;
  parts.value = 2;
  await drawn();
  expect(root.textContent).toBe('22 0');
  setState(5);
  parts.value = 3;
  await drawn();
  expect(root.textContent).toBe('32 5');
  minute.value = 3; // it is still followed
  await drawn();
  expect(root.textContent).toBe('33 5');
});

it('of a list that is drawn again, rows that say the same keep their elements and nothing is written to them', async () => {
  const row = (id: string, state: ReceiptState = 'waiting'): RowData => ({ id, number: id, state, amount: 100, receipt_date: '', issued_at: '', insurant: 'Быкова А.' });
  const rows = signal([row('1'), row('2'), row('3')]);
  const List = () => createElement('ul', null, rows.value.map((each) => createElement(ReceiptRow, { ...each, key: each.id })));
  show(createElement(List, null));
  const [list] = root.childNodes;
  const before = [...list!.childNodes];
  const places = () => list!.childNodes.map((li) => before.indexOf(li));
  const written = vi.spyOn(dom.Node.prototype, 'setAttribute');
  rows.value = [row('1'), row('2'), row('3')];
  await drawn();
  expect([places(), written.mock.calls, formatMoney.mock.calls.length]).toEqual([[0, 1, 2], [], 3]);
  rows.value = [row('0'), row('1'), row('2', 'fiscalised'), row('3')];
  await drawn();
  expect([places(), formatMoney.mock.calls.length]).toEqual([[-1, 0, 1, 2], 5]);
  const touched = new Set(written.mock.contexts.map((element) => before.findIndex((li) => within(element as dom.Node, li))));
  expect([...touched].sort()).toEqual([-1, 1]); // the new one, and the second of before
});

it('what says a day is drawn again past midnight, not with every minute', async () => {
  now.value = new Date(2026, 10, 22, 23, 58);
  const draw = vi.fn(() => createElement('p', null, today.value));
  show(createElement(draw, null));
  now.value = new Date(2026, 10, 22, 23, 59);
  await drawn();
  expect(draw).toHaveBeenCalledTimes(1);
  now.value = new Date(2026, 10, 23);
  await drawn();
  expect(root.textContent).toBe('2026-11-23');
});

function within(element: dom.Node, around: dom.Node): boolean {
  for (let node: dom.Node | null = element; node; node = node.parentNode) if (node === around) return true;
  return false;
}
