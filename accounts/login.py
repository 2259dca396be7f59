"""Login by SMS code: ask for a code, confirm it. Rules: docs/protocol.md, P10, P16, P19, F36, F42.

A stranger's requests never keep an agent out on a phone he has used: tries count per attempt, an attempt
belongs to the asking browser, and known browsers have a purse of their own (`_purses`).
"""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from accounts import agents, attempts, known_browsers, office_codes, phone_numbers, sessions
from accounts.attempts import Asked
from accounts.models import AgentSession, AgentStatus, User
from accounts.throttles import Purse


@dataclass(frozen=True)
class Confirmed:
    session: AgentSession
    token: str  # for the browser's cookie


def ask_for_code(
    typed_number: str, *, attempt_token: str, known_installations: list[uuid.UUID], address: str
) -> Asked:
    """Have a code sent to this number, or the same one again while it is valid (`attempts.ask`).

    A number that nobody has gets the same answer by the same steps. `attempt_token` is the browser's cookie
    (perhaps empty), `address` comes from `addresses.address_of`. Raises `PhoneNumberError`,
    `ForeignPhoneNumberError`, `ThrottledError`.
    """
    phone_number = phone_numbers.for_login(typed_number)
    with transaction.atomic():
        agent = _agent_with(phone_number)
        return attempts.ask(
            phone_number,
            person=agent,
            purpose=attempts.LOGIN,
            token=attempt_token,
            purses=_purses(phone_number, agent, known_installations, address),
            now=timezone.now(),
        )


def confirm(
    typed_code: str,
    *,
    attempt_token: str,
    former_token: str = "",
    known_installations: Sequence[uuid.UUID] = (),
) -> Confirmed:
    """Open a session for the agent whose code this is; the browser's former session ends.

    The code is the SMS's, or the office's, which is told on the agent's other installations (P16). It is good
    once, for 10 minutes and five tries, in the browser that asked for it; `known_installations` are this
    browser's. Raises `LoginCodeFormatError` (costs no try), `NoAttemptError`, `CodeExpiredError`,
    `WrongCodeError`, `LockedError` (right code, but the agent has been silent for 90 days, P25).
    """
    login_code = attempts.read(typed_code)
    now = timezone.now()
    # Refusals are raised outside: inside, the count of tries would be rolled back with them.
    with transaction.atomic():
        attempt = attempts.locked(attempt_token, attempts.LOGIN)
        was_open = attempt is not None and attempt.is_open
        if attempt is not None and attempt.verify_token(login_code) and attempt.user is not None:
            agents.check_heard_of(attempt.user, now=now)  # undone, the code is good again once he is opened
            former = sessions.find(former_token, now=now)
            if former:
                sessions.end(former, now=now)
            session, token = sessions.open_for(attempt.user, now=now)
            office_codes.announce(attempt, attempt.user, here=known_installations, now=now)
            return Confirmed(session, token)
    raise attempts.why_not(attempt, was_open=was_open)


def _agent_with(phone_number: str) -> User | None:
    """The agent who may log in with this number; a closed one is nobody (P17)."""
    agent = (
        User.objects.filter(phone_number=phone_number)
        .exclude(agent_status__in=["", AgentStatus.CLOSED])
        .first()
    )
    return agent if agent and agent.may_log_in(phone_number) else None


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
