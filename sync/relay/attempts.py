"""The memory of calls to KIAS: a row is committed before each call and ended after it.

A row without an outcome whose latest possible end has passed belongs to a worker that died: *unknown*.
"""

from datetime import datetime, timedelta

from django.db.models import F, Max
from django.db.models.functions import Greatest

from accounts import correlation
from sync.clock import Clock, later
from sync.models import Attempt, Delivery, Outcome

DETAIL_LENGTH = 300


def begin(delivery: Delivery, operation: str, why: str, timeout_s: float, clock: Clock) -> int:
    """Commit the row of a call that is about to be made and takes at most `timeout_s`; its id."""
    attempt = Attempt.objects.create(
        delivery=delivery,
        operation=operation,
        why=why,
        started_at=clock(),
        ends_by=later(clock, timeout_s),
        correlation_id=correlation.current(),
    )
    return attempt.pk


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
