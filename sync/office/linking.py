"""«Уже есть в КИАС — связать» (P04): what was typed into KIAS by hand must not go there again."""

from uuid import UUID

from django.conf import settings
from django.db import transaction

from accounts.models import User
from receipts import registry
from receipts.models import Receipt
from receipts.states import State
from sync.clock import Clock, database_clock, later
from sync.kias.document import document_of
from sync.kias.gateway import (
    FoundDocument,
    KiasGateway,
    KiasRejectedError,
    KiasUnavailableError,
    KiasUnknownError,
)
from sync.models import Delivery, Epoch, Stage
from sync.office import annulling
from sync.office.acts import may
from sync.office.refused import (
    KiasSilentError,
    LinkedElsewhereError,
    NotInKiasError,
    NotPossibleError,
    OtherKindError,
    OtherSumError,
    SeveralInKiasError,
    moved,
    not_one_s_own,
)
from sync.relay import circuit, deliveries, slots
from sync.relay.asking import LINKED, agrees
from sync.relay.schedule import POLL_FIRST_S
from sync.relay.terms import Terms

_LOOK_UP_S = 5.0  # a person is waiting for the page


def link(
    receipt_id: UUID,
    *,
    document: str,
    staff: User,
    text: str,
    gateway: KiasGateway,
    clock: Clock = database_clock,
) -> Receipt:
    """`document` is an ISN or a number that a person has read in KIAS.

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
