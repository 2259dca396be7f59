"""Backups that were tried."""

from django.db import models
from django.db.models import F, Q


class VerifiedBackup(models.Model):
    """A backup that was tried: everything accepted before `until` is in it, so phones may let go of it.

    Written by `manage.py note_backup`, and never into the backup itself, so a restored server claims less.
    """

    until = models.DateTimeField("снимок базы начат")
    noted_at = models.DateTimeField("отмечено")

    class Meta:
        ordering = ["-until"]
        constraints = [
            models.CheckConstraint(condition=Q(until__lte=F("noted_at")), name="backup_is_of_the_past")
        ]

    def __str__(self) -> str:
        return f"{self.until:%d.%m.%Y %H:%M}"
