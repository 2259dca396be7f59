"""When nothing, or little, may be sent to KIAS: pauses, the calendar of its maintenance, the circuit."""

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import F, Q

LONGEST_WINDOW_MIN = 7 * 24 * 60


class KiasWindow(models.Model):
    """A line of the maintenance calendar (P37): weekly (`weekday`, `time`) or once (`starts_at`).

    `sync.relay.windows` writes each occurrence ahead of time as a `KiasPause`: that one is what the relay
    looks at and what history keeps. Times of day are the office's (`TIME_ZONE`).
    """

    weekday = models.PositiveSmallIntegerField(
        "каждую неделю",
        null=True,
        blank=True,
        choices=list(
            enumerate(("понедельник", "вторник", "среда", "четверг", "пятница", "суббота", "воскресенье"))
        ),
    )
    time = models.TimeField("в", null=True, blank=True)
    starts_at = models.DateTimeField("один раз", null=True, blank=True)
    minutes = models.PositiveSmallIntegerField(
        "сколько минут", validators=[MinValueValidator(1), MaxValueValidator(LONGEST_WINDOW_MIN)]
    )
    reason = models.CharField("что делают", max_length=200)
    is_active = models.BooleanField("действует", default=True)

    class Meta:
        ordering = ["weekday", "time", "starts_at"]
        verbose_name = "обслуживание КИАС"
        verbose_name_plural = "обслуживание КИАС"
        constraints = [
            models.CheckConstraint(
                condition=Q(weekday__isnull=False, time__isnull=False, starts_at__isnull=True)
                | Q(weekday__isnull=True, time__isnull=True, starts_at__isnull=False),
                name="window_weekly_or_once",
            ),
            models.CheckConstraint(
                condition=Q(minutes__gte=1, minutes__lte=LONGEST_WINDOW_MIN), name="window_minutes"
            ),
        ]

    def __str__(self) -> str:
        return self.reason


class KiasPause(models.Model):
    """A time in which nothing is sent to KIAS: a person said so, or the calendar of maintenance did.

    `calendar` names the calendar's line; empty for a person's pause.
    """

    started_at = models.DateTimeField("с")
    ended_at = models.DateTimeField("до", null=True, blank=True)
    reason = models.CharField("почему", max_length=200)
    calendar = models.CharField("по календарю", max_length=32, blank=True, default="", editable=False)

    class Meta:
        verbose_name = "пауза КИАС"
        verbose_name_plural = "паузы КИАС"
        constraints = [
            models.CheckConstraint(
                condition=Q(ended_at__isnull=True) | Q(ended_at__gte=F("started_at")),
                name="pause_ends_after_start",
            ),
            models.UniqueConstraint(
                fields=["calendar", "started_at"],
                name="one_pause_of_a_window",
                condition=~Q(calendar=""),
            ),
        ]

    def __str__(self) -> str:
        return f"с {self.started_at:%d.%m.%Y %H:%M}: {self.reason}"


class KiasCircuit(models.Model):
    """What KIAS bears just now, one row for all workers on all hosts (ADR 0025). Database's clock.

    `opened_at`: it has not answered since. `not_before`: nothing is tried before. `allowed`: how many
    calls at once while it is open (one, the probe) or has just come back; null: `KIAS_CONCURRENCY`. `answers`
    and `stepped_at` count towards the next step. `turn` changes with each opening, so that what was begun
    before says nothing about now. `rested_until`: the pause after which it started slowly. `troubled_at`:
    when a call last ended *unavailable* or *unknown*, whoever made it.
    """

    id = models.PositiveSmallIntegerField(primary_key=True, default=1)
    opened_at = models.DateTimeField(null=True)
    not_before = models.DateTimeField(null=True)
    allowed = models.PositiveSmallIntegerField(null=True)
    answers = models.PositiveIntegerField(default=0)
    stepped_at = models.DateTimeField(null=True)
    failures = models.PositiveIntegerField(default=0)
    unknowns = models.PositiveIntegerField(default=0)
    turn = models.PositiveIntegerField(default=0)
    rested_until = models.DateTimeField(null=True)
    troubled_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(id=1), name="one_kias_circuit"),
            models.CheckConstraint(
                condition=Q(allowed__isnull=True) | Q(allowed__gte=1), name="circuit_allows_a_probe"
            ),
            models.CheckConstraint(
                condition=Q(opened_at__isnull=True) | Q(allowed=1), name="open_circuit_allows_one"
            ),
        ]

    def __str__(self) -> str:
        return f"не отвечает с {self.opened_at}" if self.opened_at else "отвечает"


class KiasListing(models.Model):
    """Looking for the checks of a whole day, page by page (row 1): where it stands and who is at it.

    `begun_at`: rows that were due then and stood on no page are not in KIAS's list.
    """

    id = models.PositiveSmallIntegerField(primary_key=True, default=1)
    day = models.DateField(null=True)
    page = models.PositiveIntegerField(default=1)
    begun_at = models.DateTimeField(null=True)
    not_before = models.DateTimeField(null=True)
    failures = models.PositiveIntegerField(default=0)
    last_error = models.CharField(max_length=200, blank=True)
    claim = models.UUIDField(null=True)
    lease_until = models.DateTimeField(null=True)

    class Meta:
        constraints = [models.CheckConstraint(condition=Q(id=1), name="one_kias_listing")]

    def __str__(self) -> str:
        return f"{self.day}, страница {self.page}" if self.day else "не идёт"
