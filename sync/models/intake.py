"""What came from phones and could not become a receipt, and the epoch it came in."""

import uuid

from django.conf import settings
from django.db import models

from accounts.models import Installation


class Epoch(models.Model):
    """The server's memory since its last restore. Another id tells phones that we may have forgotten."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    started_at = models.DateTimeField("начата")
    reason = models.CharField("почему", max_length=120)

    class Meta:
        ordering = ["-started_at"]
        verbose_name = "эпоха"
        verbose_name_plural = "эпохи"

    def __str__(self) -> str:
        return f"{self.started_at:%d.%m.%Y %H:%M} {self.reason}"


class IntakeException(models.Model):
    """An envelope that could not become a receipt: kept whole, to the byte, until a person ends it.

    `claimed_id` and `claimed_number` are what its header or content says, not what we believe.
    """

    envelope_hash = models.CharField(max_length=64, unique=True)
    envelope = models.TextField("конверт")
    reason = models.CharField("причина", max_length=40, db_index=True)
    claimed_id = models.UUIDField("id по конверту", null=True, db_index=True)
    claimed_number = models.CharField("номер по конверту", max_length=16, blank=True)
    content = models.TextField("содержание", blank=True)
    signer = models.ForeignKey(
        Installation, verbose_name="подписала", null=True, on_delete=models.PROTECT, related_name="+"
    )
    carrier = models.ForeignKey(
        Installation, verbose_name="передала", null=True, on_delete=models.PROTECT, related_name="+"
    )
    received_at = models.DateTimeField("получен")
    ended_at = models.DateTimeField("разобран", null=True, blank=True)
    ended_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name="кем",
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="+",
    )
    ended_reason = models.CharField("как разобран", max_length=500, blank=True)

    class Meta:
        ordering = ["-received_at"]
        verbose_name = "исключение приёма"
        verbose_name_plural = "исключения приёма"

    def __str__(self) -> str:
        return f"Исключение {self.pk}"  # what the envelope claims may be hostile
