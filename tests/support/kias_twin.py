"""KIAS in memory: the gateway's twin, with the same rules and the same faults as the simulator.

What the two must have in common is held by tests/contract/test_kias_gateway.py.
"""

import zlib
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from typing import Any, TypeAlias
from zoneinfo import ZoneInfo

from django.db import connection

from receipts.checks import FiscalCheck
from sync.kias.gateway import (
    FoundDocument,
    KiasDocument,
    KiasRejectedError,
    KiasUnavailableError,
    KiasUnknownError,
    Listed,
    Saved,
)
from sync.kias.simulator.rules import Rules

FN = "9251440300046840"

NOT_TAKEN = {"refuse", "rate_limit"}
NOT_DONE_BUT_WHO_KNOWS = {"http_500", "soap_fault", "not_ours"}
DONE_BUT_WHO_KNOWS = {"lose_answer", "http_500_after", "malformed", "empty", "no_result", "two_results"}


class WorkerKilled(BaseException):
    """Power off, in the middle of a call. No error: nothing may catch it."""


class OpenTransactionError(BaseException):
    """KIAS is called inside a transaction. Not an `Exception`: the relay would take it for one of KIAS's."""


@dataclass(frozen=True)
class Fault:
    """One ordered fault; the `kill_…` ones end the worker around the work in KIAS."""

    kind: str
    seconds: float = 0.0
    only: str = ""


@dataclass
class _Row:
    document: FoundDocument
    saved_at: datetime


#: named out here, where `list` is not yet the gateway's method
_Faults: TypeAlias = list[Fault]
_Rows: TypeAlias = list[_Row]
_Late: TypeAlias = list[tuple[datetime, KiasDocument]]
_Documents: TypeAlias = list[FoundDocument]
_Numbers: TypeAlias = list[str]


