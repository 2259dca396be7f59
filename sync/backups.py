"""Up to when a verified backup holds what we accepted: phones keep their envelopes until then (F33)."""

from datetime import datetime

from sync.models import VerifiedBackup


class FutureBackupError(ValueError):
    """A backup cannot hold what has not come yet."""


def note(until: datetime, *, now: datetime) -> VerifiedBackup:
    """A backup whose snapshot began at `until` was restored and read. Raises `FutureBackupError`."""
    if until > now:
        raise FutureBackupError(until)
    return VerifiedBackup.objects.create(until=until, noted_at=now)


def backed_up_until() -> datetime | None:
    """The newest moment up to which everything is in a verified backup; None before the first one."""
    return VerifiedBackup.objects.order_by("-until").values_list("until", flat=True).first()
