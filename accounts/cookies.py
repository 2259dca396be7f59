"""The app's cookies: HttpOnly, SameSite=Strict, `/api/` only. The admin's have other names and `/admin/`."""

from datetime import timedelta

from django.conf import settings
from django.http import HttpResponse

CSRF = "kias_csrf"
ATTEMPT = "kias_attempt"
NEW_NUMBER = "kias_number"
SESSION = "kias_session"
KNOWN = "kias_known"
PATH = "/api/"
# Longer than a code's life, so that a late code is answered `code_expired` and not `no_attempt`.
ATTEMPT_LIFE = timedelta(hours=1)


def put(response: HttpResponse, name: str, value: str, *, life: timedelta) -> None:
    response.set_cookie(
        name,
        value,
        max_age=life,
        path=PATH,
        httponly=True,
        samesite="Strict",
        secure=settings.COOKIES_SECURE,
    )


def drop(response: HttpResponse, name: str) -> None:
    response.delete_cookie(name, path=PATH, samesite="Strict")
