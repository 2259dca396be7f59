"""Reconciling: a worker claims the run that is due and compares one day after another with KIAS (F08).

For each day: KIAS's documents, page by page, each call in a slot of its own and never while KIAS rests; then
our receipts; then what differs is asked about once more, one by one, and only what still differs is kept, in
one transaction with the run's next day. No lock and no transaction is open across a call.
"""

import logging
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from random import random
from typing import Literal, TypeVar
from uuid import UUID

from django.db import transaction
from django.db.models import Q

from sync.clock import Clock, database_clock
from sync.kias.gateway import (
    FoundDocument,
    KiasGateway,
    KiasRejectedError,
    KiasUnavailableError,
    KiasUnknownError,
)
from sync.models import Delivery, Stage
from sync.models.reconciliation import ReconciliationRun, RunEnd
from sync.reconciliation import findings, runs, sides
from sync.reconciliation.comparing import Found, compare, heals
from sync.reconciliation.runs import ClaimLostError
from sync.relay import circuit, kias_rest, nudging, schedule, slots
from sync.relay.terms import Terms

logger = logging.getLogger(__name__)

T = TypeVar("T")
_RESTS = {
    "pause": "Идёт пауза КИАС.",
    "maintenance": "КИАС на обслуживании.",
    "circuit": "КИАС не отвечает.",
}
_LOOK_AGAIN_S = 600.0  # at the latest
_CONFIRM_AT_MOST = 200  # differences of one day; where there are more, the list is believed
_SLOT_WAIT_S, _SLOT_STEP_S = 30.0, 0.5
_PAGES_AT_MOST = 10_000


class _RestsError(Exception):
    """KIAS takes no calls now: go on in `seconds`. `failed`: it was tried."""

    def __init__(self, waits: str, seconds: float, *, failed: bool) -> None:
        super().__init__(waits)
        self.waits, self.seconds, self.failed = waits, seconds, failed


@dataclass(frozen=True, kw_only=True)
class _Day:
    """What one day came to."""

    found: list[Found]
    receipts: int
    documents: int


