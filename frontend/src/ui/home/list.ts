import { computed, effect, signal } from '../../signals';

import { foldNumber } from '../../domain/numbers';
import { type FoundReceipt, mayIssue, notCounted, receipts, searchReceipts, session } from '../../sync';
import { line, means } from '../connection/model';
import type { RowData } from '../kit/ReceiptRow';
import { byDay, byNewest, inKias, mergeRow, rowOf, totalsOf } from '../words/rows';

/** What stands in the search field. In memory only: it is a client's name or number. */
export const query = signal('');

interface Pages {
  agent: string;
  query: string;
  found: FoundReceipt[];
  next: string | null;
}

/** Names the server told in this page life: a row does not lose its name while another search is under way. */
const names = new Map<string, string>();

const told = signal<Pages | null>(null);
const agentId = (): string => (session.value.kind === 'agent' ? session.value.agent.id : '');
/** What the server told this agent: another one on this phone never sees it (F25). */
const pages = computed(() => (told.value?.agent === agentId() ? told.value : null));
const asking = signal(false);
const refused = signal<string | null>(null);

export const away = computed(() => line.value !== 'online');
/** Whether the server can be asked: without a confirmed login, or to a dismissed agent (P17), it tells nothing. */
const served = computed(() => !away.value && means.value.confirmed && mayIssue.value);
export const hasMore = computed(() => served.value && typeof pages.value?.next === 'string' && pages.value.query === query.value.trim());
/** The first answer to this search is still to come. */
export const loading = computed(
  () => served.value && pages.value?.query !== query.value.trim() && refused.value === null,
);
/** Why the server's list is missing, where nothing else on the screen says it. */
export const failed = computed(() => (served.value ? refused.value : null));
export const loadingMore = computed(() => asking.value && hasMore.value);

function fits(row: RowData, policy: string, text: string): boolean {
  const needle = text.toLocaleLowerCase('ru-RU');
  if (!needle) return true;
  const folded = foldNumber(text);
  return (
    row.insurant.toLocaleLowerCase('ru-RU').includes(needle) ||
    policy.toLocaleLowerCase('ru-RU').includes(needle) ||
    (folded !== '' && foldNumber(row.number).includes(folded))
  );
}

/** Everything that this phone knows of its agent's receipts. */
const everything = computed(() => {
  const rows = new Map<string, RowData>();
  for (const receipt of receipts.value) {
    const row = rowOf(receipt);
    row.insurant ||= names.get(row.id) ?? '';
    rows.set(row.id, row);
  }
  for (const found of pages.value?.found ?? []) {
    const local = rows.get(found.id);
    rows.set(found.id, local ? mergeRow(local, found) : found);
  }
  return rows;
});

/** Count and sum of each day, whatever the search and the line leave of its list; a chain counts once (P08, P35). */
export const dayTotals = computed(() => new Map(byDay([...everything.value.values()].sort(byNewest)).map(({ date, rows }) => [date, totalsOf(rows, notCounted.value)])));

/** What answers the search. */
const known = computed<RowData[]>(() => {
  const text = query.value.trim();
  const page = pages.value?.query === text ? pages.value : null;
  const found = new Set(page?.found.map(({ id }) => id));
  const oldest = page && page.next !== null ? page.found.at(-1) : undefined;
  const local = receipts.value.flatMap(({ id, fields }) => {
    const row = everything.value.get(id);
    if (!row || found.has(id)) return [];
    // older ones of the phone come with their page, or the list would show gaps
    if (oldest && row.state !== 'waiting' && byNewest(row, oldest) > 0) return [];
    return !text || fits(row, fields ? `${fields.policy_series} ${fields.policy_number} ${fields.insurant}` : '', text) ? [row] : [];
  });
  return [...local, ...[...found].flatMap((id) => everything.value.get(id) ?? [])].sort(byNewest);
});

/** With a line everything; without one only what KIAS does not have yet (spec 2, manual item 7). */
export const shown = computed(() => (away.value ? known.value.filter((row) => !inKias(row.state)) : known.value));
export const hidden = computed(() => (away.value ? known.value.filter((row) => inKias(row.state)) : []));

let latest = 0;

async function ask(text: string, before: string | null): Promise<void> {
  const turn = ++latest;
  asking.value = true;
  const agent = agentId();
  const answer = await searchReceipts(text, before);
  if (turn !== latest) return; // a later search has been typed meanwhile
  asking.value = false;
  if (answer.kind === 'ok') {
    for (const found of answer.value.receipts) names.set(found.id, found.insurant);
    const earlier = before === null ? [] : (pages.peek()?.found ?? []);
    told.value = { agent, query: text, found: [...earlier, ...answer.value.receipts], next: answer.value.next };
    refused.value = null;
  } else {
    refused.value =
      answer.kind === 'refused' ? answer.problem.message : 'Список с сервера не открылся.';
  }
}

export function showMore(): void {
  const next = pages.peek()?.next;
  if (typeof next === 'string' && !asking.peek()) void ask(query.peek().trim(), next);
}

export function tryAgain(): void {
  refused.value = null;
  void ask(query.peek().trim(), null);
}

/** Keeps the list in step with the search and the line while the home screen is open. Returns how to stop. */
export function watchList(): () => void {
  let asked = '';
  return effect(() => {
    const text = query.value.trim();
    if (!served.value) return;
    const timer = setTimeout(() => void ask(text, null), text === asked ? 0 : 300);
    asked = text;
    return () => clearTimeout(timer);
  });
}
