"""How long something waits for a person, in working days: amber after one, red after five (settings)."""

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from django.conf import settings
from django.utils.safestring import SafeString

from backoffice import html, show

_SATURDAY = 5


def working_days(since: datetime, now: datetime, zone: str) -> int:
    """Whole working days between two moments, by the calendar of `zone`; Saturday and Sunday do not count.

    Holidays do: the office decides by itself what a red figure on the 9th of May means.
    """
    place = ZoneInfo(zone)
    begun, today = since.astimezone(place), now.astimezone(place)
    days = (today.date() - begun.date()).days
    if days > 0 and today.time() < begun.time():
        days -= 1
    return sum((begun + timedelta(days=day)).weekday() < _SATURDAY for day in range(1, days + 1))


def tone(since: datetime, now: datetime) -> str:
    """A badge's kind: `waiting`, `held` (amber) or `rejected` (red)."""
    days = working_days(since, now, settings.TIME_ZONE)
    if days >= settings.OFFICE_RED_DAYS:
        return "rejected"
    return "held" if days >= settings.OFFICE_AMBER_DAYS else "registered"


def badge(since: datetime, now: datetime) -> SafeString:
    return html.badge(tone(since, now), show.ago(since, now))
