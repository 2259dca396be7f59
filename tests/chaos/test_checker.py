"""The checker can fail: fed with falsified ledgers it names each lie, and an honest one it lets pass."""

from dataclasses import replace
from pathlib import Path

import pytest

from tests.chaos.books import Books, Document, Event, Heard, Row, Saved, kopecks
from tests.chaos.checker import check

AGENT = "agent-1"
CHECK = ("9251440300046840", "30001", "123456")


def saved(n: int, **changed: object) -> Saved:
    return replace(Saved(f"id-{n}", f"БС-{n}", 10_000 + n, AGENT, answers=("accepted",)), **changed)


def row(n: int, state: str, **changed: object) -> Row:
    done = {"isn": f"isn-{n}", "check": CHECK} if state == "fiscalised" else {}
    return replace(Row(f"id-{n}", f"БС-{n}", 10_000 + n, AGENT, state, **done), **changed)


def document(n: int, **changed: object) -> Document:
    return replace(Document(f"isn-{n}", f"id-{n}", f"БС-{n}", 10_000 + n, CHECK), **changed)


def steps(*states: tuple[int, str]) -> tuple[Event, ...]:
    return tuple(
        Event(AGENT, change, f"id-{n}", state, f"2026-11-23 10:00:{change:02}+00")
        for change, (n, state) in enumerate(states, 1)
    )


def heard(events: tuple[Event, ...]) -> dict[str, tuple[Heard, ...]]:
    return {AGENT: tuple(Heard(event.change, event.id, event.state) for event in events)}


LIVES = steps(
    (1, "accepted"), (2, "accepted"), (1, "registered"), (3, "held"), (1, "fiscalised"), (2, "rejected"),
    (4, "accepted"), (4, "annulled"),
)  # fmt: skip
HONEST = Books(
    saved=(
        saved(1),
        saved(2),
        saved(3, answers=("held",)),
        saved(4, withdrawal="w-4", withdrawal_answers=("accepted",)),
    ),
    heard=heard(LIVES),
    rows=(row(1, "fiscalised"), row(2, "rejected"), row(3, "held"), row(4, "annulled")),
    events=LIVES,
    feeds={AGENT: 8},
    documents=(document(1),),
    most_at_once=4,
    allowed_at_once=4,
    withdrawals={"w-4": "annulled"},
)


def with_events(events: tuple[Event, ...]) -> Books:
    """These events everywhere: in our database and in what the phones have read."""
    return replace(HONEST, events=events, heard=heard(events), feeds={AGENT: len(events)})


def kinds(books: Books) -> set[str]:
    return {finding.kind for finding in check(books).findings}


def test_honest_ledgers_pass_and_every_state_is_counted_with_its_money() -> None:
    verdict = check(HONEST)
    assert verdict.findings == ()
    assert verdict.counted == {
        "annulled": (1, 10_004), "fiscalised": (1, 10_001), "held": (1, 10_003), "rejected": (1, 10_002),
    }  # fmt: skip
    assert "lost 0, twice 0, renumbered 0" in verdict.words
    assert "4 calls to KIAS at once at most, 4 allowed" in verdict.words


def test_an_envelope_kept_aside_is_not_lost() -> None:
    aside = replace(HONEST, saved=(*HONEST.saved, saved(5, answers=("held",))), kept_aside=("id-5",))
    assert kinds(aside) == set()


