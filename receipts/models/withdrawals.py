"""An agent takes his own receipt back: a fact of its own, frozen like a receipt (P01)."""

from django.conf import settings
from django.db import models
from django.db.models import Q

from accounts.models import Installation
from receipts.models.receipts import Receipt


class WithdrawalReason(models.TextChoices):
    AMOUNT = "amount", "ошибка в сумме"
    POLICY = "policy", "не тот полис"
    CLIENT = "client", "клиент передумал"
    OTHER = "other", "другое"


class WithdrawalEffect(models.TextChoices):
    """What it did when it arrived. A `task` waits for the office: «исправить чек или вернуть деньги»."""

    ANNULLED = "annulled", "квитанция аннулирована"
    HELD = "held", "квитанцию проверяет офис"
    TASK = "task", "решает офис"
    NOTHING = "nothing", "квитанция уже была аннулирована"


class Withdrawal(models.Model):
    """`id` (UUIDv7 made on the phone) is its idempotency key for ever. One receipt may have several."""

    id = models.UUIDField(primary_key=True)
    receipt = models.ForeignKey(
        Receipt, verbose_name="квитанция", on_delete=models.PROTECT, related_name="withdrawals"
    )
    agent = models.ForeignKey(
        settings.AUTH_USER_MODEL, verbose_name="агент", on_delete=models.PROTECT, related_name="+"
    )
    installation = models.ForeignKey(
        Installation, verbose_name="установка", on_delete=models.PROTECT, related_name="+"
    )
    reason = models.CharField("причина", max_length=8, choices=WithdrawalReason)
    text = models.CharField("пояснение", max_length=300, blank=True)
    withdrawn_at = models.DateTimeField("отменена агентом")
    copy_shown = models.BooleanField("копия уже показана")
    effect = models.CharField("что стало", max_length=8, choices=WithdrawalEffect)
    accepted_at = models.DateTimeField("принята сервером")
    content_hash = models.CharField(max_length=64)
    envelope = models.TextField()
    ended_at = models.DateTimeField("решено", null=True, blank=True)
    ended_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name="кем",
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="+",
    )
    ended_text = models.CharField("как решено", max_length=500, blank=True)

    class Meta:
        ordering = ["-accepted_at"]
        verbose_name = "отмена агентом"
        verbose_name_plural = "отмены агентами"
        constraints = [
            # A task ends by a person, with words.
            models.CheckConstraint(
                condition=Q(ended_at=None, ended_by=None, ended_text="")
                | Q(ended_at__isnull=False, ended_by__isnull=False, effect="task") & ~Q(ended_text=""),
                name="withdrawal_task_ends_by_a_person",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.receipt}: {self.get_reason_display()}"
