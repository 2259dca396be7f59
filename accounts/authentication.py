"""Who calls `/api/`: the one authentication class of the phone's API, and what its views may ask for.

Every unsafe call passes the CSRF check here, login included. Django's user and session are not looked at:
a staff session is never an agent's.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from datetime import timezone as fixed
from typing import TYPE_CHECKING

from django.http import HttpRequest
from django.utils import timezone
from rest_framework.authentication import BaseAuthentication
from rest_framework.permissions import BasePermission
from rest_framework.request import Request

from accounts import csrf, sessions, versions
from accounts.models import AgentSession, Installation, User
from accounts.refusals import RefusalError

if TYPE_CHECKING:  # rest_framework.views loads this module to build APIView
    from rest_framework.views import APIView


MOSCOW = fixed(timedelta(hours=3))


class LoginRequiredError(RefusalError):
    code = "login_required"
    message = "Войдите по коду из SMS: квитанции на телефоне сохранятся и уйдут после входа."


class InstallationRequiredError(RefusalError):
    code = "installation_required"
    message = "Вход на этом телефоне не закончен. Закройте приложение и откройте его снова."


class NotAllowedError(RefusalError):
    code = "not_allowed"
    message = "Это действие вам недоступно. Если так не должно быть, позвоните в офис."


class TooFreshError(NotAllowedError):
    """A new number may be a stolen one: for a day a new phone issues and sends, no more (P25)."""

    def __init__(self, reads_from: datetime) -> None:
        at = reads_from.astimezone(MOSCOW)
        super().__init__(
            "Номер для входа недавно меняли, поэтому на новом телефоне прошлые квитанции и настройки "
            f"откроются {at:%d.%m в %H:%M} по Москве. Оформлять и отправлять можно уже сейчас."
        )


def identify(request: HttpRequest | Request) -> AgentSession | None:
    """The session behind a request, noted as a contact; None for anybody else. Raises `CsrfError`."""
    csrf.check(request)
    if _is_typed(request):
        return None
    now = timezone.now()
    session = sessions.find(sessions.token_of(request), now=now)
    if session:
        sessions.touch(session, now=now)
    return session


def _is_typed(request: HttpRequest | Request) -> bool:
    """Whether a browser wants a page of its own: an address typed on the phone leads past the PIN (P27).

    The app asks by `fetch`, which is told apart by both headers; old browsers send the second alone.
    """
    navigates = request.headers.get("Sec-Fetch-Mode") == "navigate"
    return navigates or "text/html" in request.headers.get("Accept", "")


class AgentAuthentication(BaseAuthentication):
    """`request.user` becomes the agent, `request.auth` his session. An unusable session is nobody."""

    def authenticate(self, request: Request) -> tuple[User, AgentSession] | None:
        session = identify(request)
        return (session.agent, session) if session else None


def session_of(request: Request) -> AgentSession:
    """The caller's session. Raises `LoginRequiredError`."""
    if not isinstance(request.auth, AgentSession):
        raise LoginRequiredError
    return request.auth


def installation_of(request: Request) -> Installation:
    """The caller's installation. Raises `LoginRequiredError`, `InstallationRequiredError`."""
    installation = session_of(request).installation
    if installation is None:
        raise InstallationRequiredError
    return installation


class AnyBrowser(BasePermission):
    """Ping and login: nobody needs to be anybody yet."""

    def has_permission(self, request: Request, view: APIView) -> bool:
        return True


class HasSession(BasePermission):
    """A session confirmed by an SMS code, perhaps without an installation yet."""

    def has_permission(self, request: Request, view: APIView) -> bool:
        session_of(request)
        return True


class HasInstallation(BasePermission):
    """A session bound to an installation: what sending asks for (the default)."""

    def has_permission(self, request: Request, view: APIView) -> bool:
        installation_of(request)
        return True


class Current(HasInstallation):
    """A release of the app that no security release has closed out: sending works without (P21)."""

    def has_permission(self, request: Request, view: APIView) -> bool:
        super().has_permission(request, view)
        if versions.asks_outdated(request):
            raise versions.UpdateRequiredError
        return True


class Works(Current):
    """Also a working agent: one who only hands over issues nothing (P17)."""

    def has_permission(self, request: Request, view: APIView) -> bool:
        super().has_permission(request, view)
        if not session_of(request).agent.may_read:
            raise NotAllowedError
        return True


class Settled(Current):
    """An installation that is not too fresh after a new phone number (P25)."""

    def has_permission(self, request: Request, view: APIView) -> bool:
        super().has_permission(request, view)
        reads_from = installation_of(request).reads_from
        if reads_from is not None and timezone.now() < reads_from:
            raise TooFreshError(reads_from)
        return True


class MayRead(Works, Settled):
    """A working agent on a settled installation: what personal data asks for."""