@pytest.mark.parametrize(
    ("books", "kind", "what"),
    [
        (replace(HONEST, most_at_once=5), "bound", "KIAS"),
        (replace(HONEST, most_at_once=0), "bound", "KIAS"),  # nobody has counted
        (replace(HONEST, saved=(*HONEST.saved, saved(5))), "lost", "id-5"),
        (replace(HONEST, saved=(*HONEST.saved, saved(5, answers=()))), "lost", "id-5"),
        (replace(HONEST, documents=()), "lost", "id-1"),
        (replace(HONEST, withdrawals={}), "lost", "w-4"),
        (replace(HONEST, saved=(*HONEST.saved[:3], saved(4, answers=()))), "unanswered", "id-4"),
        (replace(HONEST, documents=(document(1), document(1, isn="isn-9"))), "twice", "id-1"),
        (replace(HONEST, documents=(document(1), document(1, isn="isn-9", id=""))), "twice", "id-1"),
        (replace(HONEST, rows=(*HONEST.rows, row(5, "held", number="БС-3"))), "twice", "БС-3"),
        (replace(HONEST, saved=(saved(1, number="БС-7"), *HONEST.saved[1:])), "renumbered", "id-1"),
        (replace(HONEST, documents=(document(1, number="БС-7"),)), "renumbered", "id-1"),
        (replace(HONEST, documents=(document(1, amount=10_002),)), "sum", "id-1"),
        (replace(HONEST, documents=(document(1, amount=10_002),)), "sum", "in KIAS"),
        (replace(HONEST, saved=(saved(1, amount=10_000), *HONEST.saved[1:])), "sum", "fiscalised"),
        (replace(HONEST, saved=(saved(1, agent="agent-2"), *HONEST.saved[1:])), "stranger", "id-1"),
        (replace(HONEST, documents=(document(1), document(2))), "unknown_to_us", "id-2"),
        (replace(HONEST, documents=(document(1), document(8))), "invented", "id-8"),
        (replace(HONEST, saved=HONEST.saved[1:]), "invented", "id-1"),
        (replace(HONEST, documents=(document(1, isn="isn-9"),)), "wrong_isn", "id-1"),
        (replace(HONEST, documents=(document(1, check=("1", "2", "3")),)), "wrong_check", "id-1"),
        (replace(HONEST, withdrawals={"w-4": "annulled"}, rows=(*HONEST.rows[:3], row(4, "held"))),
         "withdrawal", "id-4"),
        (replace(HONEST, rows=(row(1, "registered", isn="isn-1"), *HONEST.rows[1:])), "unfinished", "id-1"),
        (with_events(tuple(e for e in LIVES if (e.id, e.state) != ("id-1", "accepted"))), "history", "id-1"),
        (with_events(tuple(replace(e, at="") if e.change == 3 else e for e in LIVES)), "history", "id-1"),
        (with_events(tuple(replace(e, at="2026-11-22") if e.change == 3 else e for e in LIVES)),
         "history", "id-1"),
        (with_events(LIVES[:-1]), "history", "id-4"),
        (replace(HONEST, events=LIVES[:3] + LIVES[4:]), "feed", AGENT),
        (replace(HONEST, feeds={AGENT: 9}), "feed", AGENT),
        (replace(HONEST, heard={AGENT: HONEST.heard[AGENT][:5] + HONEST.heard[AGENT][6:]}), "reader", AGENT),
        (replace(HONEST, heard={AGENT: (*HONEST.heard[AGENT], HONEST.heard[AGENT][-1])}), "reader", AGENT),
    ],
)  # fmt: skip
def test_a_falsified_ledger_is_named(books: Books, kind: str, what: str) -> None:
    assert (kind, what) in {(finding.kind, finding.what) for finding in check(books).findings}


def test_a_double_that_reconciliation_names_passes_as_found_and_every_other_one_does_not() -> None:
    doubled = replace(HONEST, documents=(document(1), document(1, isn="isn-9")))
    assert kinds(replace(doubled, named_twice=("isn-1", "isn-9"))) == {"twice"}
    assert kinds(replace(doubled, named_twice=("isn-1",))) == {"twice", "unreconciled"}
    assert kinds(replace(HONEST, named_twice=("isn-1",))) == {"unreconciled"}


def test_kopecks_are_read_exactly_and_parts_of_one_are_refused() -> None:
    assert [kopecks(text) for text in ("0.01", "3245.50", "3245,5", "10 000")] == [
        1,
        324550,
        324550,
        1_000_000,
    ]
    with pytest.raises(ValueError, match="kopecks"):
        kopecks("1.005")


def test_stored_books_are_read_as_they_were(tmp_path: Path) -> None:
    HONEST.store(tmp_path / "books.json")
    assert Books.load(tmp_path / "books.json") == HONEST
