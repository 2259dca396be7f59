"""Reconciliation with KIAS: runs, each a row that is also its own queue, and what they found."""

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from receipts.models import Receipt


class Difference(models.TextChoices):
    """What does not agree; the office's words for each: `backoffice/differences.py`."""

    TWICE = "twice", "дважды в КИАС"
    ONLY_OURS = "only_ours", "только у нас"
    ONLY_KIAS = "only_kias", "только в КИАС"
    BY_HAND = "by_hand", "внесена вручную"
    HELD_HERE = "held_here", "у нас стоит, а в КИАС есть"
    ISN = "isn", "другой ISN"
    AMOUNT = "amount", "другая сумма"
    NUMBER = "number", "другой номер"
    POLICY = "policy", "другой полис"
    DATE = "date", "другая дата"
    SALE = "sale", "приход и возврат"
    CHECK = "check", "другой чек"
    CHECK_MISSING = "check_missing", "чек есть только в КИАС"


class RunReason(models.TextChoices):
    NIGHTLY = "nightly", "ночная"
    ASKED = "asked", "по просьбе офиса"
    COMMAND = "command", "командой"


class RunEnd(models.TextChoices):
    DONE = "done", "сверено"
    REFUSED = "refused", "КИАС отказал"
    REPLACED = "replaced", "заменена новой"


class ReconciliationRun(models.Model):
    """Comparing the receipts and documents of a period, day by day. The row is the queue.

    `day` is the next day to compare: what lies before it is done. `due_at` says when to go on, `waits` why
    not now, `claim` and `lease_until` who is at work (database's clock). `nightly_of` is unique: two beats
    make one run.
    """

    since = models.DateField("с")
    until = models.DateField("по")
    reason = models.CharField("какая", max_length=8, choices=RunReason)
    nightly_of = models.DateField(null=True, unique=True)
    asked_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name="кто попросил",
        null=True,
        on_delete=models.PROTECT,
        related_name="+",
    )
    created_at = models.DateTimeField("заведена")
    started_at = models.DateTimeField("начата", null=True)
    ended_at = models.DateTimeField("закончена", null=True)
    end = models.CharField("чем кончилась", max_length=8, choices=RunEnd, blank=True)
    day = models.DateField("сверяется день")
    due_at = models.DateTimeField("продолжит", null=True)
    waits = models.CharField("почему ждёт", max_length=200, blank=True)
    failures = models.PositiveIntegerField("неудач подряд", default=0)
    claim = models.UUIDField(null=True)
    lease_until = models.DateTimeField(null=True)
    receipts = models.PositiveIntegerField("квитанций", default=0)
    documents = models.PositiveIntegerField("документов КИАС", default=0)
    calls = models.PositiveIntegerField("вызовов", default=0)
    found = models.PositiveIntegerField("новых расхождений", default=0)
    closed = models.PositiveIntegerField("исчезло расхождений", default=0)
    woken = models.PositiveIntegerField("чеков запрошено", default=0)

    class Meta:
        ordering = ["-id"]
        verbose_name = "сверка"
        verbose_name_plural = "сверки с КИАС"
        constraints = [
            models.CheckConstraint(condition=Q(until__gte=F("since")), name="run_ends_after_its_start"),
            models.CheckConstraint(
                condition=Q(claim__isnull=True, lease_until__isnull=True)
                | Q(claim__isnull=False, lease_until__isnull=False),
                name="run_claim_has_lease",
            ),
            models.CheckConstraint(
                condition=Q(ended_at__isnull=True, due_at__isnull=False, end="")
                | (Q(ended_at__isnull=False, due_at__isnull=True, claim__isnull=True) & ~Q(end="")),
                name="run_is_due_until_it_has_ended",
            ),
            models.UniqueConstraint(
                fields=["since", "until"],
                condition=Q(ended_at__isnull=True),
                name="one_open_run_of_a_period",
            ),
        ]

    def __str__(self) -> str:
        days = dict.fromkeys([f"{self.since:%d.%m.%Y}", f"{self.until:%d.%m.%Y}"])
        return " — ".join(days)


class ReconciliationFinding(models.Model):
    """One difference, one row for ever: seen again it is the same row (`seen_in`), gone it closes by itself.

    `key` is the receipt's id, or what KIAS's documents share. `facts` holds both sides as they were told
    last: `{"receipt": {…} | None, "documents": [{…}]}`. What a person ended stays ended while the facts are
    the same. `first_day`, `last_day`: the days a run must have compared to say that it is gone.
    """

    difference = models.CharField("расхождение", max_length=16, choices=Difference)
    key = models.CharField(max_length=80)
    receipt = models.ForeignKey(
        Receipt, verbose_name="квитанция", null=True, on_delete=models.PROTECT, related_name="+"
    )
    number = models.CharField("номер", max_length=80, blank=True)
    number_folded = models.CharField(max_length=80, blank=True)
    isn = models.CharField("ISN", max_length=20, blank=True)
    amount = models.BigIntegerField("сумма, коп.")
    first_day = models.DateField("дата")
    last_day = models.DateField()
    facts = models.JSONField()
    found_at = models.DateTimeField("найдено")
    found_in = models.ForeignKey(
        ReconciliationRun, verbose_name="нашла сверка", on_delete=models.PROTECT, related_name="+"
    )
    seen_in = models.ForeignKey(
        ReconciliationRun, verbose_name="видела сверка", on_delete=models.PROTECT, related_name="seen"
    )
    closed_at = models.DateTimeField("закрыто", null=True)
    closed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, verbose_name="кем", null=True, on_delete=models.PROTECT, related_name="+"
    )
    closed_text = models.CharField("чем кончилось", max_length=500, blank=True)

    class Meta:
        ordering = ["-found_at", "-id"]
        verbose_name = "расхождение с КИАС"
        verbose_name_plural = "расхождения с КИАС"
        constraints = [
            models.UniqueConstraint(fields=["difference", "key"], name="one_row_for_a_difference"),
            models.CheckConstraint(
                condition=Q(closed_at__isnull=False) | Q(closed_by__isnull=True, closed_text=""),
                name="open_finding_has_no_end",
            ),
        ]
        indexes = [
            models.Index(fields=["difference"], name="finding_open", condition=Q(closed_at__isnull=True)),
        ]

    def __str__(self) -> str:
        label = Difference(self.difference).label
        return f"{label[0].upper()}{label[1:]}: {self.number or self.isn}"
