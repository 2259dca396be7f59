"""The right to call KIAS: `KIAS_CONCURRENCY` rows bound the calls of all workers on all hosts together.

A runner takes a slot, keeps it while it works, renews its lease with each delivery and gives it back. A
killed runner's slot is free again when its lease has run out (F05). Which of them may be used just now the
circuit says: none, the first alone, or more and more (`sync.relay.circuit`). Whoever calls KIAS holds a slot.
"""

from uuid import UUID, uuid4

from django.db import transaction
from django.db.models import Expression, QuerySet

from sync.clock import Clock, later, nobody_holds
from sync.models import KiasSlot
from sync.relay import circuit


def _free(concurrency: int, clock: Clock) -> QuerySet[KiasSlot]:
    return KiasSlot.objects.filter(
        circuit.within_limits(clock),
        nobody_holds(clock()),
        number__lte=concurrency,
    )


def in_use(clock: Clock) -> int:
    """How many slots somebody holds."""
    return KiasSlot.objects.filter(lease_until__gt=clock()).count()


def free(concurrency: int, clock: Clock) -> int:
    """How many of `concurrency` slots could be taken now."""
    found = _free(concurrency, clock).count()
    if not found and _make(concurrency):
        found = _free(concurrency, clock).count()
    return found


def _make(concurrency: int) -> bool:
    """Add the rows that are missing; whether any was."""
    if KiasSlot.objects.filter(number__lte=concurrency).count() == concurrency:
        return False
    rows = (KiasSlot(number=number) for number in range(1, concurrency + 1))
    KiasSlot.objects.bulk_create(rows, ignore_conflicts=True)
    return True


def usable(claim: UUID | Expression, clock: Clock) -> QuerySet[KiasSlot]:
    """The slot of `claim`, as long as it is held and the circuit lets it be used."""
    return KiasSlot.objects.filter(circuit.within_limits(clock), claim=claim, lease_until__gt=clock())


def take(concurrency: int, lease_s: float, clock: Clock) -> UUID | None:
    """Take a free slot for `lease_s` seconds; None when all that may be used are taken."""
    claim = uuid4()
    _make(concurrency)
    circuit.wake(clock)
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
    """Hold the slot for `lease_s` more seconds; False when it may be another's or must not be used now."""
    return bool(usable(claim, clock).update(lease_until=later(clock, lease_s)))


def may_call(claim: UUID, timeout_s: float, clock: Clock) -> bool:
    """Whether the slot outlasts a call of `timeout_s` seconds that is about to begin."""
    return usable(claim, clock).filter(lease_until__gte=later(clock, timeout_s)).exists()


def give_back(claim: UUID) -> None:
    """Free the slot, if it is still ours."""
    KiasSlot.objects.filter(claim=claim).update(claim=None, lease_until=None)
