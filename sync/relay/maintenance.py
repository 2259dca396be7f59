"""What an agent reads while KIAS is being maintained: a notice that ends with the window (P37)."""

from datetime import datetime
from uuid import UUID, uuid5
from zoneinfo import ZoneInfo

from django.conf import settings

from accounts import notices
from accounts.models import AgentNotice, Installation
from sync.models import KiasPause
from sync.relay import pauses

KIND = "kias_maintenance"


def text(until: datetime, now: datetime) -> str:
    """The sentence; the day is named where it is not today's, by the office's clock."""
    zone = ZoneInfo(settings.TIME_ZONE)
    end, today = until.astimezone(zone), now.astimezone(zone).date()
    moment = f"{end.hour}:{end:%M}" if end.date() == today else f"{end.hour}:{end:%M} {end:%d.%m}"
    return f"КИАС на обслуживании до {moment} (МСК). Квитанции приняты и в сохранности."


def unread(installation: Installation, now: datetime) -> list[AgentNotice]:
    """What its phone has to show: its notices, and the one about the maintenance that is on."""
    rows = notices.unread(installation)
    windows = pauses.running(now).exclude(calendar="").filter(ended_at__isnull=False)
    running = windows.order_by("-ended_at").first()
    wanted = _id(installation, running) if running else None
    if over := [row.pk for row in rows if row.kind == KIND and row.pk != wanted]:
        notices.mark_read(installation, over, now=now)
    shown = [row for row in rows if row.pk not in over]
    if running and running.ended_at and wanted and wanted not in {row.pk for row in rows}:
        told, new = AgentNotice.objects.get_or_create(
            pk=wanted,
            defaults={
                "installation": installation,
                "kind": KIND,
                "text": text(running.ended_at, now),
                "at": now,
            },
        )
        shown += [told] if new else []
    return shown


def _id(installation: Installation, pause: KiasPause) -> UUID:
    """One notice for each phone, window and end: a window that is made longer is told anew."""
    return uuid5(installation.pk, f"{KIND} {pause.pk} {pause.ended_at}")
