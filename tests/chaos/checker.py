"""The independent checker: three ledgers in, what is wrong with them out. Knows the promise, not the product.

The promise: a receipt shown as saved is never lost, never doubled, never renumbered; whatever became of it
stands in its history without holes, and the money is the same in all three ledgers, to the kopeck.
"""

import sys
from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from tests.chaos.books import Books, Document, Row

#: the life of a receipt as docs/states.md tells agents and office, written down a second time on purpose
MAY_FOLLOW = {
    "": {"accepted", "held"},
    "accepted": {"registered", "fiscalised", "held", "rejected", "annulled"},
    "held": {"accepted", "annulled"},
    "registered": {"fiscalised", "held"},
    "rejected": {"accepted", "held", "annulled"},
    "fiscalised": set(),
    "annulled": set(),
}
ENDS = ("fiscalised", "held", "rejected", "annulled")
IN_KIAS = {"registered", "fiscalised"}
#: reasons to hold that speak of a document in KIAS
HELD_OVER_KIAS = {"doubled_in_kias", "number_taken_in_kias"}
TAKEN = {"accepted", "already_accepted", "held"}


@dataclass(frozen=True, order=True)
class Finding:
    """One breach: `kind` for machines, `what` (an id, an agent, a state), words for people."""

    kind: str
    what: str
    words: str


@dataclass(frozen=True)
class Verdict:
    """What the checker has found, and the sums that it compared."""

    findings: tuple[Finding, ...]
    #: state → receipts and kopecks
    counted: dict[str, tuple[int, int]]
    #: calls that KIAS has seen under way together, and how many are allowed
    at_once: tuple[int, int]

    def of(self, *kinds: str) -> tuple[Finding, ...]:
        return tuple(each for each in self.findings if each.kind in kinds)

    def beside(self, *kinds: str) -> tuple[Finding, ...]:
        """Everything but these kinds."""
        return tuple(each for each in self.findings if each.kind not in kinds)

    @property
    def words(self) -> str:
        """For people: the sums by state, then every breach (the first hundred)."""
        lines = [
            f"{state:12} {n:6} receipts {sum_ / 100:16,.2f}" for state, (n, sum_) in self.counted.items()
        ]
        lines.append("{} calls to KIAS at once at most, {} allowed".format(*self.at_once))
        kinds = Counter(each.kind for each in self.findings)
        zero = {kind: kinds.get(kind, 0) for kind in ("lost", "twice", "renumbered")}
        lines.append(", ".join(f"{kind} {n}" for kind, n in (zero | kinds).items()))
        lines += [f"  {each.kind}: {each.what}: {each.words}" for each in self.findings[:100]]
        return "\n".join(lines)


def check(books: Books) -> Verdict:
    """Compare the three ledgers. An empty `findings` means that the sum closes."""
    findings = [
        *_phones_against_ours(books),
        *_ours_against_kias(books),
        *_invented(books),
        *_withdrawals(books),
        *_history(books),
        *_feeds(books),
        *_readers(books),
        *_sums(books),
        *_reconciled(books),
        *_bound(books),
    ]
    counted = {}
    for state in sorted({row.state for row in books.rows}, key=lambda state: (state not in ENDS, state)):
        amounts = [row.amount for row in books.rows if row.state == state]
        counted[state] = (len(amounts), sum(amounts))
    at_once = (books.most_at_once, books.allowed_at_once)
    return Verdict(tuple(sorted(set(findings))), counted, at_once)


def _by_id(rows: tuple[Row, ...]) -> dict[str, Row]:
    return {row.id: row for row in rows}


def _documents(books: Books) -> dict[str, list[Document]]:
    found: dict[str, list[Document]] = defaultdict(list)
    for document in books.documents:
        found[document.id].append(document)
    return found


