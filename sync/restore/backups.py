"""Up to when a verified backup holds what we accepted: phones keep their envelopes until then (F33)."""

from datetime import datetime, timedelta

from sync.models import VerifiedBackup

#: a transaction that was still open when the snapshot began is not in it; none of ours lasts longer
STILL_OPEN = timedelta(minutes=1)


class FutureBackupError(ValueError):
    """A backup cannot hold what has not come yet."""


def note(until: datetime, *, now: datetime) -> VerifiedBackup:
    """A backup whose snapshot began at `until` was restored and read. Raises `FutureBackupError`."""
    if until > now:
        raise FutureBackupError(until)
    return VerifiedBackup.objects.create(until=until, noted_at=now)


def backed_up_until() -> datetime | None:
    """The newest moment before which all that was accepted is in a verified backup; None before any."""
    newest = VerifiedBackup.objects.order_by("-until").first()
    return newest.until - STILL_OPEN if newest else None
