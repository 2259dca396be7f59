"""Which release of the app asks, and whether a security release has closed it out (P21, ADR 0024).

The phone says its release with every request. That is its own word: it keeps honest old shells from showing
what a hole in them might give away, and nobody who writes his own requests. Against those sessions are ended.
"""

import re

from django.conf import settings
from django.http import HttpRequest
from rest_framework.request import Request

from accounts.refusals import RefusalError

HEADER = "X-App-Version"
_RELEASE = re.compile(r"([0-9]{1,4})\.([0-9]{1,4})\.([0-9]{1,4})")
#: what says nothing that we understand is older than any release
_UNKNOWN = (0, 0, 0)


class UpdateRequiredError(RefusalError):
    code = "update_required"
    message = (
        "Вышло важное обновление безопасности: закройте приложение и откройте его снова. "
        "Сохранённые квитанции целы и отправляются и сейчас."
    )


def parsed(text: str) -> tuple[int, int, int]:
    """«1.10.2» as something to compare; anything else is older than every release."""
    found = _RELEASE.fullmatch(text)
    return (int(found[1]), int(found[2]), int(found[3])) if found else _UNKNOWN


def is_release(text: str) -> bool:
    """Whether a release could be called so."""
    return _RELEASE.fullmatch(text) is not None


def is_outdated(release: str, security_release: str) -> bool:
    """Whether this release came before the last security release; empty: there was none."""
    return bool(security_release) and parsed(release) < parsed(security_release)


def asks_outdated(request: HttpRequest | Request) -> bool:
    """Whether the app behind this request must be updated before it reads anything."""
    return is_outdated(request.headers.get(HEADER, ""), settings.SECURITY_RELEASE)
