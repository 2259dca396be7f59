"""What the office adds to a receipt that it made itself: a refund, or the right receipt after a wrong one."""

from django.db import models
from django.db.models import Q

from receipts.models.receipts import Receipt


class Purpose(models.TextChoices):
    """Why the office made it (P08). They are different for the money: a correction gives none back."""

    REFUND = "refund", "возврат денег"
    CORRECTION = "correction", "исправление чека"


class PaidBy(models.TextChoices):
    """Out of whose hands the client got his money: it decides whose cash is less."""

    AGENT = "agent", "агент из своих денег"
    DESK = "desk", "касса офиса"
    TRANSFER = "transfer", "перевод на счёт клиента"


class OfficeReceipt(models.Model):
    """One row for each receipt with `source` «офис», written together with it (ADR 0029).

    `follows` goes first: this one is not sent to KIAS before that one stands there. `paid_by`, `paid_name`
    and `paid_on` say of money given back who paid it out and when; a correction has none.
    """

    receipt = models.OneToOneField(Receipt, primary_key=True, on_delete=models.PROTECT, related_name="office")
    purpose = models.CharField("зачем", max_length=12, choices=Purpose)
    follows = models.ForeignKey(
        Receipt, verbose_name="после", on_delete=models.PROTECT, related_name="followers"
    )
    paid_by = models.CharField("чьими деньгами", max_length=8, choices=PaidBy, blank=True)
    paid_name = models.CharField("кто выдал", max_length=120, blank=True)
    paid_on = models.DateField("когда выданы", null=True, blank=True)

    class Meta:
        verbose_name = "квитанция офиса"
        verbose_name_plural = "квитанции офиса"
        constraints = [
            models.CheckConstraint(
                condition=Q(purpose=Purpose.CORRECTION, paid_by="", paid_name="", paid_on=None)
                | Q(purpose=Purpose.REFUND, paid_by__in=PaidBy.values, paid_on__isnull=False)
                & ~Q(paid_name=""),
                name="money_back_has_a_payer_and_a_day",
            ),
            models.CheckConstraint(
                condition=~Q(follows=models.F("receipt")), name="office_receipt_follows_another"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_purpose_display()}: {self.receipt}"
