"""Login by SMS code: ask for a code, confirm it. Rules: docs/protocol.md, P10, P16, P19, F36, F42.

A stranger's requests never keep an agent out on a phone he has used: tries count per attempt, an attempt
belongs to the asking browser, and known browsers have a purse of their own (`_purses`).
"""

import math
import re
import secrets
import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from accounts import known_browsers, login_codes, nudge, phone_numbers, sessions, throttles
from accounts.models import AgentSession, AgentStatus, LoginAttempt, User
from accounts.refusals import RefusalError
from accounts.throttles import Purse


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
    token: str  # for the browser's cookie
    resend_after: int
    valid_for: int
    tries_left: int


@dataclass(frozen=True)
class Confirmed:
    session: AgentSession
    token: str  # for the browser's cookie


def ask_for_code(
    typed_number: str, *, attempt_token: str, known_installations: list[uuid.UUID], address: str
) -> Asked:
    """Have a code sent to this number, or the same one again while it is valid.

    Asking again before the pause of 60 s is over sends nothing and says how long to wait. A number that
    nobody has gets the same answer by the same steps. `attempt_token` is the browser's cookie (perhaps
    empty), `address` comes from `addresses.address_of`. Raises `PhoneNumberError`,
    `ForeignPhoneNumberError`, `ThrottledError`.
    """
    phone_number = phone_numbers.for_login(typed_number)
    now = timezone.now()
    with transaction.atomic():
        agent = _agent_with(phone_number)
        attempt = _living_attempt(attempt_token, phone_number, now)
        if attempt is not None and not attempt.may_be_sent_again:
            return _asked(attempt, attempt_token)
        throttles.take(_purses(phone_number, agent, known_installations, address), now=now)
        if attempt is None:
            attempt_token = secrets.token_urlsafe(32)
            attempt = LoginAttempt(
                browser_hash=sessions.hashed(attempt_token),
                phone_number=phone_number,
                user=agent,
                name="SMS",
                valid_until=now + settings.LOGIN_CODE_LIFE,
            )
        attempt.generate_challenge()  # saves
        if agent is not None:
            attempt_id = attempt.attempt
            transaction.on_commit(lambda: nudge.send_soon(attempt_id))
    return _asked(attempt, attempt_token)


def confirm(typed_code: str, *, attempt_token: str, former_token: str = "") -> Confirmed:
    """Open a session for the agent whose code this is; the browser's former session ends.

    A code is good once, for 10 minutes and five tries, in the browser that asked for it. Raises
    `LoginCodeFormatError` (costs no try), `NoAttemptError`, `CodeExpiredError`, `WrongCodeError`.
    """
    login_code = re.sub(r"[\s-]", "", typed_code)
    if not re.fullmatch(rf"[0-9]{{{login_codes.DIGITS}}}", login_code):
        raise LoginCodeFormatError(field="code")
    now = timezone.now()
    # Refusals are raised outside: inside, the count of tries would be rolled back with them.
    with transaction.atomic():
        attempt = _locked_attempt(attempt_token)
        was_open = attempt is not None and attempt.is_open
        if attempt is not None and attempt.verify_token(login_code) and attempt.user is not None:
            former = sessions.find(former_token, now=now)
            if former:
                sessions.end(former, now=now)
            session, token = sessions.open_for(attempt.user, now=now)
            return Confirmed(session, token)
    if attempt is None:
        raise NoAttemptError
    if not was_open:
        raise CodeExpiredError(field="code")
    raise WrongCodeError(attempt.tries_left)


def _agent_with(phone_number: str) -> User | None:
    """The agent who may log in with this number; a closed one is nobody (P17)."""
    agent = (
        User.objects.filter(phone_number=phone_number)
        .exclude(agent_status__in=["", AgentStatus.CLOSED])
        .first()
    )
    return agent if agent and agent.may_log_in(phone_number) else None


def _locked_attempt(attempt_token: str) -> LoginAttempt | None:
    return (
        LoginAttempt.objects.select_for_update().filter(browser_hash=sessions.hashed(attempt_token)).first()
    )


def _living_attempt(attempt_token: str, phone_number: str, now: datetime) -> LoginAttempt | None:
    """The browser's attempt for this number while its code may still be entered.

    In the last minute of a code's life a new one is begun: a resent code must leave time to be typed.
    """
    attempt = _locked_attempt(attempt_token)
    if attempt is None or attempt.phone_number != phone_number or not attempt.is_open:
        return None
    too_late = now + settings.LOGIN_CODE_RESEND_AFTER >= attempt.valid_until
    return None if too_late else attempt


def _purses(
    phone_number: str, agent: User | None, known_installations: list[uuid.UUID], address: str
) -> Sequence[Purse]:
    """Who pays for this SMS: a known browser from its own purse, all others from the common ones (P19)."""
    limits = settings.LOGIN_LIMITS
    known = known_browsers.installation_here(agent, known_installations)
    if known is not None:
        return [Purse(f"login:known:{known.pk}", limits["phone_number"])]
    return [
        Purse(f"login:number:{phone_number}", limits["phone_number"]),
        Purse(f"login:address:{address}", limits["address"]),
        Purse("login:total", limits["total"]),
    ]


def _asked(attempt: LoginAttempt, token: str) -> Asked:
    now = timezone.now()
    sent_at = attempt.last_generated_timestamp or now
    wait = sent_at + settings.LOGIN_CODE_RESEND_AFTER - now
    return Asked(
        attempt=attempt.attempt,
        sign=attempt.sign,
        token=token,
        resend_after=max(1, math.ceil(wait.total_seconds())),
        valid_for=max(0, round((attempt.valid_until - now).total_seconds())),
        tries_left=attempt.tries_left,
    )
