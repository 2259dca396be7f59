"""A login code from the office, where no SMS comes (P16): found by the attempt's signs, given by two people.

It is shown once and entered like the SMS's code, with the same tries: `LoginAttempt.verify_token`.
"""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from django.conf import settings
from django.db import transaction

from accounts import known_browsers, login_codes, notices, signs
from accounts.models import LoginAttempt, OfficeCode, User
from accounts.refusals import RefusalError


class NoSuchAttemptError(RefusalError):
    code = "not_found"
    message = (
        "Входа с такими знаками сейчас нет. Попросите агента прочитать их ещё раз "
        "или вернуться к номеру телефона и запросить новый код."
    )


class DoubleSignError(RefusalError):
    code = "not_allowed"
    message = (
        "Такие знаки сейчас у двух человек. Попросите агента нажать «Изменить» и запросить код снова: "
        "знаки будут другими."
    )


class NobodysAttemptError(RefusalError):
    code = "not_allowed"
    message = "С этим номером телефона войти нельзя: такого работающего агента нет."


class AlreadyGivenError(RefusalError):
    code = "not_allowed"
    message = "Код для этого входа уже выдан. Попросите агента запросить новый код: знаки будут другими."


class TwoPeopleError(RefusalError):
    code = "not_allowed"
    message = "Код выдают двое: один запрашивает, другой подтверждает, и ни один из них не сам агент."


class ReasonError(RefusalError):
    code = "invalid"
    message = "Напишите, почему код выдаёт офис и как вы узнали агента."


class AlreadyShownError(RefusalError):
    code = "not_allowed"
    message = "Этот код уже показан. Второй раз он не показывается: если не записали, запросите новый."


class OverError(RefusalError):
    code = "code_expired"
    message = "Время этого входа вышло. Попросите агента запросить новый код и прочитать новые знаки."


def find_attempt(sign: str, *, now: datetime) -> LoginAttempt:
    """The open login attempt with these signs, as heard on the telephone.

    Raises `NoSuchAttemptError`; `DoubleSignError` where two attempts drew the same at the same moment.
    """
    found = list(signs.having(signs.folded(sign), now=now).select_related("user")[:2])
    if not found:
        raise NoSuchAttemptError(field="sign")
    if len(found) > 1:
        raise DoubleSignError(field="sign")
    return found[0]


def give(
    attempt: LoginAttempt, *, asked_by: User, confirmed_by: User | None, reason: str, now: datetime
) -> OfficeCode:
    """Give this attempt a code, good for 10 minutes from now; its own life is extended to that moment.

    `confirmed_by` is None only where the setting `TWO_PEOPLE` is off. Raises `TwoPeopleError`, `ReasonError`,
    `OverError`, `NobodysAttemptError`, `AlreadyGivenError`.
    """
    reason = reason.strip()
    if not reason:
        raise ReasonError(field="reason")
    with transaction.atomic():
        locked = LoginAttempt.objects.select_for_update().get(pk=attempt.pk)
        if not locked.is_open_at(now):
            raise OverError
        if locked.user is None or not locked.user.may_log_in(locked.phone_number):
            raise NobodysAttemptError
        _check_people(locked.user, asked_by, confirmed_by)
        if OfficeCode.objects.filter(attempt=locked).exists():
            raise AlreadyGivenError
        locked.valid_until = now + settings.LOGIN_CODE_LIFE
        locked.save(update_fields=["valid_until"])
        return OfficeCode.objects.create(
            attempt=locked,
            asked_by=asked_by,
            confirmed_by=confirmed_by,
            reason=reason[:300],
            given_at=now,
            valid_until=locked.valid_until,
        )


def show(office_code: OfficeCode, *, now: datetime) -> str:
    """The six digits to be read out; once. Only from now on are they good.

    Raises `AlreadyShownError`, `OverError`.
    """
    with transaction.atomic():
        locked = OfficeCode.objects.select_for_update().get(pk=office_code.pk)
        if locked.shown_at:
            raise AlreadyShownError
        if now >= locked.valid_until or not locked.attempt.is_open_at(now):
            raise OverError
        locked.shown_at = now
        locked.save(update_fields=["shown_at"])
    return login_codes.derive_office(locked.attempt.attempt)


def announce(attempt: LoginAttempt, agent: User, *, here: Sequence[UUID], now: datetime) -> None:
    """Tell the agent's other installations, if this login was by the office's code.

    `here` are the installations of the browser that logs in (`known_browsers.ids_of`).
    """
    if OfficeCode.objects.filter(attempt=attempt, used_at__isnull=False).exists():
        notices.tell(
            agent,
            kind="office_code",
            text=f"Вход по коду из офиса. Если это не вы, звоните в офис: {settings.OFFICE_PHONE}.",
            now=now,
            but=known_browsers.installation_here(agent, here),
        )


def _check_people(agent: User, asked_by: User, confirmed_by: User | None) -> None:
    people = [asked_by.pk] if confirmed_by is None else [asked_by.pk, confirmed_by.pk]
    if confirmed_by is None and settings.TWO_PEOPLE:
        raise TwoPeopleError
    if len({agent.pk, *people}) <= len(people):
        raise TwoPeopleError