def _phones_against_ours(books: Books) -> Iterator[Finding]:
    ours, aside = _by_id(books.rows), set(books.kept_aside)
    for saved in books.saved:
        row, told = ours.get(saved.id), TAKEN & set(saved.answers)
        if row is None and saved.id not in aside:
            words = (
                f"the server said {sorted(told)} and has it not" if told else "it never reached the server"
            )
            yield Finding("lost", saved.id, f"{saved.number}: {words}")
        if not told:
            yield Finding("unanswered", saved.id, f"{saved.number} still waits on its phone")
        if row is None:
            continue
        if row.number != saved.number:
            yield Finding("renumbered", saved.id, f"{saved.number} on the phone, {row.number} on the server")
        if row.amount != saved.amount:
            yield Finding("sum", saved.id, f"{saved.amount} kopecks on the phone, {row.amount} on the server")
        if row.agent != saved.agent:
            yield Finding("stranger", saved.id, f"issued by {saved.agent}, kept under {row.agent}")
    for number, times in Counter(row.number for row in books.rows).items():
        if times > 1:
            yield Finding("twice", number, f"{times} receipts on the server carry this number")


def _ours_against_kias(books: Books) -> Iterator[Finding]:
    found = _documents(books)
    numbers = Counter(document.number for document in books.documents)
    for row in books.rows:
        documents = found.get(row.id, [])
        if len(documents) > 1 or numbers[row.number] > max(1, len(documents)):
            isns = [each.isn for each in books.documents if row.id == each.id or row.number == each.number]
            yield Finding("twice", row.id, f"{row.number} in KIAS as {', '.join(isns)}")
        for document in documents:
            if document.number != row.number:
                yield Finding("renumbered", row.id, f"{row.number}, but {document.number} in KIAS")
            if document.amount != row.amount:
                yield Finding("sum", row.id, f"{row.amount} kopecks, but {document.amount} in KIAS")
        if row.state in IN_KIAS:
            yield from _is_the_document(row, documents)
        elif documents and not (row.state == "held" and row.reason in HELD_OVER_KIAS):
            yield Finding("unknown_to_us", row.id, f"{row.state} here, but in KIAS as {documents[0].isn}")
        if row.state not in ENDS:
            yield Finding("unfinished", row.id, f"{row.number} is {row.state} and all is at rest")


def _is_the_document(row: Row, documents: list[Document]) -> Iterator[Finding]:
    document = next((each for each in documents if each.isn == row.isn), None)
    if not documents:
        yield Finding("lost", row.id, f"{row.number} is {row.state}, but KIAS does not have it")
    elif document is None:
        yield Finding("wrong_isn", row.id, f"ISN {row.isn} here, {documents[0].isn} in KIAS")
    elif row.state == "fiscalised" and (row.check != document.check or not all(row.check)):
        yield Finding("wrong_check", row.id, f"check {row.check} here, {document.check} in KIAS")


def _invented(books: Books) -> Iterator[Finding]:
    phones, ours = {saved.id for saved in books.saved}, set(_by_id(books.rows))
    for row in books.rows:
        if row.id not in phones:
            yield Finding("invented", row.id, f"{row.number} is on the server, no phone has issued it")
    for document in books.documents:
        if document.id not in ours:
            yield Finding("invented", document.id or document.isn, f"{document.number} is in KIAS only")


def _withdrawals(books: Books) -> Iterator[Finding]:
    ours = _by_id(books.rows)
    for saved in books.saved:
        if not saved.withdrawal or saved.withdrawal in books.kept_aside:
            continue
        effect = books.withdrawals.get(saved.withdrawal)
        state = ours[saved.id].state if saved.id in ours else ""
        if effect is None:
            yield Finding("lost", saved.withdrawal, f"the withdrawal of {saved.number}")
        elif effect == "annulled" and state != "annulled":
            yield Finding("withdrawal", saved.id, f"annulled by its agent, but {state}")
        if not TAKEN & set(saved.withdrawal_answers):
            yield Finding("unanswered", saved.withdrawal, f"the withdrawal of {saved.number} still waits")


def _history(books: Books) -> Iterator[Finding]:
    steps = defaultdict(list)
    for event in sorted(books.events, key=lambda event: (event.agent, event.change)):
        steps[event.id].append(event)
    for row in books.rows:
        state, at = "", ""
        for event in steps.pop(row.id, []):
            if event.reason != "contact_corrected" and event.state not in MAY_FOLLOW.get(state, set()):
                yield Finding("history", row.id, f"{state or 'nothing'} → {event.state}")
            if not event.at or event.at < at:
                yield Finding("history", row.id, f"{event.state} at {event.at or 'no time'} after {at}")
            if event.agent != row.agent:
                yield Finding("history", row.id, f"{event.state} stands in the feed of {event.agent}")
            state, at = event.state, event.at
        if state != row.state:
            yield Finding("history", row.id, f"it ends with {state or 'nothing'}, the receipt is {row.state}")
    for receipt_id in steps:
        yield Finding("history", receipt_id, "a history without its receipt")


