"""What a member of staff may do to one receipt; letting it go and trying it again.

Each verb writes receipt and delivery in one transaction, the receipt first (as `sync.relay.outcomes` does).
All raise `Receipt.DoesNotExist` and `NotPossibleError`, whose sentence says why and what to do.
"""

from uuid import UUID

from django.db import transaction

from accounts.models import User
from receipts import registry
from receipts.models import Receipt
from receipts.states import FOLLOWS, State
from receipts.validation import is_amount
from sync.clock import Clock, database_clock
from sync.models import Delivery, Stage
from sync.office import accounting, annulling, reversible
from sync.office.refused import NotPossibleError, moved
from sync.relay import deliveries, nudging


def may(receipt: Receipt) -> frozenset[str]:
    """Which verbs there are for this receipt: `release`, `annul`, `retry`, `link`, `refund`, `correct`,
    `accounting`.
    """
    state = State(receipt.state)
    verbs = set()
    if state == State.HELD and is_amount(receipt.amount):
        verbs.add("release")
    if state in {State.ACCEPTED, State.REGISTERED} or (state == State.REJECTED and is_amount(receipt.amount)):
        verbs.add("retry")
    if State.ANNULLED in FOLLOWS[state] and not annulling.is_in_kias(receipt):
        verbs.add("annul")
    if is_amount(receipt.amount) and (state == State.ACCEPTED or State.ACCEPTED in FOLLOWS[state]):
        verbs.add("link")
    if accounting.is_possible(receipt):
        verbs.add("accounting")
    return frozenset(verbs) | reversible.possible(receipt)


def release(receipt_id: UUID, *, staff: User, text: str, clock: Clock = database_clock) -> Receipt:
    """Let a held or rejected receipt go to KIAS: it is `accepted` again and KIAS is asked before any save."""
    with transaction.atomic():
        receipt = moved(lambda: registry.release(receipt_id, staff=staff, text=text))
        deliveries.release(receipt_id, clock=clock)
        transaction.on_commit(lambda: nudging.nudge(1))
    return receipt


def retry(receipt_id: UUID, *, staff: User, text: str, clock: Clock = database_clock) -> Receipt:
    """Try again now: a rejected receipt is released, a waiting one becomes due; KIAS is asked first."""
    with transaction.atomic():
        receipt = Receipt.objects.select_for_update().get(pk=receipt_id)
        if receipt.state == State.REJECTED:
            return release(receipt_id, staff=staff, text=text, clock=clock)
        waiting = Delivery.objects.filter(pk=receipt_id, stage__in=[Stage.SAVE, Stage.CHECK])
        if receipt.state == State.ACCEPTED:
            waiting.filter(ask_first="").update(ask_first="released")
        if "retry" not in may(receipt) or not waiting.update(due_at=clock(), failures=0):
            raise NotPossibleError
        transaction.on_commit(lambda: nudging.nudge(1))
    return receipt