@dataclass
class KiasTwin:
    """`now` is KIAS's clock; late commits happen as it passes, so long after their call began.

    `during` runs inside the next call.
    """

    now: Callable[[], datetime] = lambda: datetime.now(UTC)
    check_after: timedelta = timedelta(0)
    rules: Rules = field(default_factory=Rules)
    faults: _Faults = field(default_factory=_Faults)
    outage: bool = False
    during: Callable[[], None] | None = None
    saves: int = 0
    finds: int = 0
    lists: int = 0
    page_size: int = 200
    deepest_transaction: int | None = None
    _given: int = 0
    _rows: _Rows = field(default_factory=_Rows)
    _late: _Late = field(default_factory=_Late)

    # --- the gateway

    def save(self, document: KiasDocument, *, within: float) -> Saved:
        self.saves += 1
        began = self.now()
        fault = self._enter("save")
        objection = self.rules.objection(
            {
                "Date": f"{document.accounting_date or document.date:%d.%m.%Y}",
                "Sum": f"{document.amount / 100:.2f}",
                "Number": document.number,
                "PolicySeries": document.policy_series,
            }
        )
        if fault.kind in {"commit_late", "kill_late"}:
            if not objection:
                self._late.append((began + timedelta(seconds=fault.seconds), document))
            if fault.kind == "kill_late":
                raise WorkerKilled
            raise KiasUnknownError("no answer")
        if fault.kind == "double" and not objection:
            self._write(document)
        isn = "" if objection else self._write(document)
        self._leave(fault)
        if objection:
            raise KiasRejectedError(*objection)
        return Saved(isn=isn)

    def find(self, *, external_id: str, number: str, within: float) -> tuple[FoundDocument, ...]:
        self.finds += 1
        fault = self._enter("find")
        if fault.kind in {"commit_late", "kill_late"}:
            raise KiasUnknownError("no answer")
        self._leave(fault)
        return tuple(
            self._told(row)
            for row in self._rows
            if row.document.external_id == external_id or row.document.number == number
        )

    def list(self, *, since: date, until: date, page: int, within: float) -> Listed:
        self.lists += 1
        fault = self._enter("list")
        if fault.kind in {"commit_late", "kill_late"}:
            raise KiasUnknownError("no answer")
        self._leave(fault)
        rows = [row for row in self._rows if row.document.date and since <= row.document.date <= until]
        start, end = (page - 1) * self.page_size, page * self.page_size
        return Listed(documents=tuple(map(self._told, rows[start:end])), more=len(rows) > end)

    # --- what tests do to it and see in it

    def order(self, kind: str, seconds: float = 0.0, only: str = "") -> None:
        self.faults.append(Fault(kind, seconds, only))

    def write_by_hand(self, document: KiasDocument) -> str:
        """A person types it in: no ExternalId."""
        return self._write(document, external_id="")

    def annul(self, isn: str) -> None:
        """A person takes it back in KIAS (сторно): it stays there, in that state."""
        self.change(isn, state="annulled")

    def change(self, isn: str, **fields: Any) -> None:
        """A person changes a document in KIAS: `amount`, `number`, `date` …"""
        row = self._row(isn)
        row.document = replace(row.document, **fields)

    def remove(self, isn: str) -> None:
        """It is gone as if it had never been there; its ISN is never given again."""
        self._rows.remove(self._row(isn))

    @property
    def documents(self) -> _Documents:
        self._commit_late()
        return [self._told(row) for row in self._rows]

    def numbers(self) -> _Numbers:
        return [document.number for document in self.documents]

    # --- inside

    def _enter(self, operation: str) -> Fault:
        if self.deepest_transaction is not None and len(connection.atomic_blocks) > self.deepest_transaction:
            raise OpenTransactionError
        self._commit_late()
        if self.during is not None:
            during, self.during = self.during, None
            during()
        if self.outage:
            raise KiasUnavailableError("outage", retry_after=5.0)
        fault = next((each for each in self.faults if each.only in {"", operation}), Fault(""))
        if fault.kind:
            self.faults.remove(fault)
        if fault.kind in NOT_TAKEN:
            raise KiasUnavailableError(fault.kind, retry_after=max(1.0, fault.seconds))
        if fault.kind in NOT_DONE_BUT_WHO_KNOWS:
            raise KiasUnknownError(fault.kind)
        if fault.kind == "bare_error":
            raise KiasRejectedError("unnamed", "")
        if fault.kind == "kill_before":
            raise WorkerKilled
        return fault

    def _leave(self, fault: Fault) -> None:
        if fault.kind in DONE_BUT_WHO_KNOWS:
            raise KiasUnknownError(fault.kind)
        if fault.kind == "kill_after":
            raise WorkerKilled

    def _commit_late(self) -> None:
        for due, document in [*self._late]:
            if due <= self.now():
                self._late.remove((due, document))
                self._write(document)

    def _row(self, isn: str) -> _Row:
        return next(row for row in self._rows if row.document.isn == isn)

    def _write(self, document: KiasDocument, external_id: str | None = None) -> str:
        self._given += 1
        isn = str(100000 + self._given)
        written = FoundDocument(
            isn=isn,
            external_id=document.external_id if external_id is None else external_id,
            number=document.number,
            date=document.date,
            amount=document.amount,
            policy_series=document.policy_series,
            policy_number=document.policy_number,
            instalment=document.instalment,
            state="saved",
            check=None,
            kind=document.kind,
            refund_of=document.refund_of,
        )
        self._rows.append(_Row(written, self.now()))
        return isn

    def _told(self, row: _Row) -> FoundDocument:
        formed = row.saved_at + self.check_after
        if self.now() < formed:
            return row.document
        fd = str(int(row.document.isn) - 70000)
        check = FiscalCheck(
            fn=FN,
            fd=fd,
            fpd=str(zlib.crc32(f"{FN}{fd}".encode())),
            formed_at=formed.astimezone(ZoneInfo("Europe/Moscow")).replace(microsecond=0),
            amount=row.document.amount,
        )
        state = "fiscalised" if row.document.state == "saved" else row.document.state
        return replace(row.document, state=state, check=check)
