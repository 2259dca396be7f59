"""Many receipts are reconciled in the memory of one day: 2,000 in `make test`, 100,000 in the long one."""

import os
import resource
import time
import uuid
from collections.abc import Iterator
from copy import copy
from dataclasses import dataclass, replace
from datetime import date, timedelta
from itertools import islice

import pytest
from django.db.models.base import ModelState
from django.utils import timezone

from receipts.checks import FiscalCheck
from receipts.models import Receipt
from receipts.numbers import fold, format_number
from receipts.states import State
from sync.kias.gateway import FoundDocument, Listed
from sync.models import Difference
from sync.models.reconciliation import ReconciliationRun, RunEnd, RunReason
from sync.reconciliation import runs
from sync.reconciliation.reconciling import Reconciling
from tests.support.factories import make_agent, make_installation
from tests.support.reconciling import open_findings
from tests.support.relaying import TERMS, build_receipt

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow, pytest.mark.timeout(1200)]

COUNT = 100_000 if os.environ.get("HYPOTHESIS_PROFILE") == "long" else 2_000
DAYS, PAGE, EVERY = 20, 500, 997
FIRST = date(2026, 10, 20)
CODES = ("К7М3Т", "К7М3У")


def receipt_id(place: int) -> uuid.UUID:
    return uuid.UUID(int=(7 << 96) + place)


def number_of(place: int) -> str:
    return format_number(CODES[place % 2], place // 2 + 1)


def day_of(place: int) -> date:
    return FIRST + timedelta(days=place % DAYS)


@dataclass
class Books:
    """A KIAS that makes up its documents as it is asked: of every 997th receipt the sum is another one."""

    calls: int = 0

    def document(self, place: int) -> FoundDocument:
        spoilt = place % EVERY == 0
        formed_at = timezone.now()
        return FoundDocument(
            isn=str(100_000 + place),
            external_id=str(receipt_id(place)),
            number=number_of(place),
            date=day_of(place),
            amount=1 if spoilt else 324550,
            policy_series="ХХХ",
            policy_number=f"{place:010}",
            instalment=1,
            state="fiscalised",
            check=FiscalCheck(fn="9251", fd=str(place), fpd="7", formed_at=formed_at, amount=324550),
        )

    def list(self, *, since: date, until: date, page: int, within: float) -> Listed:
        self.calls += 1
        places = range((since - FIRST).days, COUNT, DAYS) if since >= FIRST else range(0)
        part = places[(page - 1) * PAGE : page * PAGE]
        return Listed(documents=tuple(map(self.document, part)), more=len(places) > page * PAGE)

    def find(self, *, external_id: str, number: str, within: float) -> tuple[FoundDocument, ...]:
        self.calls += 1
        return (self.document(uuid.UUID(external_id).int - (7 << 96)),)

    def save(self, *_: object, **__: object) -> None:
        raise AssertionError("reconciliation saves nothing")


def receipts() -> Iterator[Receipt]:
    installation = make_installation(agent=make_agent())
    like = build_receipt(
        installation=installation, at=timezone.now(), counter=None, state=State.FISCALISED, check_fn="9251"
    )
    for place in range(COUNT):
        receipt = copy(like)
        receipt._state = ModelState()
        receipt.id, receipt.number, receipt.receipt_date = receipt_id(place), number_of(place), day_of(place)
        receipt.number_folded, receipt.policy_number = fold(receipt.number), f"{place:010}"
        receipt.kias_isn, receipt.check_fd, receipt.check_fpd = str(100_000 + place), str(place), "7"
        yield receipt


def test_f08_a_hundred_thousand_receipts_day_by_day(capsys: pytest.CaptureFixture[str]) -> None:
    made = receipts()
    while part := list(islice(made, 2000)):  # no transaction is idle while they are thought up
        Receipt.objects.bulk_create(part)
    books = Books()
    runs.ask(
        FIRST,
        FIRST + timedelta(days=DAYS - 1),
        reason=RunReason.ASKED,
        asked_by=None,
        now=timezone.now(),
    )
    before, began = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss, time.monotonic()
    worker = Reconciling(gateway=books, terms=replace(TERMS, lease_s=600), settle_s=900)  # type: ignore[arg-type]
    while worker.run(20) == "budget":
        pass
    took, after = time.monotonic() - began, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    run = ReconciliationRun.objects.get()
    assert (run.end, run.receipts, run.documents) == (RunEnd.DONE, COUNT, COUNT)
    spoilt = {str(receipt_id(place)) for place in range(0, COUNT, EVERY)}
    assert open_findings() == {(Difference.AMOUNT, key) for key in spoilt}
    with capsys.disabled():
        print(f"\n{COUNT} receipts: {took:.1f} s, {books.calls} calls, +{(after - before) // 1024} MB")
