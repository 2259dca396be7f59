"""The memory of calls to KIAS: a row is committed before each call and ended after it.

The row and the last look before the socket are one statement, so there is a row without an outcome exactly
for a call that goes. Once its latest possible end has passed, its worker died: *unknown*.
"""

from datetime import datetime, timedelta
from uuid import UUID

from django.db.models import F, Max, Value
from django.db.models.functions import Greatest

from accounts import correlation
from sync.clock import Clock, later
from sync.compiled import Given, Rows, compiled
from sync.models import Attempt, Delivery, Outcome
from sync.relay import deliveries

DETAIL_LENGTH = 300


def begin(
    delivery: Delivery, slot: UUID, operation: str, why: str, timeout_s: float, clock: Clock
) -> int | None:
    """Commit the row of a call that is made now and takes at most `timeout_s`; its id.

    None when `deliveries.sendable` says no: the call must not be made.
    """
    found: int | None = _looked(clock, timeout_s).insert_into(
        Attempt._meta.db_table,
        _COLUMNS,
        returning="id",
        receipt=delivery.pk,
        stage=delivery.stage,
        claim=delivery.claim,
        slot=slot,
        operation=operation,
        why=why,
        correlation_id=correlation.current(),
    )
    return found


_COLUMNS = "delivery_id, operation, why, started_at, ends_by, outcome, detail, correlation_id"


@compiled
def _looked(clock: Clock, timeout_s: float) -> Rows:
    end = later(clock, timeout_s)
    nothing = Value("")
    return deliveries.sendable(end, clock).values_list(
        "pk", Given("operation"), Given("why"), clock(), end, nothing, nothing, Given("correlation_id")
    )


def drop(delivery: Delivery, operation: str, why: str, clock: Clock) -> None:
    """The row of a call that was not made: the last look said no."""
    Attempt.objects.create(
        delivery=delivery,
        operation=operation,
        why=why,
        started_at=clock(),
        ends_by=clock(),
        ended_at=clock(),
        outcome=Outcome.DROPPED,
        detail="не успела бы или уже не нужна",
        correlation_id=correlation.current(),
    )


def end(attempt_id: int, outcome: Outcome, clock: Clock, detail: str = "") -> None:
    """Write how the call ended. `detail` holds no personal data."""
    Attempt.objects.filter(pk=attempt_id).update(
        outcome=outcome,
        ended_at=clock(),
        # A process that was frozen ends later than it promised: the settle time counts from then.
        ends_by=Greatest(F("ends_by"), clock()),
        detail=detail[:DETAIL_LENGTH],
    )


def settled_at(delivery: Delivery, settle_s: float) -> datetime | None:
    """From when on KIAS's answer about this receipt can be believed; None when no save may be under way."""
    open_saves = Attempt.objects.filter(
        delivery=delivery, operation="save", outcome__in=["", Outcome.UNKNOWN]
    )
    last: datetime | None = open_saves.aggregate(last=Max("ends_by"))["last"]
    return last + timedelta(seconds=settle_s) if last else None
