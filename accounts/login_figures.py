"""Whether login codes arrive: that a provider says «delivered» and does not is seen by nobody else (P16)."""

from datetime import datetime

from django.db.models import Count, Q

from accounts.models import LoginAttempt


def sent_and_entered(*, since: datetime, now: datetime) -> tuple[int, int]:
    """Of the attempts begun from `since` until `now`: to how many an SMS was sent, how many entered its code.

    A code from the office counts as not entered: it was asked for because no SMS came.
    """
    sent = LoginAttempt.objects.filter(created_at__gte=since, created_at__lt=now, sent_count__gt=0)
    figures = sent.aggregate(
        sent=Count("pk"), entered=Count("pk", filter=Q(used_at__isnull=False, office_code__used_at=None))
    )
    return figures["sent"], figures["entered"]
