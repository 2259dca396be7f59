"""What the reconciliation with KIAS has found, and whether it goes on."""

from collections.abc import Iterator
from datetime import datetime

from django.db.models import Count

from sync.figures.catalogue import Sample
from sync.figures.relay import age
from sync.models import Difference, ReconciliationFinding, ReconciliationRun
from sync.models.reconciliation import RunEnd, RunReason


def samples(now: datetime) -> Iterator[Sample]:
    """Open differences by kind; the age of the last night's run; whether KIAS refused the last one."""
    still_open = ReconciliationFinding.objects.filter(closed_at=None).order_by()
    found = {row["difference"]: row["n"] for row in still_open.values("difference").annotate(n=Count("pk"))}
    for difference in Difference:
        yield "kias_reconciliation_findings", {"difference": difference.value}, found.get(difference, 0)
    ended = ReconciliationRun.objects.filter(ended_at__isnull=False).order_by("-ended_at")
    last_night = ended.filter(reason=RunReason.NIGHTLY, end=RunEnd.DONE).first()
    if last_night and last_night.ended_at:
        yield "kias_reconciliation_age_seconds", {}, age(last_night.ended_at, now)
    last = ended.exclude(end=RunEnd.REPLACED).first()
    yield "kias_reconciliation_refused", {}, int(last is not None and last.end == RunEnd.REFUSED)
