"""Online numbers: series of the back office, reservations of the phones, and numbers that were spoiled."""

from django.db import models
from django.db.models import F, Q

from accounts.models import Installation


class NumberSeries(models.Model):
    """A range of receipt numbers, `prefix` and a counter of `digits` figures; `next` is the first free one.

    The number is at most 16 characters (fiscal tag 1192). `next` moves under this row's lock and never back.
    """

    name = models.CharField("название", max_length=80)
    prefix = models.CharField("префикс", max_length=10, blank=True)
    digits = models.PositiveSmallIntegerField("цифр", default=8)
    first = models.BigIntegerField("первый номер", default=1)
    last = models.BigIntegerField("последний номер")
    next = models.BigIntegerField("следующий номер", default=1)
    alarm_at = models.PositiveIntegerField("предупредить, когда останется", default=500)
    is_active = models.BooleanField("выдаём", default=True)

    class Meta:
        ordering = ["id"]
        verbose_name = "серия номеров"
        verbose_name_plural = "серии номеров"
        constraints = [
            models.CheckConstraint(
                condition=Q(first__gte=1, next__gte=F("first"), last__gte=F("first"))
                & Q(next__lte=F("last") + 1),
                name="series_counts_within_its_range",
            ),
        ]

    def __str__(self) -> str:
        return self.name


class NumberReservation(models.Model):
    """One online number of one installation: its own until spent, never given to another (spec «Numbers»).

    Open = neither spent nor voided; an installation has at most one open reservation. A voided number that a
    receipt arrives under is spent all the same and the voiding undone.
    """

    number = models.CharField("номер", primary_key=True, max_length=16)
    series = models.ForeignKey(
        NumberSeries, verbose_name="серия", on_delete=models.PROTECT, related_name="reservations"
    )
    installation = models.ForeignKey(
        Installation, verbose_name="установка", on_delete=models.PROTECT, related_name="reservations"
    )
    reserved_at = models.DateTimeField("зарезервирован")
    spent_at = models.DateTimeField("использован", null=True, blank=True)
    receipt_id = models.UUIDField("квитанция", null=True, blank=True)
    voided_at = models.DateTimeField("аннулирован", null=True, blank=True)

    class Meta:
        ordering = ["-reserved_at"]
        verbose_name = "резерв номера"
        verbose_name_plural = "резервы номеров"
        constraints = [
            models.UniqueConstraint(
                fields=["installation"],
                condition=Q(spent_at=None, voided_at=None),
                name="one_open_reservation_per_installation",
            ),
            models.CheckConstraint(
                condition=Q(spent_at=None, receipt_id=None) | Q(spent_at__isnull=False, voided_at=None),
                name="spent_reservation_is_not_void",
            ),
        ]

    def __str__(self) -> str:
        return self.number


class ForgottenNumbers(models.Model):
    """Numbers of a series that may have been given in the time which a restored database has forgotten.

    They are given to nobody any more; a receipt that arrives under one of them has it from that time.
    """

    series = models.ForeignKey(NumberSeries, on_delete=models.PROTECT, related_name="forgotten")
    first = models.BigIntegerField()
    last = models.BigIntegerField()
    since = models.DateTimeField()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(last__gte=F("first")), name="forgotten_numbers_are_a_range")
        ]

    def __str__(self) -> str:
        return f"{self.first}–{self.last}"


class SpoiledNumber(models.Model):
    """An offline number that its phone will never use: the draft was dropped, or renumbered (F20)."""

    number = models.CharField("номер", primary_key=True, max_length=16)
    installation = models.ForeignKey(
        Installation, verbose_name="установка", on_delete=models.PROTECT, related_name="+"
    )
    reported_at = models.DateTimeField("сообщён")

    class Meta:
        ordering = ["-reported_at"]
        verbose_name = "испорченный номер"
        verbose_name_plural = "испорченные номера"

    def __str__(self) -> str:
        return self.number
