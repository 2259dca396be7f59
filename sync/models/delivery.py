"""The outbox towards KIAS and the memory of calls; slots, turns and the shared session."""

from django.conf import settings
from django.db import models
from django.db.models import Q

from receipts.models import Receipt
from sync.models.intake import Epoch


class Stage(models.TextChoices):
    SAVE = "save", "передать"
    CHECK = "check", "дождаться чека"
    DONE = "done", "готово"
    STOPPED = "stopped", "остановлена"


class Delivery(models.Model):
    """The outbox row of one receipt on its way to KIAS. The row is the queue; Celery is the alarm clock.

    `due_at` says when to try next, `claim` and `lease_until` who holds it and until when (database's
    clock). `ask_first` is set for ever by anything that makes a plain save unsafe (spec «Ask before save»).
    """

    receipt = models.OneToOneField(
        Receipt, primary_key=True, on_delete=models.PROTECT, related_name="delivery"
    )
    agent = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", db_index=False
    )
    epoch = models.ForeignKey(Epoch, on_delete=models.PROTECT, related_name="+", db_index=False)
    accepted_at = models.DateTimeField("принята")
    stage = models.CharField("шаг", max_length=8, choices=Stage, default=Stage.SAVE)
    due_at = models.DateTimeField("следующая попытка", null=True)
    ask_first = models.CharField("сначала спросить", max_length=24, blank=True)
    failures = models.PositiveIntegerField("неудач подряд", default=0)
    polls = models.PositiveIntegerField("запросов чека", default=0)
    last_error = models.CharField("последняя ошибка", max_length=200, blank=True)
    claim = models.UUIDField(null=True, blank=True)
    lease_until = models.DateTimeField(null=True, blank=True)

    class Meta:
        verbose_name = "передача в КИАС"
        verbose_name_plural = "передачи в КИАС"
        constraints = [
            models.CheckConstraint(
                condition=Q(claim__isnull=True, lease_until__isnull=True)
                | Q(claim__isnull=False, lease_until__isnull=False),
                name="claim_has_lease",
            ),
        ]
        indexes = [
            models.Index(fields=["due_at"], name="delivery_due", condition=Q(due_at__isnull=False)),
            models.Index(
                fields=["agent", "stage", "accepted_at", "receipt"],
                name="delivery_turn",
                condition=Q(due_at__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return str(self.receipt)


class Outcome(models.TextChoices):
    OK = "ok", "выполнено"
    UNAVAILABLE = "unavailable", "КИАС недоступен"
    UNKNOWN = "unknown", "исход неизвестен"
    REJECTED = "rejected", "отказ"
    DROPPED = "dropped", "не отправлялась"


class Attempt(models.Model):
    """One call to KIAS for one delivery, written before it is made.

    `ends_by` is the latest moment the call can still be running; an attempt without `outcome` past it
    counts as unknown (its worker died).
    """

    delivery = models.ForeignKey(Delivery, on_delete=models.PROTECT, related_name="attempt_rows")
    operation = models.CharField("вызов", max_length=8, choices=[("find", "поиск"), ("save", "сохранение")])
    why = models.CharField("почему", max_length=24, blank=True)
    started_at = models.DateTimeField("начат")
    ends_by = models.DateTimeField("закончится не позже")
    ended_at = models.DateTimeField("закончен", null=True, blank=True)
    outcome = models.CharField("исход", max_length=12, choices=Outcome, blank=True)
    detail = models.CharField("подробности", max_length=300, blank=True)
    correlation_id = models.CharField(max_length=64, blank=True)

    class Meta:
        ordering = ["id"]
        verbose_name = "вызов КИАС"
        verbose_name_plural = "вызовы КИАС"
        indexes = [
            models.Index(
                fields=["ends_by"],
                name="attempt_trouble",
                condition=~Q(outcome__in=["ok", "rejected", "dropped"]),
            )
        ]

    def __str__(self) -> str:
        return f"{self.get_operation_display()}: {self.get_outcome_display() or 'не закончен'}"


class AgentTurn(models.Model):
    """When KIAS last worked for an agent: whoever waits longest is next, so agents take turns."""

    agent = models.OneToOneField(
        settings.AUTH_USER_MODEL, primary_key=True, on_delete=models.PROTECT, related_name="+"
    )
    served_at = models.DateTimeField(db_index=True)

    def __str__(self) -> str:
        return f"{self.agent_id} {self.served_at:%d.%m.%Y %H:%M:%S}"


class KiasSlot(models.Model):
    """The right to have one call to KIAS under way. There are `KIAS_CONCURRENCY` of them for all hosts."""

    number = models.PositiveSmallIntegerField(primary_key=True)
    claim = models.UUIDField(null=True)
    lease_until = models.DateTimeField(null=True)

    def __str__(self) -> str:
        return f"{self.number}: {self.lease_until or 'свободен'}"


class KiasSession(models.Model):
    """The one shared login to KIAS (row 1). `claim` and `lease_until`: who is logging in right now."""

    id = models.PositiveSmallIntegerField(primary_key=True, default=1)
    sid = models.CharField(max_length=128, blank=True)
    taken_at = models.DateTimeField(null=True)
    claim = models.UUIDField(null=True)
    lease_until = models.DateTimeField(null=True)

    class Meta:
        constraints = [models.CheckConstraint(condition=Q(id=1), name="one_kias_session")]

    def __str__(self) -> str:
        return f"вход от {self.taken_at}"  # never the sid
