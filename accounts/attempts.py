"""A code asked for and typed in: what login and «Сменить номер» share (P10, P16, P19, P25, F36).

An attempt belongs to the asking browser by its cookie, is for one number and one purpose, and is good once.
"""

import math
import re
import secrets
import uuid
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from accounts import login_codes, nudge, sessions, signs, throttles
from accounts.models import LoginAttempt, User
from accounts.refusals import RefusalError
from accounts.throttles import Purse

LOGIN = "login"
NEW_NUMBER = "new_number"


class LoginCodeFormatError(RefusalError):
    code = "invalid"
    message = "Введите шесть цифр из SMS."


class NoAttemptError(RefusalError):
    code = "no_attempt"
    message = "Сначала запросите код: введите телефон и нажмите «Получить код»."


class CodeExpiredError(RefusalError):
    code = "code_expired"
    message = "Этот код больше не действует. Запросите новый."


class WrongCodeError(RefusalError):
    code = "wrong_code"

    def __init__(self, tries_left: int) -> None:
        super().__init__(
            f"Код не подошёл. Возьмите код из последней SMS. Осталось попыток: {tries_left}."
            if tries_left
            else "Код не подошёл, попытки закончились. Запросите новый код.",
            field="code",
            tries_left=tries_left,
        )


@dataclass(frozen=True)
class Asked:
    """What the asking browser may know of its attempt; times in whole seconds from now."""

    attempt: uuid.UUID
    sign: str  # what the agent reads out to the office
    office_phone: str
    token: str  # for the browser's cookie
    resend_after: int
    valid_for: int
    tries_left: int


def ask(
    phone_number: str,
    *,
    person: User | None,
    purpose: str,
    token: str,
    purses: Iterable[Purse],
    now: datetime,
) -> Asked:
    """Have a code sent to this number, or the same one again while it is valid; nobody's number gets none.

    Asking again before the pause of 60 s is over sends nothing and says how long to wait. To be called
    inside a transaction. Raises `ThrottledError`.
    """
    attempt = _living(token, phone_number, purpose, now)
    if attempt is not None and not attempt.may_be_sent_again:
        return _asked(attempt, token)
    throttles.take(purses, now=now)
    if attempt is None:
        token = secrets.token_urlsafe(32)
        attempt = LoginAttempt(
            browser_hash=sessions.hashed(token),
            phone_number=phone_number,
            user=person,
            purpose=purpose,
            sign=signs.free(now=now),
            name="SMS",
            valid_until=now + settings.LOGIN_CODE_LIFE,
        )
    attempt.generate_challenge()  # saves
    if person is not None:
        attempt_id = attempt.attempt
        transaction.on_commit(lambda: nudge.send_soon(attempt_id))
    return _asked(attempt, token)


def read(typed_code: str) -> str:
    """The six digits, however they were typed. Raises `LoginCodeFormatError`, which costs no try."""
    login_code = re.sub(r"[\s-]", "", typed_code)
    if not re.fullmatch(rf"[0-9]{{{login_codes.DIGITS}}}", login_code):
        raise LoginCodeFormatError(field="code")
    return login_code


def locked(token: str, purpose: str) -> LoginAttempt | None:
    """The browser's attempt for this purpose, its row locked."""
    return (
        LoginAttempt.objects.select_for_update()
        .filter(browser_hash=sessions.hashed(token), purpose=purpose)
        .first()
    )


def why_not(attempt: LoginAttempt | None, *, was_open: bool) -> RefusalError:
    """The refusal of a code that did not open; raise it outside of the transaction that counted the try."""
    if attempt is None:
        return NoAttemptError()
    return WrongCodeError(attempt.tries_left) if was_open else CodeExpiredError(field="code")


def _living(token: str, phone_number: str, purpose: str, now: datetime) -> LoginAttempt | None:
    """The browser's attempt for this number while its code may still be entered.

    In the last minute of a code's life a new one is begun: a resent code must leave time to be typed.
    """
    attempt = locked(token, purpose)
    if attempt is None or attempt.phone_number != phone_number or not attempt.is_open:
        return None
    too_late = now + settings.LOGIN_CODE_RESEND_AFTER >= attempt.valid_until
    return None if too_late else attempt


def _asked(attempt: LoginAttempt, token: str) -> Asked:
    now = timezone.now()
    sent_at = attempt.last_generated_timestamp or now
    wait = sent_at + settings.LOGIN_CODE_RESEND_AFTER - now
    return Asked(
        attempt=attempt.attempt,
        sign=attempt.sign,
        office_phone=settings.OFFICE_PHONE,
        token=token,
        resend_after=max(1, math.ceil(wait.total_seconds())),
        valid_for=max(0, round((attempt.valid_until - now).total_seconds())),
        tries_left=attempt.tries_left,
    )
