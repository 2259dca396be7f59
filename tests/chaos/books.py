"""Three ledgers as plain values: what the phones say, what our database says, what KIAS says.

Nothing of the product is imported here: the database is read by SQL, KIAS by the JSON of its books.
"""

import json
from dataclasses import asdict, dataclass, field
from decimal import Decimal
from pathlib import Path
from typing import Any

import psycopg


@dataclass(frozen=True)
class Saved:
    """One receipt that a phone has shown as saved. `amount` in kopecks; `answers` of the server, in order."""

    id: str
    number: str
    amount: int
    agent: str
    answers: tuple[str, ...] = ()
    withdrawal: str = ""
    withdrawal_answers: tuple[str, ...] = ()


@dataclass(frozen=True)
class Heard:
    """One change of an agent's feed as a phone read it during the chaos, or as our database tells it."""

    change: int
    id: str
    state: str


@dataclass(frozen=True)
class Row:
    """One receipt in our database."""

    id: str
    number: str
    amount: int
    agent: str
    state: str
    reason: str = ""
    isn: str = ""
    check: tuple[str, str, str] = ("", "", "")


@dataclass(frozen=True)
class Event:
    """One step of a receipt's history; `at` as ISO 8601, empty where there is none."""

    agent: str
    change: int
    id: str
    state: str
    at: str
    reason: str = ""


@dataclass(frozen=True)
class Document:
    """One document in KIAS's books. `amount` in kopecks."""

    isn: str
    id: str
    number: str
    amount: int
    check: tuple[str, str, str] = ("", "", "")


@dataclass(frozen=True)
class Books:
    """All that the checker is given. `heard` and `feeds` by agent; `kept_aside` are ids held as envelopes;
    `named_twice` the ISNs of doubles that our reconciliation has found, None where it has not run;
    `most_at_once` the calls that KIAS has seen under way together, of `allowed_at_once`."""

    saved: tuple[Saved, ...]
    heard: dict[str, tuple[Heard, ...]]
    rows: tuple[Row, ...]
    events: tuple[Event, ...]
    feeds: dict[str, int]
    documents: tuple[Document, ...]
    most_at_once: int
    allowed_at_once: int
    withdrawals: dict[str, str] = field(default_factory=dict)
    kept_aside: tuple[str, ...] = ()
    named_twice: tuple[str, ...] | None = None

    def store(self, path: Path) -> None:
        """As JSON, for whoever wants to look again: `python -m tests.chaos.checker FILE`."""
        path.write_text(json.dumps(asdict(self), ensure_ascii=False, indent=1), encoding="utf-8")

    @classmethod
    def load(cls, path: Path) -> "Books":
        told = json.loads(path.read_text(encoding="utf-8"))
        return cls(
            saved=tuple(Saved(**_tuples(each)) for each in told["saved"]),
            heard={who: tuple(Heard(**each) for each in heard) for who, heard in told["heard"].items()},
            rows=tuple(Row(**_tuples(each)) for each in told["rows"]),
            events=tuple(Event(**each) for each in told["events"]),
            feeds=told["feeds"],
            documents=tuple(Document(**_tuples(each)) for each in told["documents"]),
            most_at_once=told["most_at_once"],
            allowed_at_once=told["allowed_at_once"],
            withdrawals=told["withdrawals"],
            kept_aside=tuple(told["kept_aside"]),
            named_twice=None if told["named_twice"] is None else tuple(told["named_twice"]),
        )


def _tuples(given: dict[str, Any]) -> dict[str, Any]:
    return {key: tuple(value) if isinstance(value, list) else value for key, value in given.items()}


def kopecks(roubles: str) -> int:
    """`3245.50` or `3245,5` as kopecks, exactly. Raises `ValueError` for parts of a kopeck."""
    exact = Decimal(roubles.replace(",", ".").replace(" ", "")) * 100
    if exact != exact.to_integral_value():
        raise ValueError(f"{roubles} is no whole number of kopecks")
    return int(exact)


def of_kias(told: dict[str, Any]) -> tuple[Document, ...]:
    """From the JSON of KIAS's books."""
    return tuple(
        Document(
            each["isn"],
            each["external_id"],
            each["number"],
            kopecks(each["sum"]),
            (each["check"]["fn"], each["check"]["fd"], each["check"]["fpd"])
            if each["check"]
            else ("", "", ""),
        )
        for each in told["documents"]
    )


RECEIPTS = """
    SELECT id::text, number, amount, agent_id::text, state, reason, kias_isn, check_fn, check_fd, check_fpd
    FROM receipts_receipt ORDER BY id"""
EVENTS = """
    SELECT agent_id::text, change, receipt_id::text, state, coalesce(at::text, ''), reason
    FROM receipts_receiptevent ORDER BY agent_id, change"""
FEEDS = "SELECT agent_id::text, last_change FROM receipts_agentfeed"
WITHDRAWALS = "SELECT id::text, effect FROM receipts_withdrawal"
KEPT_ASIDE = "SELECT DISTINCT claimed_id::text FROM sync_intakeexception WHERE claimed_id IS NOT NULL"


def of_ours(database_url: str) -> dict[str, Any]:
    """The fields of `Books` that our database fills, all as of one moment."""
    with psycopg.connect(database_url) as connection:
        connection.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")
        rows = connection.execute(RECEIPTS).fetchall()
        return {
            "rows": tuple(Row(*row[:7], check=tuple(row[7:])) for row in rows),
            "events": tuple(Event(*row) for row in connection.execute(EVENTS).fetchall()),
            "feeds": dict(connection.execute(FEEDS).fetchall()),
            "withdrawals": dict(connection.execute(WITHDRAWALS).fetchall()),
            "kept_aside": tuple(row[0] for row in connection.execute(KEPT_ASIDE).fetchall()),
        }
