"""How long a member of staff stays logged in: 15 minutes idle, 12 hours at most (settings; P20).

Idle is the session's own end: it is renewed by every request. The longest time counts from the typed code.
"""

from datetime import datetime
from typing import cast

import django_otp
from django.conf import settings
from django.contrib.auth import logout
from django.http import HttpRequest
from django_otp.plugins.otp_totp.models import TOTPDevice

from accounts.models import User

_SINCE = "office_since"


def begin(request: HttpRequest, device: TOTPDevice, *, now: datetime) -> None:
    """The code was right: from now on the office is open, under a session id nobody has seen before."""
    django_otp.login(request, device)
    request.session.cycle_key()
    request.session[_SINCE] = now.timestamp()


def is_open(request: HttpRequest, *, now: datetime) -> bool:
    """Whether this person has typed password and code, and not too long ago."""
    # In the request of the password itself the user is not django-otp's yet and has no device.
    if not (is_half_open(request) and getattr(request.user, "otp_device", None)):
        return False
    since = request.session.get(_SINCE, 0.0)
    if now.timestamp() < since + settings.STAFF_SESSION_MAX.total_seconds():
        return True
    logout(request)
    return False


def is_over(request: HttpRequest) -> bool:
    """Whether the office was open here and its device is gone: reset by a colleague, who meant this session
    too. Without this, whoever holds its cookie would set up an authenticator without the password.
    """
    return _SINCE in request.session and not getattr(request.user, "otp_device", None)


def is_half_open(request: HttpRequest) -> bool:
    """Whether a member of staff has at least typed the password."""
    return bool(request.user.is_active and getattr(request.user, "is_staff", False))


def person(request: HttpRequest) -> User:
    """Who is logged in. Only where the site has let the request in."""
    return cast(User, request.user)
