"""The ledger of documents, in SQLite: what was answered outlives the process, killed however it may be.

Written before it is answered, without waiting for the disk itself: it stands a `kill -9`, not a power cut.
"""

import json
import math
import sqlite3
import threading
import time
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

REGISTER_ZONE = ZoneInfo("Europe/Moscow")
FN = "9251440300046840"

#: Everything a save may carry; the ledger keeps them all as they came.
FIELDS = (
    "ExternalId", "Number", "Date", "AccountingDate", "IssuedAt", "AgentContract", "Product", "PolicySeries",
    "PolicyNumber", "PolicyDate", "Instalment", "Sum", "PaymentForm", "PaymentReference", "Insurant",
    "InsurantKind", "Payer", "CheckTo", "DocumentKind", "DocumentCode", "DocumentNumber", "Phone", "Email",
    "Comment", "Replaces", "Kind", "RefundOf",
)  # fmt: skip

_DAY = """substr("Date", 7, 4) || '-' || substr("Date", 4, 2) || '-' || substr("Date", 1, 2)"""

_SCHEMA = f"""
CREATE TABLE IF NOT EXISTS document (
    isn INTEGER PRIMARY KEY AUTOINCREMENT,
    {", ".join(f'"{name}" TEXT NOT NULL DEFAULT ""' for name in FIELDS)},
    saved_at REAL NOT NULL,
    by_hand INTEGER NOT NULL DEFAULT 0,
    annulled INTEGER NOT NULL DEFAULT 0
);
CREATE INDEX IF NOT EXISTS document_day ON document ({_DAY});
CREATE INDEX IF NOT EXISTS document_number ON document ("Number");
CREATE INDEX IF NOT EXISTS document_external_id ON document ("ExternalId");
CREATE TABLE IF NOT EXISTS session (sid TEXT PRIMARY KEY);
CREATE TABLE IF NOT EXISTS late (due REAL NOT NULL, params TEXT NOT NULL);
INSERT INTO sqlite_sequence (name, seq)
    SELECT 'document', 100000 WHERE NOT EXISTS (SELECT 1 FROM sqlite_sequence WHERE name = 'document');
"""  # noqa: S608 (our own names)

_QUOTED = [f'"{name}"' for name in FIELDS]
_INSERT = (
    f"INSERT INTO document ({', '.join(_QUOTED)}, saved_at, by_hand) "  # noqa: S608
    f"VALUES ({', '.join('?' for _ in FIELDS)}, ?, ?)"
)
#: what ledgers of an older simulator lack
_ADDED = {
    "Kind": "TEXT NOT NULL DEFAULT ''",
    "RefundOf": "TEXT NOT NULL DEFAULT ''",
    "annulled": "INTEGER NOT NULL DEFAULT 0",
}


