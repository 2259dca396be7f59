"""Which browsers an agent has used before: they have a purse of their own that no stranger can empty (F42).

A browser shows it by a signed cookie with the installations registered in it; a revoked one counts no more.
"""

import uuid
from collections.abc import Sequence
from datetime import timedelta

from django.core import signing
from django.http import HttpRequest, HttpResponse
from rest_framework.request import Request

from accounts import cookies
from accounts.models import Installation, User

_SALT = "accounts.known"
_LIFE = timedelta(days=400)  # the longest a browser keeps a cookie
_KEPT = 5  # several agents may share one phone


def ids_of(request: HttpRequest | Request) -> list[uuid.UUID]:
    """The installations this browser has had, the newest first; empty for anything we did not sign."""
    try:
        ids = signing.loads(request.COOKIES.get(cookies.KNOWN, ""), salt=_SALT)
        return [uuid.UUID(installation_id) for installation_id in ids]
    except (signing.BadSignature, ValueError, TypeError, AttributeError):
        return []


def remember(request: HttpRequest | Request, response: HttpResponse, installation: Installation) -> None:
    """Put this installation in front of the browser's others."""
    ids = [installation.id, *(other for other in ids_of(request) if other != installation.id)]
    value = signing.dumps([str(each) for each in ids[:_KEPT]], salt=_SALT)
    cookies.put(response, cookies.KNOWN, value, life=_LIFE)


def installation_here(agent: User | None, ids: Sequence[uuid.UUID]) -> Installation | None:
    """This agent's living installation among those of the browser, if any.

    The question is asked for a number that nobody has too: both take the same time.
    """
    return Installation.objects.filter(id__in=ids, agent=agent and agent.pk, revoked_at=None).first()