def _feeds(books: Books) -> Iterator[Finding]:
    changes = defaultdict(list)
    for event in books.events:
        changes[event.agent].append(event.change)
    for agent in sorted(books.feeds.keys() | changes.keys()):
        there, last = sorted(changes[agent]), books.feeds.get(agent, 0)
        if there != list(range(1, last + 1)):
            missing = sorted(set(range(1, last + 1)) - set(there))
            yield Finding(
                "feed", agent, f"{len(there)} changes, the counter says {last}, missing {missing[:9]}"
            )


def _readers(books: Books) -> Iterator[Finding]:
    """Whoever read by his cursor, in the middle of everything, has seen each change once and as it is."""
    truth = defaultdict(list)
    for event in sorted(books.events, key=lambda event: event.change):
        truth[event.agent].append((event.change, event.id, event.state))
    for agent, heard in books.heard.items():
        seen = [(each.change, each.id, each.state) for each in heard]
        if seen != truth[agent]:
            missed = sorted(set(truth[agent]) - set(seen)) or sorted(set(seen) - set(truth[agent]))
            words = f"differs at {missed[0]}" if missed else "read out of order or twice"
            yield Finding("reader", agent, f"{len(seen)} changes read of {len(truth[agent])}, {words}")


def _sums(books: Books) -> Iterator[Finding]:
    """Kopecks by state: by the phones' own amounts and last words, by our rows, by KIAS's documents.

    A double is named as such; here each receipt's money is counted once.
    """
    last = {each.id: each.state for heard in books.heard.values() for each in heard}
    readers = set(books.heard)
    by_phone: Counter[str] = Counter()
    by_us: Counter[str] = Counter()
    for saved in books.saved:
        if saved.agent in readers and saved.id not in books.kept_aside:
            by_phone[last.get(saved.id, "waiting")] += saved.amount
    for row in books.rows:
        if row.agent in readers:
            by_us[row.state] += row.amount
    for state in sorted(by_phone.keys() | by_us.keys()):
        if by_phone[state] != by_us[state]:
            yield Finding("sum", state, f"{by_phone[state]} kopecks on the phones, {by_us[state]} with us")
    in_question = {row.id for row in books.rows if row.state == "held" and row.reason in HELD_OVER_KIAS}
    each_once = {each.id or each.isn: each.amount for each in books.documents if each.id not in in_question}
    with_us, with_kias = sum(by_us[state] for state in IN_KIAS), sum(each_once.values())
    if with_us != with_kias:
        yield Finding("sum", "in KIAS", f"{with_us} kopecks with us, {with_kias} in KIAS")


def doubles(books: Books) -> dict[str, tuple[str, ...]]:
    """Receipt id → the ISNs of its documents, where KIAS has more than one."""
    return {
        receipt: tuple(each.isn for each in documents)
        for receipt, documents in _documents(books).items()
        if receipt and len(documents) > 1
    }


def _reconciled(books: Books) -> Iterator[Finding]:
    """Where our reconciliation has run, it must have named every double, and nothing else as one."""
    if books.named_twice is None:
        return
    real = {isn for isns in doubles(books).values() for isn in isns}
    for isn in sorted(real - set(books.named_twice)):
        yield Finding("unreconciled", isn, "a double that reconciliation has not found")
    for isn in sorted(set(books.named_twice) - real):
        yield Finding("unreconciled", isn, "called a double by reconciliation, and is none")


def _bound(books: Books) -> Iterator[Finding]:
    """However many workers die and start, KIAS never sees more callers at once than it was promised."""
    if not 1 <= books.most_at_once <= books.allowed_at_once:
        words = f"{books.most_at_once} calls at once, {books.allowed_at_once} are allowed"
        yield Finding("bound", "KIAS", words)


def main() -> int:
    """Check books that a run has stored."""
    verdict = check(Books.load(Path(sys.argv[1])))
    print(verdict.words)
    return 1 if verdict.findings else 0


if __name__ == "__main__":
    sys.exit(main())
