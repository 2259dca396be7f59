"""The right to call KIAS: `KIAS_CONCURRENCY` rows bound the calls of all workers on all hosts together.

A runner takes a slot, keeps it while it works, renews its lease with each delivery and gives it back. A
killed runner's slot is free again when its lease has run out (F05).
"""

from uuid import UUID, uuid4

from django.db import transaction
from django.db.models import Q, QuerySet

from sync.clock import Clock, later
from sync.models import KiasSlot


def _free(concurrency: int, clock: Clock) -> QuerySet[KiasSlot]:
    return KiasSlot.objects.filter(
        Q(lease_until__isnull=True) | Q(lease_until__lte=clock()), number__lte=concurrency
    )


def free(concurrency: int, clock: Clock) -> int:
    """How many of `concurrency` slots nobody holds. Rows that do not exist yet are free."""
    held = KiasSlot.objects.filter(number__lte=concurrency, lease_until__gt=clock()).count()
    return max(0, concurrency - held)


def take(concurrency: int, lease_s: float, clock: Clock) -> UUID | None:
    """Take a free slot for `lease_s` seconds; None when all are taken: then somebody is at work."""
    claim = uuid4()
    if KiasSlot.objects.filter(number__lte=concurrency).count() < concurrency:
        rows = (KiasSlot(number=number) for number in range(1, concurrency + 1))
        KiasSlot.objects.bulk_create(rows, ignore_conflicts=True)
    with transaction.atomic():
        slot = _free(concurrency, clock).select_for_update(skip_locked=True).order_by("number").first()
        if slot is None:
            return None
        taken = (
            _free(concurrency, clock)
            .filter(number=slot.number)
            .update(claim=claim, lease_until=later(clock, lease_s))
        )
    return claim if taken else None


def renew(claim: UUID, lease_s: float, clock: Clock) -> bool:
    """Hold the slot for `lease_s` more seconds; False when its lease has run out and it may be another's."""
    return bool(
        KiasSlot.objects.filter(claim=claim, lease_until__gt=clock()).update(
            lease_until=later(clock, lease_s)
        )
    )


def give_back(claim: UUID) -> None:
    """Free the slot, if it is still ours."""
    KiasSlot.objects.filter(claim=claim).update(claim=None, lease_until=None)
