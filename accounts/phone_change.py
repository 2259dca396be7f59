"""A new phone number for an agent: by himself with a code to it, or by two people of the office (P25, P20).

The number is an attribute, never the identity: receipts, phones and sessions stay his.
"""

import logging
from datetime import datetime

from django.conf import settings
from django.db import IntegrityError, transaction
from django.utils import timezone

from accounts import attempts, audit_stream, notices, nudge, phone_numbers
from accounts.attempts import Asked
from accounts.models import AgentSession, User
from accounts.refusals import RefusalError
from accounts.throttles import Purse

log = logging.getLogger(__name__)

_CHANGED = "Номер для входа изменён на {number}. Если это не вы, звоните в офис: {office}."


class SameNumberError(RefusalError):
    code = "invalid"
    message = "Это и есть ваш номер. Введите новый."


class NumberInUseError(RefusalError):
    code = "number_in_use"
    message = "Этот номер уже записан за другим человеком. Введите другой или позвоните в офис."


class TooSoonError(RefusalError):
    """Two changes in a row would leave the true owner's number untold."""

    code = "not_allowed"
    message = "Номер уже меняли за последние сутки. Попробуйте завтра или позвоните в офис."


class TwoPeopleError(RefusalError):
    code = "not_allowed"
    message = "Номер агента меняют двое: один просит, другой подтверждает, и ни один из них не сам агент."


class ReasonError(RefusalError):
    code = "invalid"
    message = "Напишите, почему меняется номер и как вы узнали агента."


def ask(session: AgentSession, typed_number: str, *, attempt_token: str, address: str) -> Asked:
    """Have a code sent to the number he changes to. Whose it is comes out only when the code has proved it.

    Raises `PhoneNumberError`, `ForeignPhoneNumberError`, `SameNumberError`, `TooSoonError`, `ThrottledError`.
    """
    number = phone_numbers.for_login(typed_number)
    if number == session.agent.phone_number:
        raise SameNumberError(field="phone_number")
    _check_rested(session.agent, timezone.now())
    limits = settings.LOGIN_LIMITS
    with transaction.atomic():
        return attempts.ask(
            number,
            person=session.agent,
            purpose=attempts.NEW_NUMBER,
            token=attempt_token,
            purses=[  # not the login's: nobody's login is kept waiting by a change of number
                Purse(f"number:agent:{session.agent_id}", limits["phone_number"]),
                Purse(f"number:to:{number}", limits["phone_number"]),
                Purse(f"number:address:{address}", limits["address"]),
            ],
            now=timezone.now(),
        )


def confirm(session: AgentSession, typed_code: str, *, attempt_token: str) -> User:
    """The agent under his new number, once its code is typed.

    Raises `LoginCodeFormatError` (costs no try), `NoAttemptError`, `CodeExpiredError`, `WrongCodeError`,
    `TooSoonError`, `NumberInUseError`.
    """
    login_code = attempts.read(typed_code)
    now = timezone.now()
    # Refusals of a code are raised outside: inside, the count of tries would be rolled back with them.
    with transaction.atomic():
        attempt = attempts.locked(attempt_token, attempts.NEW_NUMBER)
        if attempt is not None and attempt.user_id != session.agent_id:
            attempt = None  # asked for by another agent on this phone
        if attempt is not None and attempt.phone_number == session.agent.phone_number:
            return session.agent  # changed already, the answer was lost (F01)
        was_open = attempt is not None and attempt.is_open
        if attempt is not None and attempt.verify_token(login_code):
            agent = User.objects.select_for_update().get(pk=session.agent_id)
            _check_rested(agent, now)  # perhaps from his other phone, a moment ago
            return _change(agent, attempt.phone_number, now)
    raise attempts.why_not(attempt, was_open=was_open)


def change_by_office(
    agent: User, typed_number: str, *, asked_by: User, confirmed_by: User | None, reason: str, now: datetime
) -> User:
    """The agent under the number that the office has written down for him.

    `confirmed_by` is None only where the setting `TWO_PEOPLE` is off. The caller writes the office's log with
    both people and the reason. Raises `ReasonError`, `TwoPeopleError`, `PhoneNumberError`,
    `ForeignPhoneNumberError`, `SameNumberError`, `NumberInUseError`.
    """
    if not reason.strip():
        raise ReasonError(field="reason")
    people = [asked_by.pk] if confirmed_by is None else [asked_by.pk, confirmed_by.pk]
    if (confirmed_by is None and settings.TWO_PEOPLE) or len({agent.pk, *people}) <= len(people):
        raise TwoPeopleError
    number = phone_numbers.for_login(typed_number)
    if number == agent.phone_number:
        raise SameNumberError(field="phone_number")
    with transaction.atomic():
        return _change(User.objects.select_for_update().get(pk=agent.pk), number, now)


def _check_rested(agent: User, now: datetime) -> None:
    if agent.number_changed_at and now < agent.number_changed_at + settings.NEW_NUMBER_WAIT:
        raise TooSoonError


def _change(agent: User, number: str, now: datetime) -> User:
    """Number, date and notices of a locked row; the SMS to the former number after the commit."""
    try:
        with transaction.atomic():
            agent.former_number = agent.phone_number or ""
            agent.phone_number, agent.number_changed_at = number, now
            agent.save(update_fields=["phone_number", "former_number", "number_changed_at"])
            shown = f"{number[:2]} ••• •••-{number[-4:-2]}-{number[-2:]}"
            text = _CHANGED.format(number=shown, office=settings.OFFICE_PHONE)
            notices.tell(agent, kind="number_changed", text=text, now=now)
            audit_stream.write("number", person=str(agent.pk), number=audit_stream.hide(number))
            if agent.former_number:
                transaction.on_commit(lambda: nudge.tell_former_number_soon(agent.pk))
    except IntegrityError as error:
        raise NumberInUseError(field="phone_number") from error
    log.info("phone number changed", extra={"agent": str(agent.pk)})
    return agent
