"""The relay under test: receipts as the intake leaves them, a clock that tests turn, a KIAS in memory."""

import itertools
import secrets
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from django.db import connection, transaction
from django.db.models import DateTimeField, Min, Value
from django.db.models.functions import Coalesce, Greatest

from accounts.models import Installation
from receipts import registry
from receipts.models import OfficeReceipt, Receipt
from receipts.numbers import fold, format_number
from receipts.states import IN_KIAS, State
from sync.models import Attempt, Delivery, Epoch, Stage
from sync.relay import deliveries
from sync.relay.runner import Relay
from sync.relay.terms import Terms
from tests.support.envelopes import uuid7
from tests.support.factories import make_agent, make_installation
from tests.support.kias_twin import KiasTwin

_counter = itertools.count(1)

TERMS = Terms(concurrency=4, timeout_s=15, lease_s=60, settle_s=60, fresh_s=600)


@dataclass
class TurnedClock:
    """The database's clock as a test turns it: every statement of the relay reads this moment."""

    moment: datetime = datetime(2026, 11, 22, 7, 0, tzinfo=UTC)

    def __call__(self) -> Value:
        return Value(self.moment, output_field=DateTimeField())

    def turn(self, seconds: float) -> None:
        self.moment += timedelta(seconds=seconds)


def current_epoch(at: datetime) -> Epoch:
    return Epoch.objects.order_by("-started_at").first() or Epoch.objects.create(
        started_at=at - timedelta(days=30), reason="test"
    )


def build_receipt(*, installation: Installation, at: datetime, **given: Any) -> Receipt:
    """A receipt as the intake builds it, not stored."""
    counter = next(_counter)
    number = format_number(installation.code, counter)
    fields: dict[str, Any] = {
        "id": uuid7(at),
        "number": number,
        "number_folded": fold(number),
        "counter": counter,
        "agent": installation.agent,
        "installation": installation,
        "state": State.ACCEPTED,
        "issued_at": at,
        "issued_offset_min": 420,
        "receipt_date": at.date(),
        "product_code": "osago",
        "policy_series": "ХХХ",
        "policy_number": f"{secrets.randbelow(10**10):010}",
        "amount": 324550,
        "payment_form": "cash",
        "insurant": "Сидорова Аглая Потаповна",
        "insurant_kind": "person",
        "check_to": "insurant",
        "document_kind": "passport_rf",
        "document_number": "0411123456",
        "contact_phone": "+79123456789",
        "content_hash": "0" * 64,
        "envelope": "kias1.test",
        "accepted_at": at,
    }
    return Receipt(**fields | given)


def accept(
    *, at: datetime, installation: Installation | None = None, ask_first: str = "", **given: Any
) -> Receipt:
    """Store one receipt with its delivery in one transaction, as the intake does."""
    installation = installation or make_installation(agent=make_agent())
    receipt = build_receipt(installation=installation, at=at, **given)
    with transaction.atomic():
        assert registry.insert_new([receipt]) == {receipt.pk}
        deliveries.enqueue(
            [(receipt.pk, receipt.agent_id)],
            epoch_id=current_epoch(at).pk,
            accepted_at=at,
            ask_first=ask_first,
        )
    return receipt


@dataclass
class Desk:
    """One clock, one KIAS, one relay; `run` is a Celery task's run, `settle` lets time pass."""

    clock: TurnedClock = field(default_factory=TurnedClock)
    terms: Terms = TERMS

    def __post_init__(self) -> None:
        depth = len(connection.atomic_blocks)  # the test's own transaction, if it has one
        self.kias = KiasTwin(now=lambda: self.clock.moment, deepest_transaction=depth)
        self.relay = Relay(gateway=self.kias, terms=self.terms, clock=self.clock, dice=lambda: 0.99)

    def accept(self, **given: Any) -> Receipt:
        return accept(at=self.clock.moment, **given)

    def run(self) -> str:
        return self.relay.run(budget_s=30)

    def run_after(self, seconds: float) -> str:
        self.clock.turn(seconds)
        return self.run()

    def settle(self, hours: float = 3) -> None:
        """Let so long pass, sweeping whenever something falls due."""
        end = self.clock.moment + timedelta(hours=hours)
        while (upcoming := self.next_moment()) is not None and upcoming < end:
            self.clock.moment = max(upcoming, self.clock.moment + timedelta(seconds=0.1))
            self.run()
        self.clock.moment = max(end, self.clock.moment)

    def next_moment(self) -> datetime | None:
        """When a row falls due or a lease runs out; what waits for another one, or a person, does not."""
        open_rows = Delivery.objects.filter(due_at__isnull=False).exclude(stage=Stage.STOPPED)
        waits = OfficeReceipt.objects.exclude(follows__state__in=IN_KIAS).values("pk")
        open_rows = open_rows.exclude(pk__in=waits).exclude(receipt__state=State.HELD)
        at: datetime | None = open_rows.aggregate(
            at=Min(Greatest("due_at", Coalesce("lease_until", "due_at")))
        )["at"]
        return at


def state(receipt: Receipt) -> str:
    receipt.refresh_from_db()
    return receipt.state


def delivery(receipt: Receipt) -> Delivery:
    return Delivery.objects.get(pk=receipt.pk)


def calls(receipt: Receipt) -> list[tuple[str, str]]:
    """Operation and outcome of each attempt, oldest first."""
    rows = Attempt.objects.filter(delivery_id=receipt.pk).order_by("id")
    return list(rows.values_list("operation", "outcome"))