class Ledger:
    """Documents and the one session. `check_after` seconds after its save a document has a check."""

    def __init__(self, path: Path, check_after: float) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        self.check_after = check_after
        self._lock = threading.Lock()
        self._db = sqlite3.connect(path, check_same_thread=False, isolation_level=None)
        self._db.row_factory = sqlite3.Row
        self._db.executescript("PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL;" + _SCHEMA)
        there = {row["name"] for row in self._db.execute("PRAGMA table_info(document)")}
        for name, column in _ADDED.items():
            if name not in there:
                self._db.execute(f'ALTER TABLE document ADD COLUMN "{name}" {column}')
        self._sids = {row["sid"] for row in self._db.execute("SELECT sid FROM session")}
        self._next_late = 0.0

    def save(self, params: dict[str, str], *, by_hand: bool = False) -> int:
        """Write a document, whether or not one like it is there; its ISN."""
        with self._up_to_now():
            return self._insert(params, time.time(), by_hand)

    def _insert(self, params: dict[str, str], saved_at: float, by_hand: bool) -> int:
        values = [params.get(name, "") for name in FIELDS]
        return int(self._db.execute(_INSERT, [*values, saved_at, by_hand]).lastrowid or 0)

    def save_late(self, params: dict[str, str], seconds: float) -> None:
        """Write it so much later, even if the process is killed meanwhile."""
        due = time.time() + seconds
        with self._up_to_now():
            self._db.execute("INSERT INTO late VALUES (?, ?)", [due, json.dumps(params)])
            self._next_late = min(self._next_late, due)

    @contextmanager
    def _up_to_now(self) -> Iterator[None]:
        """The ledger for one of us, with all that was to be written by now."""
        with self._lock:
            now = time.time()
            if self._next_late <= now:
                self._write_late(now)
            yield

    def _write_late(self, now: float) -> None:
        self._db.execute("BEGIN")
        for row in self._db.execute("SELECT * FROM late WHERE due <= ? ORDER BY due", [now]).fetchall():
            self._insert(json.loads(row["params"]), row["due"], by_hand=False)
        self._db.execute("DELETE FROM late WHERE due <= ?", [now])
        self._db.execute("COMMIT")
        self._next_late = self._db.execute("SELECT min(due) FROM late").fetchone()[0] or math.inf

    def change(self, isn: int, fields: dict[str, str]) -> bool:
        """A person changes what stands there; False: no such document."""
        names = ", ".join(f'"{name}" = ?' for name in FIELDS if name in fields)
        values = [fields[name] for name in FIELDS if name in fields]
        with self._up_to_now():
            done = self._db.execute(f"UPDATE document SET {names} WHERE isn = ?", [*values, isn])  # noqa: S608
        return done.rowcount == 1

    def annul(self, isn: int) -> bool:
        """A person takes a document back (сторно); it stays visible."""
        with self._up_to_now():
            return self._db.execute("UPDATE document SET annulled = 1 WHERE isn = ?", [isn]).rowcount == 1

    def remove(self, isn: int) -> bool:
        """As if it had never been there; its ISN is never given again."""
        with self._up_to_now():
            return self._db.execute("DELETE FROM document WHERE isn = ?", [isn]).rowcount == 1

    def find(self, external_id: str, number: str) -> list[sqlite3.Row]:
        """Documents under this id or this number, oldest first."""
        with self._up_to_now():
            return self._db.execute(
                'SELECT * FROM document WHERE ("ExternalId" = ? AND ? <> "") OR ("Number" = ? AND ? <> "") '
                "ORDER BY isn",
                [external_id, external_id, number, number],
            ).fetchall()

    def dated(self, since: date, until: date, skip: int, limit: int) -> list[sqlite3.Row]:
        """Documents whose `Date` lies between the two, both included, oldest first."""
        with self._up_to_now():
            return self._db.execute(
                f"SELECT * FROM document WHERE {_DAY} BETWEEN ? AND ? ORDER BY isn LIMIT ? OFFSET ?",  # noqa: S608
                [since.isoformat(), until.isoformat(), limit, skip],
            ).fetchall()

    def documents(self, limit: int | None = None) -> list[dict[str, Any]]:
        """All documents as `/ledger.json` tells them, oldest first; with `limit` only the newest."""
        with self._up_to_now():
            rows = self._db.execute(
                "SELECT * FROM document ORDER BY isn DESC LIMIT ?", [limit or -1]
            ).fetchall()
        return [self.told(row) for row in reversed(rows)]

    def told(self, row: sqlite3.Row) -> dict[str, Any]:
        check = self.check(row)
        return {
            "isn": str(row["isn"]),
            "external_id": row["ExternalId"],
            "number": row["Number"],
            "date": row["Date"],
            "sum": row["Sum"],
            "policy": f"{row['PolicySeries']} {row['PolicyNumber']}".strip(),
            "insurant": row["Insurant"],
            "kind": row["Kind"] or "sale",
            "refund_of": row["RefundOf"],
            "state": "annulled" if row["annulled"] else "fiscalised" if check else "saved",
            "by_hand": bool(row["by_hand"]),
            "check": check,
            "saved_at": datetime.fromtimestamp(row["saved_at"], UTC).isoformat(timespec="milliseconds"),
        }

    def check(self, row: sqlite3.Row) -> dict[str, str] | None:
        """The document's check, once its time has come: the same at every asking."""
        formed = row["saved_at"] + self.check_after
        if time.time() < formed:
            return None
        at = datetime.fromtimestamp(formed, REGISTER_ZONE)
        fd = str(row["isn"] - 70000)
        fpd = str(zlib.crc32(f"{FN}{fd}{row['Sum']}".encode()))
        sign = 2 if row["Kind"] == "refund" else 1
        qr = f"t={at:%Y%m%dT%H%M}&s={_two_digits(row['Sum'])}&fn={FN}&i={fd}&fp={fpd}&n={sign}"
        return {"fn": FN, "fd": fd, "fpd": fpd, "formed_at": f"{at:%d.%m.%Y %H:%M:%S}", "qr": qr}

    def open_session(self, sid: str, *, alone: bool) -> None:
        """A session from now on; `alone`: the older ones are gone, as in KIAS."""
        with self._lock:
            if alone:
                self._forget_sessions()
            self._db.execute("INSERT INTO session VALUES (?)", [sid])
            self._sids.add(sid)

    def knows_session(self, sid: str) -> bool:
        return sid in self._sids

    def end_sessions(self) -> None:
        with self._lock:
            self._forget_sessions()

    def _forget_sessions(self) -> None:
        self._db.execute("DELETE FROM session")
        self._sids.clear()

    def clear(self) -> None:
        """A fresh ledger; ISNs are never given twice."""
        with self._lock:
            self._db.execute("DELETE FROM document")
            self._db.execute("DELETE FROM late")


def _two_digits(roubles: str) -> str:
    whole, _, part = roubles.replace(",", ".").partition(".")
    return f"{whole or '0'}.{part:0<2}"
