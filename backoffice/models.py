"""The office's own memory: what one member of staff asked for and another decided (P20)."""

from django.conf import settings
from django.db import models
from django.db.models import F, Q


class Action(models.TextChoices):
    """What may take two people."""

    ANNUL = "annul", "Аннулировать квитанцию"
    RELEASE = "release", "Отпустить квитанцию в КИАС"
    REFUND = "refund", "Вернуть деньги"
    CORRECT = "correct", "Исправить чек"
    OFFICE_CODE = "office_code", "Дать код для входа"
    NUMBER = "number", "Сменить номер телефона агента"
    CLOSE = "close", "Закрыть агента"


#: requests about one receipt, by its id
ABOUT_RECEIPTS = (Action.ANNUL, Action.RELEASE, Action.REFUND, Action.CORRECT)


class Decision(models.TextChoices):
    """How a request ended; an open one has none. A lapsed one was confirmed too late to be done."""

    CONFIRMED = "confirmed", "подтверждено"
    ALONE = "alone", "выполнено одним человеком"
    DECLINED = "declined", "отклонено"
    WITHDRAWN = "withdrawn", "отозвано"
    LAPSED = "lapsed", "уже не выполнить"


class Approval(models.Model):
    """One person asks, another one decides; both stand here for ever.

    `subject` is the id of what it is about, `agent` the agent whom it concerns: he never decides. `outcome`
    is what became of it, in words. `decided_by` is empty where one person was enough.
    """

    action = models.CharField("что", max_length=12, choices=Action)
    subject = models.CharField("к чему", max_length=40)
    agent = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name="агент",
        null=True,
        on_delete=models.PROTECT,
        related_name="+",
    )
    params = models.JSONField(default=dict)
    asked_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, verbose_name="просит", on_delete=models.PROTECT, related_name="+"
    )
    reason = models.CharField("почему", max_length=300)
    asked_at = models.DateTimeField("когда")
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name="решил",
        null=True,
        on_delete=models.PROTECT,
        related_name="+",
    )
    decision = models.CharField("решение", max_length=12, choices=Decision, blank=True)
    decided_at = models.DateTimeField("решено", null=True)
    outcome = models.CharField("что вышло", max_length=500, blank=True)

    class Meta:
        ordering = ["-asked_at"]
        verbose_name = "подтверждение"
        verbose_name_plural = "подтверждения"
        constraints = [
            models.UniqueConstraint(
                fields=["action", "subject"], condition=Q(decision=""), name="one_open_approval_each"
            ),
            models.CheckConstraint(
                condition=Q(decided_by=None) | ~Q(decided_by=F("asked_by")), name="approval_takes_two_people"
            ),
            models.CheckConstraint(
                condition=Q(decided_by=None) | Q(agent=None) | ~Q(decided_by=F("agent")),
                name="nobody_decides_about_himself",
            ),
            models.CheckConstraint(
                condition=Q(decision="", decided_at=None) | (~Q(decision="") & Q(decided_at__isnull=False)),
                name="a_decision_has_its_moment",
            ),
            models.CheckConstraint(
                # what a restore made lapse nobody decided
                condition=~Q(decision__in=[Decision.CONFIRMED, Decision.DECLINED])
                | Q(decided_by__isnull=False),
                name="a_decision_has_its_person",
            ),
        ]

    def __str__(self) -> str:
        return self.get_action_display()