@dataclass(kw_only=True)
class Reconciling:
    """One worker's tools. `settle_s`: for how long nothing must have happened to a receipt that is judged."""

    gateway: KiasGateway
    terms: Terms
    settle_s: float
    clock: Clock = database_clock
    dice: Callable[[], float] = random
    pause: Callable[[float], None] = time.sleep
    confirm_at_most: int = _CONFIRM_AT_MOST

    def run(self, budget_s: float) -> Literal["nothing_due", "waits", "budget", "done", "refused", "lost"]:
        """Go on with the run that is due until it has ended, KIAS rests or `budget_s` seconds are used."""
        stop_at = time.monotonic() + budget_s
        run = runs.claim(self._lease_s, self.clock)
        if run is None:
            return "nothing_due"
        try:
            while run.day <= run.until:
                self._compare(run)
                if time.monotonic() >= stop_at and run.day <= run.until:
                    runs.put_off(run, self.clock, seconds=0, waits="", failed=False)
                    return "budget"
            self._finish(run)
        except _RestsError as rests:
            seconds = rests.seconds
            if rests.failed:
                seconds = max(seconds, schedule.backoff(run.failures + 1, self.dice()))
            seconds = min(seconds, _LOOK_AGAIN_S)  # a person may end a pause earlier
            runs.put_off(run, self.clock, seconds=seconds, waits=rests.waits, failed=rests.failed)
            return "waits"
        except KiasRejectedError as refused:
            logger.error("reconciliation_refused", extra={"code": refused.code})
            words = f"{refused.code}: {refused.text}"
            runs.finish(run, self.clock, end=RunEnd.REFUSED, waits=words)
            return "refused"
        except ClaimLostError:
            logger.warning("reconciliation_claim_lost", extra={"run": run.pk})
            return "lost"
        return "done"

    @property
    def _lease_s(self) -> float:
        """A claim outlives the wait for a slot, a call, and the comparing of a large day."""
        return 2 * self.terms.lease_s + _SLOT_WAIT_S + 120

    def _compare(self, run: ReconciliationRun) -> None:
        """Compare the run's day, keep what was found and move on."""
        day = self._day(run)
        keep = [each for each in day.found if not heals(each)]
        awaited = [UUID(each.receipt.id) for each in day.found if heals(each) and each.receipt]
        now = runs.moment(run, self.clock)
        with transaction.atomic():
            fresh = findings.write(run, keep, now)
            woken = self._wake(awaited)
            runs.day_done(
                run,
                self.clock,
                receipts=day.receipts,
                documents=day.documents,
                found=fresh,
                woken=woken,
            )
        if woken:
            nudging.nudge(woken, clock=self.clock)

    def _finish(self, run: ReconciliationRun) -> None:
        with transaction.atomic():
            closed = findings.close_gone(run, runs.moment(run, self.clock))
            runs.finish(run, self.clock, end=RunEnd.DONE, closed=closed)

    def _day(self, run: ReconciliationRun) -> _Day:
        documents = self._documents(run, run.day)
        is_ours = sides.our_numbers()
        now, settled_before = self._moments(run)
        receipts = sides.ours(Q(receipt_date=run.day), now=now, settled_before=settled_before)
        of_the_day = {each.id for each in receipts}
        strangers = [each for each in documents if each.external_id.strip().lower() not in of_the_day]
        elsewhere = sides.owners_of(strangers, but=of_the_day, now=now, settled_before=settled_before)
        found = list(compare([*receipts, *elsewhere], documents, is_ours=is_ours))
        by_subject: dict[str, list[Found]] = {}
        for each in found:
            by_subject.setdefault(each.key, []).append(each)
        if len(by_subject) <= self.confirm_at_most:
            found = [still for group in by_subject.values() for still in self._confirmed(run, group, is_ours)]
        return _Day(found=found, receipts=len(receipts), documents=len(documents))

    def _documents(self, run: ReconciliationRun, day: date) -> list[FoundDocument]:
        """Every document of that day, each once, whatever was written while the pages were turned."""
        found: dict[str, FoundDocument] = {}
        for page in range(1, _PAGES_AT_MOST):
            listed = self._call(
                run,
                lambda within, page=page: self.gateway.list(  # type: ignore[misc]
                    since=day, until=day, page=page, within=within
                ),
            )
            found.update((each.isn, each) for each in listed.documents)
            if not listed.more:
                return list(found.values())
        raise KiasRejectedError("endless_list", "КИАС листает без конца.")

    def _confirmed(
        self, run: ReconciliationRun, group: list[Found], is_ours: Callable[[str], bool]
    ) -> Iterable[Found]:
        """What of these differences, all of one subject, is still there when KIAS is asked for it by name.

        So neither a document of another date nor a receipt that moved on meanwhile raises a false alarm.
        """
        first = group[0]
        told = {each.isn: each for found in group for each in found.documents}
        receipt = first.receipt
        external_id = receipt.id if receipt else first.documents[0].external_id
        number = receipt.number if receipt else first.documents[0].number
        answer = self._call(
            run, lambda within: self.gateway.find(external_id=external_id, number=number, within=within)
        )
        now, settled_before = self._moments(run)
        # A document that was linked by its ISN alone is not found by our id or number: the list told it.
        linked = [each for each in told.values() if receipt and each.isn == receipt.isn]
        documents = list({each.isn: each for each in [*linked, *answer]}.values())
        receipts = sides.owners_of(documents, but=set(), now=now, settled_before=settled_before)
        if receipt and receipt.id not in {each.id for each in receipts}:
            receipts += sides.ours(Q(pk=receipt.id), now=now, settled_before=settled_before)
        keys = {each.key for each in group}
        return [each for each in compare(receipts, documents, is_ours=is_ours) if each.key in keys]

    def _call(self, run: ReconciliationRun, call: Callable[[float], T]) -> T:
        """One call in a slot. Raises `_RestsError`, `ClaimLostError`, `KiasRejectedError`."""
        if rest := kias_rest.rest(self.clock):
            now = runs.moment(run, self.clock)
            seconds = (rest.until - now).total_seconds() if rest.until else _LOOK_AGAIN_S
            raise _RestsError(_RESTS[rest.why], max(1.0, seconds), failed=False)
        slot = self._slot()
        try:
            runs.renew(run, self._lease_s, self.clock)
            with circuit.counted(self.terms.concurrency, self.clock):
                return call(self.terms.timeout_s)
        except KiasUnavailableError as error:
            raise _RestsError("КИАС не отвечает.", error.retry_after or 0.0, failed=True) from error
        except KiasUnknownError as error:
            raise _RestsError("КИАС ответил непонятно.", 0.0, failed=True) from error
        finally:
            slots.give_back(slot)

    def _slot(self) -> UUID:
        """A slot of the bound that all calls of all hosts share; receipts on their way go first."""
        waited = 0.0
        while (slot := slots.take(self.terms.concurrency, self.terms.lease_s, self.clock)) is None:
            if waited >= _SLOT_WAIT_S:
                raise _RestsError("КИАС занят квитанциями.", _SLOT_WAIT_S, failed=False)
            self.pause(_SLOT_STEP_S)
            waited += _SLOT_STEP_S
        return slot

    def _moments(self, run: ReconciliationRun) -> tuple[datetime, datetime]:
        now = runs.moment(run, self.clock)
        return now, now - timedelta(seconds=self.settle_s)

    def _wake(self, receipt_ids: list[UUID]) -> int:
        """The check is there: let the relay look for it now, by its usual path."""
        waiting = Delivery.objects.filter(pk__in=receipt_ids, stage=Stage.CHECK, claim=None)
        return waiting.filter(due_at__gt=self.clock()).update(due_at=self.clock())
