"""Why the office cannot do what it asked for: each sentence says what is so and what to do."""

from collections.abc import Callable
from typing import TypeVar

from django.conf import settings

from accounts.models import User
from accounts.refusals import RefusalError
from receipts.models import Receipt
from receipts.states import WrongStateError

T = TypeVar("T")


class NotPossibleError(RefusalError):
    """What was asked for does not fit what the receipt has become, or what KIAS says of it."""

    code = "not_allowed"
    message = "Пока вы читали, квитанция перешла в другое состояние. Посмотрите её ещё раз."


class BadAnswerError(NotPossibleError):
    """What a person wrote for a refund or a correction cannot be so; `field` names where."""

    code = "invalid"


class OwnReceiptError(NotPossibleError):
    message = "Это ваша собственная квитанция: её ведёт другой сотрудник офиса."


def not_one_s_own(receipt: Receipt, staff: User) -> None:
    """Nobody does alone what concerns himself as the agent (P20). Raises `OwnReceiptError`."""
    if settings.TWO_PEOPLE and receipt.agent_id == staff.pk:
        raise OwnReceiptError


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


class OtherKindError(NotPossibleError):
    message = "В КИАС это другой вид чека: приход вместо возврата или наоборот. Проверьте ISN."


class AlreadyRefundedError(NotPossibleError):
    message = "По этой квитанции уже есть возврат: он показан ниже, в цепочке квитанций."


class NoNumbersError(NotPossibleError):
    message = "Онлайн-номера кончились, а возврату и новой квитанции нужен номер. Заведите серию и повторите."


def moved(move: Callable[[], T]) -> T:
    """What a verb of `receipts.registry` answers; a state that has changed meanwhile is told as such."""
    try:
        return move()
    except WrongStateError as error:
        raise NotPossibleError from error
