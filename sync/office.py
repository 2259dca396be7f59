"""What a member of staff does to one receipt: release, annul, try again, link to a document of KIAS.

Each verb writes receipt and delivery in one transaction, the receipt first (as `sync.outcomes` does). All
raise `Receipt.DoesNotExist` and `NotPossibleError`, whose sentence says why and what to do.
"""

from collections.abc import Callable
from datetime import datetime
from typing import TypeVar
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.db.models import Q

from accounts.models import User
from accounts.refusals import RefusalError
from receipts import registry
from receipts.models import Receipt
from receipts.states import FOLLOWS, State, WrongStateError
from receipts.validation import is_amount
from sync import deliveries, slots
from sync.asking import agrees
from sync.clock import Clock, database_clock, later
from sync.kias.document import document_of
from sync.kias.gateway import (
    FoundDocument,
    KiasGateway,
    KiasRejectedError,
    KiasUnavailableError,
    KiasUnknownError,
)
from sync.models import Attempt, Delivery, Epoch, IntakeException, Outcome, Stage
from sync.schedule import POLL_FIRST_S
from sync.terms import Terms

T = TypeVar("T")
_LOOK_UP_S = 5.0  # a person is waiting for the page


class NotPossibleError(RefusalError):
    """What was asked for does not fit what the receipt has become, or what KIAS says of it."""

    code = "not_allowed"
    message = "Пока вы читали, квитанция перешла в другое состояние. Посмотрите её ещё раз."


class MayBeInKiasError(NotPossibleError):
    message = (
        "КИАС мог уже получить эту квитанцию, поэтому аннулировать её нельзя. "
        "Подождите минуту: система спросит КИАС сама, и станет видно, что делать дальше."
    )


class InKiasError(NotPossibleError):
    message = "Эта квитанция уже в КИАС: аннулировать её нельзя. Чек исправляют или возвращают деньги."


class KiasSilentError(NotPossibleError):
    message = "КИАС сейчас не отвечает, а без него связать нельзя. Повторите через несколько минут."


class NotInKiasError(NotPossibleError):
    message = (
        "КИАС не показывает такого документа. Проверьте ISN. "
        "Если номер в КИАС другой, укажите номер документа."
    )


class OtherSumError(NotPossibleError):
    message = (
        "В КИАС другая сумма, а на такие деньги одного слова мало. Исправьте сумму в КИАС и свяжите снова, "
        "или попросите аннулировать квитанцию."
    )


class SeveralInKiasError(NotPossibleError):
    message = "В КИАС несколько документов с таким номером. Укажите ISN того, который относится к квитанции."


class LinkedElsewhereError(NotPossibleError):
    message = "Этот документ КИАС уже связан с другой квитанцией."


def may(receipt: Receipt) -> frozenset[str]:
    """Which of the verbs `states.FOLLOWS` leaves for this receipt: `release`, `annul`, `retry`, `link`."""
    state = State(receipt.state)
    verbs = set()
    if state == State.HELD and is_amount(receipt.amount):
        verbs.add("release")
    if state in {State.ACCEPTED, State.REGISTERED} or (state == State.REJECTED and is_amount(receipt.amount)):
        verbs.add("retry")
    if State.ANNULLED in FOLLOWS[state] and not _is_in_kias(receipt):
        verbs.add("annul")
    if is_amount(receipt.amount) and (state == State.ACCEPTED or State.ACCEPTED in FOLLOWS[state]):
        verbs.add("link")
    return frozenset(verbs)


def release(receipt_id: UUID, *, staff: User, text: str, clock: Clock = database_clock) -> Receipt:
    """Let a held or rejected receipt go to KIAS: it is `accepted` again and KIAS is asked before any save."""
    with transaction.atomic():
        receipt = _moved(lambda: registry.release(receipt_id, staff=staff, text=text))
        deliveries.release(receipt_id, clock=clock)
        transaction.on_commit(lambda: deliveries.nudge(1))
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
        transaction.on_commit(lambda: deliveries.nudge(1))
    return receipt


def annul(receipt_id: UUID, *, staff: User, text: str, clock: Clock = database_clock) -> Receipt:
    """End a receipt before KIAS; `text` is what the agent reads.

    Raises `InKiasError`; `MayBeInKiasError` while a save may be under way or its outcome is unknown.
    """
    with transaction.atomic():
        before = Receipt.objects.select_for_update().get(pk=receipt_id)
        if _is_in_kias(before):
            raise InKiasError
        delivery = Delivery.objects.select_for_update().filter(pk=receipt_id).first()
        if delivery and before.state == State.ACCEPTED and _may_be_in_kias(delivery, clock):
            raise MayBeInKiasError
        receipt = _moved(lambda: registry.annul(receipt_id, staff=staff, text=text))
        Delivery.objects.filter(pk=receipt_id).update(stage=Stage.STOPPED, due_at=None)
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
    if "link" not in may(receipt):
        raise NotPossibleError
    found = _chosen(_look_up(receipt, document, gateway, clock), document)
    ours = document_of(receipt)
    if found.external_id and found.external_id != ours.external_id:
        raise LinkedElsewhereError  # another receipt's, perhaps one that has not heard of it yet
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
        if delivery and _is_claimed(delivery, clock):
            raise NotPossibleError(
                "Система как раз говорит с КИАС об этой квитанции. Повторите через минуту."
            )
        if Receipt.objects.filter(kias_isn=found.isn).exclude(pk=receipt_id).exists():
            raise LinkedElsewhereError
        if locked.state != State.ACCEPTED:
            _moved(lambda: registry.release(receipt_id, staff=staff, text=words))
        deliveries.release(receipt_id, clock=clock)
        linked = _moved(lambda: registry.register(receipt_id, isn=found.isn, text=words))
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


def _moved(move: Callable[[], T]) -> T:
    try:
        return move()
    except WrongStateError as error:
        raise NotPossibleError from error


def _is_in_kias(receipt: Receipt) -> bool:
    return bool(receipt.kias_isn) or receipt.reason == "doubled_in_kias"


def _may_be_in_kias(delivery: Delivery, clock: Clock) -> bool:
    """Whether a runner holds the delivery, or a save ended in a way that leaves open what KIAS has."""
    doubtful = Q(outcome__in=["", Outcome.UNKNOWN, Outcome.OK])
    saves = Attempt.objects.filter(doubtful, delivery=delivery, operation="save")
    return _is_claimed(delivery, clock) or saves.exists()


def _is_claimed(delivery: Delivery, clock: Clock) -> bool:
    return Delivery.objects.filter(pk=delivery.pk, lease_until__gt=clock()).exists()


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
