"""Agents' sessions: opened by an SMS code, bound to one installation, ended by time, logout or revocation.

Django's own sessions belong to the admin; these never mix (spec «Installation, identity, envelope»).
"""

import secrets
from datetime import datetime, timedelta
from hashlib import sha256

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from rest_framework.request import Request

from accounts import cookies
from accounts.models import AgentSession, User

TOUCH_EVERY = timedelta(minutes=1)


def open_for(agent: User, *, now: datetime) -> tuple[AgentSession, str]:
    """A session confirmed right now, and the token for its cookie; only the token's SHA-256 is kept."""
    token = secrets.token_urlsafe(32)
    session = AgentSession.objects.create(
        token_hash=hashed(token), agent=agent, confirmed_at=now, last_contact_at=now
    )
    return session, token


def find(token: str, *, now: datetime) -> AgentSession | None:
    """The usable session of this token, with its agent and installation, or None.

    A revoked installation's session ends here, at the next request (F35). A closed agent's session opens
    nothing (P17) but is not ended: his status may be put right.
    """
    if not token:
        return None
    session = (
        AgentSession.objects.select_related("agent", "installation")
        .filter(token_hash=hashed(token), ended_at=None)
        .first()
    )
    if session is None or not is_alive(session, now=now):
        return None
    if session.installation and session.installation.revoked_at:
        end(session, now=now)
        return None
    return session if session.agent.may_hand_over else None


def was_revoked(token: str) -> bool:
    """Whether this browser's session ended because its installation was revoked: its app says so (F35)."""
    revoked = AgentSession.objects.filter(installation__revoked_at__isnull=False)
    return bool(token) and revoked.filter(token_hash=hashed(token)).exists()


def is_alive(session: AgentSession, *, now: datetime) -> bool:
    """30 days from the last contact, at most 90 from the SMS (settings)."""
    return (
        session.ended_at is None
        and now < session.last_contact_at + settings.AGENT_SESSION_IDLE
        and now < session.confirmed_at + settings.AGENT_SESSION_MAX
    )


def ends_at(session: AgentSession) -> datetime:
    """When it ends without another contact."""
    return min(
        session.last_contact_at + settings.AGENT_SESSION_IDLE,
        session.confirmed_at + settings.AGENT_SESSION_MAX,
    )


def is_asked_ahead(session: AgentSession) -> bool:
    """Whether the phone shall ask for a new code now, while there is network (P16)."""
    return (
        timezone.now() > session.confirmed_at + settings.AGENT_SESSION_MAX - settings.AGENT_SESSION_ASK_AHEAD
    )


def touch(session: AgentSession, *, now: datetime) -> None:
    """Note the contact; at most one write a minute, whatever the phone sends."""
    if now - session.last_contact_at >= TOUCH_EVERY:
        AgentSession.objects.filter(pk=session.pk).update(last_contact_at=now)
        session.last_contact_at = now


def end(session: AgentSession, *, now: datetime) -> None:
    """End it for good. Nothing on the phone is touched: what waits there waits for the next login."""
    AgentSession.objects.filter(pk=session.pk, ended_at=None).update(ended_at=now)
    session.ended_at = now


def token_of(request: HttpRequest | Request) -> str:
    return request.COOKIES.get(cookies.SESSION, "")


def set_cookie(response: HttpResponse, token: str) -> None:
    cookies.put(response, cookies.SESSION, token, life=settings.AGENT_SESSION_MAX)


def hashed(token: str) -> str:
    """What is kept of a random token."""
    return sha256(token.encode()).hexdigest()
