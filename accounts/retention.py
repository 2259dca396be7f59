"""Login rows have an end (P26): what is older than the settings allow is deleted, a little at a time."""

from datetime import datetime, timedelta

from django.conf import settings
from django.db import models

from accounts.models import AgentSession, LoginAttempt, OfficeCode, RateBucket

AT_ONCE = 1_000
_BUCKETS_KEPT = timedelta(days=2)


def forget(*, now: datetime) -> int:
    """Delete what is over, at most `AT_ONCE` rows of each kind; how many went.

    Attempts with the office's codes, and sessions that nobody can use any more, after `LOGIN_ROWS_KEPT`; the
    throttles' counts after two days. What a receipt came by stands in its own rows and stays.
    """
    until = now - settings.LOGIN_ROWS_KEPT
    unused = models.Q(ended_at__lt=until) | models.Q(last_contact_at__lt=until - settings.AGENT_SESSION_IDLE)
    return sum(
        _delete(rows)
        for rows in (
            OfficeCode.objects.filter(given_at__lt=until),
            LoginAttempt.objects.filter(created_at__lt=until, office_code=None),
            AgentSession.objects.filter(unused),
            RateBucket.objects.filter(window_start__lt=now - _BUCKETS_KEPT),
        )
    )


def _delete(rows: models.QuerySet[models.Model]) -> int:
    ids = list(rows.order_by("pk").values_list("pk", flat=True)[:AT_ONCE])
    deleted, _ = rows.model._default_manager.filter(pk__in=ids).delete()
    return deleted
