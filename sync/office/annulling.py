"""Annulling: a receipt ends before KIAS, and with it what was made for its sake (P02, P08).

Receipts are locked in the order of their ids, each before its delivery, everywhere.
"""

from uuid import UUID

from django.db import transaction
from django.db.models import Q

from accounts.models import User
from receipts import registry
from receipts.models import Kind, OfficeReceipt, Purpose, Receipt
from receipts.states import IN_KIAS, State
from sync.clock import Clock, database_clock
from sync.models import Attempt, Delivery, Outcome
from sync.office.refused import InKiasError, MayBeInKiasError, moved
from sync.relay import deliveries
from sync.restore import annulled

#: the event on the original that says that a refund or a correction was taken back, unsent
TAKEN_BACK = "reversal_annulled"


def annul(receipt_id: UUID, *, staff: User, text: str, clock: Clock = database_clock) -> Receipt:
    """End a receipt before KIAS; `text` is what the agent reads.

    A refund and the right receipt that goes with it end together: half a correction would lose the money.
    Only when the refund is in KIAS the right one can be annulled alone. Raises `InKiasError`, and
    `MayBeInKiasError` while a save may be under way or its outcome is unknown.
    """
    with transaction.atomic():
        ids = {receipt_id, *_falls_with(receipt_id)}
        originals = Receipt.objects.filter(pk__in=ids).order_by().values("refund_of")
        locked = Receipt.objects.select_for_update().filter(Q(pk__in=ids) | Q(pk__in=originals))
        falling = [each for each in locked.order_by("pk") if each.pk in ids]
        for each in falling:
            _check(each, clock)
        for each in falling:
            _end(each, staff, text)
    return Receipt.objects.get(pk=receipt_id)


def end_alone(receipt: Receipt, *, staff: User, text: str, clock: Clock) -> None:
    """End this one, whose lock the caller holds, because another one takes its place at once.

    Raises `InKiasError`, `MayBeInKiasError`.
    """
    _check(receipt, clock)
    _end(receipt, staff, text)


def _end(receipt: Receipt, staff: User, text: str) -> None:
    moved(lambda: registry.annul(receipt.pk, staff=staff, text=text))
    deliveries.stop(receipt.pk)
    annulled.write_down(receipt.pk)
    if receipt.refund_of_id is not None:
        words = f"Возврат № {receipt.number} отменён: эта квитанция снова в силе. {text}"
        registry.note(receipt.refund_of_id, reason=TAKEN_BACK, text=words, staff=staff)


def _falls_with(receipt_id: UUID) -> set[UUID]:
    """The other half of a correction, as long as its refund is not in KIAS."""
    correction = OfficeReceipt.objects.filter(purpose=Purpose.CORRECTION).exclude(
        receipt__state=State.ANNULLED
    )
    half = correction.filter(pk=receipt_id).select_related("receipt", "follows").first()
    if half is None:
        return set()
    if half.receipt.kind == Kind.REFUND:
        return set(correction.filter(follows=receipt_id).values_list("pk", flat=True))
    return (
        set() if half.follows.state in IN_KIAS or half.follows.state == State.ANNULLED else {half.follows_id}
    )


def _check(receipt: Receipt, clock: Clock) -> None:
    if is_in_kias(receipt):
        raise InKiasError
    delivery = Delivery.objects.select_for_update().filter(pk=receipt.pk).first()
    if delivery and receipt.state == State.ACCEPTED and _may_be_in_kias(delivery, clock):
        raise MayBeInKiasError


#: held because a document in KIAS carries its id: only a person who has looked there may end it
IN_KIAS_REASONS = frozenset({"doubled_in_kias", "differs_in_kias", "annulled_in_kias", "isn_of_another"})


def is_in_kias(receipt: Receipt) -> bool:
    return bool(receipt.kias_isn) or receipt.reason in IN_KIAS_REASONS


def _may_be_in_kias(delivery: Delivery, clock: Clock) -> bool:
    """Whether a runner holds the delivery, or a save ended in a way that leaves open what KIAS has."""
    doubtful = Q(outcome__in=["", Outcome.UNKNOWN, Outcome.OK])
    saves = Attempt.objects.filter(doubtful, delivery=delivery, operation="save")
    return is_claimed(delivery, clock) or saves.exists()


def is_claimed(delivery: Delivery, clock: Clock) -> bool:
    return Delivery.objects.filter(pk=delivery.pk, lease_until__gt=clock()).exists()
