"""What a member of staff does to one receipt: release, try again, link to a document of KIAS; what he may do.

Each verb writes receipt and delivery in one transaction, the receipt first (as `sync.relay.outcomes` does).
All raise `Receipt.DoesNotExist` and `NotPossibleError`, whose sentence says why and what to do.
"""

from datetime import datetime
from uuid import UUID

from django.conf import settings
from django.db import transaction

from accounts.models import User
from receipts import registry
from receipts.models import Receipt
from receipts.states import FOLLOWS, State
from receipts.validation import is_amount
from sync.clock import Clock, database_clock, later
from sync.kias.document import document_of
from sync.kias.gateway import (
    FoundDocument,
    KiasGateway,
    KiasRejectedError,
    KiasUnavailableError,
    KiasUnknownError,
)
from sync.models import Delivery, Epoch, IntakeException, Stage
from sync.office import accounting, annulling, reversible
from sync.office.annulling import annul
from sync.office.refused import (
    InKiasError,
    KiasSilentError,
    LinkedElsewhereError,
    MayBeInKiasError,
    NotInKiasError,
    NotPossibleError,
    OtherKindError,
    OtherSumError,
    SeveralInKiasError,
    moved,
    not_one_s_own,
)
from sync.relay import circuit, deliveries, nudging, slots
from sync.relay.asking import LINKED, agrees
from sync.relay.schedule import POLL_FIRST_S
from sync.relay.terms import Terms

__all__ = [
    "InKiasError",
    "MayBeInKiasError",
    "NotPossibleError",
    "annul",
    "end_exception",
    "link_to_kias",
    "may",
    "release",
    "retry",
]

_LOOK_UP_S = 5.0  # a person is waiting for the page


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


def link_to_kias(
    receipt_id: UUID,
    *,
    document: str,
    staff: User,
    text: str,
    gateway: KiasGateway,
    clock: Clock = database_clock,
) -> Receipt:
    """«Уже есть в КИАС — связать» (P04): `document` is an ISN or a number that a person has read in KIAS.

    KIAS is asked for our id, our number and that number; what it does not show is never linked to. The
    person's word stands against differences in policy or date, in the sum only up to what one person may
    release alone (P20), and the history says so. Raises `KiasSilentError`, `NotInKiasError`,
    `LinkedElsewhereError`, `OtherSumError` too.
    """
    receipt = Receipt.objects.select_related("agent").get(pk=receipt_id)
    not_one_s_own(receipt, staff)
    if "link" not in may(receipt):
        raise NotPossibleError
    found = _chosen(_look_up(receipt, document, gateway, clock), document)
    ours = document_of(receipt)
    if found.external_id and found.external_id != ours.external_id:
        raise LinkedElsewhereError  # another receipt's, perhaps one that has not heard of it yet
    if found.kind != ours.kind:
        raise OtherKindError
    if found.amount != ours.amount and settings.TWO_PEOPLE and receipt.amount > settings.RELEASE_ALONE_MAX:
        raise OtherSumError
    words = f"{text} В КИАС это ISN {found.isn}."
    if found.number != receipt.number:
        words += f" Номер документа там: {found.number}."
    if not found.external_id and not agrees(found, ours):
        words += " Сумма, полис, взнос или дата там другие."
    with transaction.atomic():
        _one_link_at_a_time()
        locked = Receipt.objects.select_for_update().get(pk=receipt_id)
        delivery = Delivery.objects.select_for_update().filter(pk=receipt_id).first()
        if delivery and annulling.is_claimed(delivery, clock):
            raise NotPossibleError(
                "Система как раз говорит с КИАС об этой квитанции. Повторите через минуту."
            )
        if Receipt.objects.filter(kias_isn=found.isn).exclude(pk=receipt_id).exists():
            raise LinkedElsewhereError
        if locked.state != State.ACCEPTED:
            moved(lambda: registry.release(receipt_id, staff=staff, text=words))
        deliveries.release(receipt_id, clock=clock, ask_first=LINKED)
        linked = moved(lambda: registry.register(receipt_id, isn=found.isn, text=words))
        Delivery.objects.filter(pk=receipt_id).update(
            stage=Stage.CHECK, due_at=later(clock, POLL_FIRST_S), failures=0, polls=0, last_error=""
        )
    return linked


def _one_link_at_a_time() -> None:
    """Until the transaction ends: two people must not link one document to two receipts."""
    list(Epoch.objects.order_by("-started_at").select_for_update(no_key=True)[:1])


def end_exception(pk: int, *, staff: User, text: str, now: datetime) -> IntakeException:
    """A person has dealt with it; `text` says how. Raises `NotPossibleError` when another has before."""
    open_one = IntakeException.objects.filter(pk=pk, ended_at=None)
    if not open_one.update(ended_at=now, ended_by=staff, ended_reason=text[:500]):
        raise NotPossibleError("Это исключение уже разобрано.")
    return IntakeException.objects.get(pk=pk)


def _look_up(
    receipt: Receipt, document: str, gateway: KiasGateway, clock: Clock
) -> tuple[FoundDocument, ...]:
    """What KIAS holds under our id, our number or the typed one; within the bound on calls of all hosts."""
    terms = Terms.from_settings()
    slot = slots.take(terms.concurrency, terms.lease_s, clock)
    if slot is None:
        raise KiasSilentError("КИАС сейчас занят другими квитанциями. Повторите через минуту.")
    try:
        found: tuple[FoundDocument, ...] = ()
        for number in dict.fromkeys((receipt.number, document)):
            with circuit.counted(terms.concurrency, clock):
                found += gateway.find(external_id=str(receipt.pk), number=number, within=_LOOK_UP_S)
    except (KiasUnavailableError, KiasUnknownError, KiasRejectedError) as error:
        raise KiasSilentError from error
    finally:
        slots.give_back(slot)
    return found


def _chosen(found: tuple[FoundDocument, ...], document: str) -> FoundDocument:
    fitting = {each.isn: each for each in found if document in {each.isn, each.number}}
    if not fitting:
        raise NotInKiasError
    if len(fitting) > 1:
        raise SeveralInKiasError
    return next(iter(fitting.values()))
