"""The pauses that are on: a person's, or a window of KIAS's maintenance that has begun (`windows`)."""

from datetime import datetime

from django.db.models import Q, QuerySet
from django.db.models.expressions import Combinable

from sync.models import KiasPause


def running(now: Combinable | datetime) -> QuerySet[KiasPause]:
    """Each pause that has begun and not ended at `now`; while there is one, nothing is sent to KIAS."""
    still_on = Q(ended_at__isnull=True) | Q(ended_at__gt=now)
    return KiasPause.objects.filter(still_on, started_at__lte=now)
