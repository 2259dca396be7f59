"""A rescue file that the office was given: kept whole, with what came of each envelope in it."""

from django.conf import settings
from django.db import models
from django.db.models import Q

from accounts.models import Installation


class Condition(models.TextChoices):
    """What the end of a rescue file says of the rest."""

    WHOLE = "whole", "целый"
    CUT = "cut", "обрезан"
    CHANGED = "changed", "изменён по дороге"


class RescueImport(models.Model):
    """One file, once: `file_hash` is unique. `file` holds its bytes, so nothing in it is lost, not even an
    envelope that this server cannot read yet: that one is handed in again by a later import of the same row.

    `installation`: whose phone made it, as its manifest says, where we know that phone; `signed` says whether
    that phone's key proves it. `answers`: one per envelope, `{"id", "number", "kind", "result", "state",
    "reason"}`. `claimed_at`: somebody is importing it.
    """

    file_hash = models.CharField("отпечаток", max_length=64, unique=True)
    file = models.BinaryField()
    condition = models.CharField("файл", max_length=8, choices=Condition.choices)
    installation = models.ForeignKey(
        Installation, verbose_name="телефон", null=True, on_delete=models.PROTECT, related_name="+"
    )
    signed = models.BooleanField("подпись телефона сходится")
    envelopes = models.PositiveIntegerField("конвертов")
    uploaded_at = models.DateTimeField("загружен")
    uploaded_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, verbose_name="кем загружен", on_delete=models.PROTECT, related_name="+"
    )
    claimed_at = models.DateTimeField(null=True, blank=True)
    imported_at = models.DateTimeField("принят", null=True, blank=True)
    imported_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name="кем принят",
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="+",
    )
    answers = models.JSONField(default=list)

    class Meta:
        ordering = ["-uploaded_at"]
        verbose_name = "файл с телефона"
        verbose_name_plural = "файлы с телефонов"
        constraints = [
            models.CheckConstraint(
                condition=Q(imported_at=None, imported_by=None)
                | Q(imported_at__isnull=False, imported_by__isnull=False),
                name="rescue_import_has_its_person",
            ),
        ]

    def __str__(self) -> str:
        return f"Файл № {self.pk}"
