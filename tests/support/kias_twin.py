"""KIAS in memory: the gateway's twin, with the same rules and the same faults as the simulator.

What the two must have in common is held by tests/contract/test_kias_gateway.py.
"""

import zlib
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from django.db import connection

from receipts.checks import FiscalCheck
from sync.kias.gateway import (
    FoundDocument,
    KiasDocument,
    KiasRejectedError,
    KiasUnavailableError,
    KiasUnknownError,
    Saved,
)
from sync.kias.simulator.rules import Rules

FN = "9251440300046840"

NOT_TAKEN = {"refuse", "rate_limit"}
NOT_DONE_BUT_WHO_KNOWS = {"http_500", "soap_fault", "not_ours"}
DONE_BUT_WHO_KNOWS = {"lose_answer", "http_500_after", "malformed"}


class WorkerKilled(BaseException):
    """Power off, in the middle of a call. No error: nothing may catch it."""


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


@dataclass
class KiasTwin:
    """`now` is KIAS's clock; late commits happen as it passes, so long after their call began.

    `during` runs inside the next call.
    """

    now: Callable[[], datetime] = lambda: datetime.now(UTC)
    check_after: timedelta = timedelta(0)
    rules: Rules = field(default_factory=Rules)
    faults: list[Fault] = field(default_factory=list)
    outage: bool = False
    during: Callable[[], None] | None = None
    saves: int = 0
    finds: int = 0
    deepest_transaction: int | None = None
    _rows: list[_Row] = field(default_factory=list)
    _late: list[tuple[datetime, KiasDocument]] = field(default_factory=list)

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

    # --- what tests do to it and see in it

    def order(self, kind: str, seconds: float = 0.0, only: str = "") -> None:
        self.faults.append(Fault(kind, seconds, only))

    def write_by_hand(self, document: KiasDocument) -> str:
        """A person types it in: no ExternalId."""
        return self._write(document, external_id="")

    @property
    def documents(self) -> list[FoundDocument]:
        self._commit_late()
        return [self._told(row) for row in self._rows]

    def numbers(self) -> list[str]:
        return [document.number for document in self.documents]

    # --- inside

    def _enter(self, operation: str) -> Fault:
        if self.deepest_transaction is not None:
            open_now = len(connection.atomic_blocks)
            assert open_now <= self.deepest_transaction, "a transaction is open across a call to KIAS"
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
        if fault.kind == "kill_before":
            raise WorkerKilled
        return fault

    def _leave(self, fault: Fault) -> None:
        if fault.kind in DONE_BUT_WHO_KNOWS:
            raise KiasUnknownError(fault.kind)
        if fault.kind == "kill_after":
            raise WorkerKilled

    def _commit_late(self) -> None:
        for due, document in list(self._late):
            if due <= self.now():
                self._late.remove((due, document))
                self._write(document)

    def _write(self, document: KiasDocument, external_id: str | None = None) -> str:
        isn = str(100001 + len(self._rows))
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
        told = vars(row.document) | {"state": "fiscalised", "check": check}
        return FoundDocument(**told)
