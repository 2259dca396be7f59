"""The calendar of KIAS's maintenance (P37): when the next windows are, written ahead as pauses.

What is pure stands first. A window that has begun is history and is no longer touched: people end it, or
make it longer, as the pause it has become.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db import transaction
from django.db.models import Q

from sync.models import KiasPause, KiasWindow
from sync.models.rest import LONGEST_WINDOW_MIN

#: how far ahead the windows are written: as long may beat be away and the relay still knows them
AHEAD = timedelta(days=15)
REASON = "Плановое обслуживание КИАС"


@dataclass(frozen=True, kw_only=True)
class Window:
    """A line of the calendar: weekly by `weekday` (Monday is 0) and `at`, or once at `starts_at`."""

    key: str
    minutes: int
    reason: str
    weekday: int = 0
    at: time = time(0)
    starts_at: datetime | None = None


@dataclass(frozen=True, order=True)
class Occurrence:
    """One window of the calendar, by its moments."""

    starts_at: datetime
    ends_at: datetime
    key: str
    reason: str


def occurrences(
    windows: Iterable[Window], since: datetime, until: datetime, zone: ZoneInfo
) -> list[Occurrence]:
    """What is not over at `since` and begins before `until`; weekly ones by the days of `zone`."""
    found = []
    for window in windows:
        for start in _starts(window, since, until, zone):
            end = start + timedelta(minutes=window.minutes)
            if end > since and start < until:
                found.append(Occurrence(start, end, window.key, window.reason))
    return sorted(found)


def _starts(window: Window, since: datetime, until: datetime, zone: ZoneInfo) -> Iterable[datetime]:
    if window.starts_at is not None:
        yield window.starts_at
        return
    day = (since - timedelta(minutes=window.minutes)).astimezone(zone).date()
    while (start := datetime.combine(day, window.at, zone)) < until:
        if day.weekday() == window.weekday:
            yield start
        day += timedelta(days=1)


def calendar() -> list[Window]:
    """The setting's weekly windows and the office's active ones."""
    found = [
        Window(key=f"setting:{weekday}:{at:%H%M}", weekday=weekday, at=at, minutes=minutes, reason=REASON)
        for weekday, at, minutes in settings.KIAS_WINDOWS
    ]
    for row in KiasWindow.objects.filter(is_active=True):
        found.append(
            Window(
                key=f"window:{row.pk}",
                weekday=row.weekday or 0,
                at=row.time or time(0),
                starts_at=row.starts_at,
                minutes=row.minutes,
                reason=row.reason,
            )
        )
    return found


def plan(now: datetime) -> None:
    """Write the windows of the coming days; take back those that the calendar no longer holds.

    Harmless when two do it at once: a window is one row by its line and its beginning.
    """
    wanted = {
        (each.key, each.starts_at, each.ends_at, each.reason)
        for each in occurrences(calendar(), now, now + AHEAD, ZoneInfo(settings.TIME_ZONE))
    }
    with transaction.atomic():
        ahead = KiasPause.objects.filter(~Q(calendar=""), started_at__gt=now)
        known = {
            (each.calendar, each.started_at, each.ended_at, each.reason): each.pk
            for each in KiasPause.objects.filter(
                ~Q(calendar=""), started_at__gt=now - timedelta(minutes=LONGEST_WINDOW_MIN)
            )
        }
        gone = [pk for key, pk in known.items() if key not in wanted]
        ahead.filter(pk__in=gone).delete()
        KiasPause.objects.bulk_create(
            [
                KiasPause(calendar=key, started_at=start, ended_at=end, reason=reason)
                for key, start, end, reason in sorted(wanted - known.keys())
            ],
            ignore_conflicts=True,
        )
