"""Protection of `/api/` against foreign pages: a cookie, and an HMAC of it in `X-CSRF-Token`.

Django's own check would share its cookie with the admin; here the two worlds stay apart (docs/protocol.md,
«Cookies and CSRF»).
"""

import re
import secrets
from datetime import timedelta

from django.http import HttpRequest, HttpResponse
from django.utils.crypto import constant_time_compare, salted_hmac
from rest_framework.request import Request

from accounts import cookies
from accounts.refusals import RefusalError

HEADER = "X-CSRF-Token"
_COOKIE = re.compile(r"[A-Za-z0-9_-]{43}")
_LIFE = timedelta(days=365)
_SAFE = frozenset({"GET", "HEAD", "OPTIONS", "TRACE"})


class CsrfError(RefusalError):
    """The phone fetches a ping once and repeats."""

    code = "csrf"
    message = "Страница устарела. Повторите действие."


def token_for(request: HttpRequest | Request, response: HttpResponse) -> str:
    """The token that belongs to the browser's cookie; a browser without one gets it with `response`."""
    cookie = request.COOKIES.get(cookies.CSRF, "")
    if not _COOKIE.fullmatch(cookie):
        cookie = secrets.token_urlsafe(32)
        cookies.put(response, cookies.CSRF, cookie, life=_LIFE)
    return _token(cookie)


def check(request: HttpRequest | Request) -> None:
    """Raise `CsrfError` unless the request is safe or carries the token of its own cookie."""
    if request.method in _SAFE:
        return
    cookie = request.COOKIES.get(cookies.CSRF, "")
    given = request.headers.get(HEADER, "")
    if not _COOKIE.fullmatch(cookie) or not constant_time_compare(given, _token(cookie)):
        raise CsrfError


def _token(cookie: str) -> str:
    return salted_hmac("accounts.csrf", cookie, algorithm="sha256").hexdigest()
