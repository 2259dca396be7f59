"""Tasks that the broker did not take after a commit: counted in a row, where all processes add up (P28)."""

import logging
from datetime import UTC, datetime

from django.db import transaction
from django.db.models import F

from accounts.models import RateBucket

log = logging.getLogger(__name__)

RELAY, SMS = "relay", "sms"
KINDS = (RELAY, SMS)
_EVER = datetime(1970, 1, 1, tzinfo=UTC)


def add(kind: str) -> None:
    """Count one more; never raises: whoever lost a nudge has something better to do."""
    row = {"key": f"lost_nudge:{kind}", "window_start": _EVER}
    try:
        with transaction.atomic():
            RateBucket.objects.bulk_create([RateBucket(**row)], ignore_conflicts=True)
            RateBucket.objects.filter(**row).update(count=F("count") + 1)
    except Exception as error:
        log.warning("lost nudge not counted", extra={"error": type(error).__name__})


def count(kind: str) -> int:
    """How many there ever were."""
    found = RateBucket.objects.filter(key=f"lost_nudge:{kind}", window_start=_EVER)
    return found.values_list("count", flat=True).first() or 0
