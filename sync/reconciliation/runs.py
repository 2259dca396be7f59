"""Runs of reconciliation: asked for, claimed, moved on day by day, put off, ended. The row is the queue.

Every change of a claimed run names the claim, and a lease that has run out is nobody's: a worker killed in
the middle of a day leaves that day to the next one, which compares it from its beginning.
"""

from datetime import date, datetime, timedelta
from uuid import uuid4
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db import IntegrityError, transaction
from django.db.models import DateTimeField, ExpressionWrapper, F

from accounts.models import User
from accounts.refusals import RefusalError
from sync.clock import Clock, later, nobody_holds
from sync.models.reconciliation import ReconciliationRun, RunEnd, RunReason

_DAY = timedelta(days=1)
#: a missed night is not made up for at noon: the next one compares the same days again
_NIGHT_LASTS_H = 6
LONGEST_DAYS = 400


class ClaimLostError(Exception):
    """The lease ran out and another worker goes on with the run."""


class PeriodError(RefusalError):
    code = "bad_period"


def moment(run: ReconciliationRun, clock: Clock) -> datetime:
    """The moment that `clock` tells."""
    now = ExpressionWrapper(clock(), output_field=DateTimeField())
    found: datetime = ReconciliationRun.objects.annotate(now=now).values_list("now", flat=True).get(pk=run.pk)
    return found


def ask(
    since: date, until: date, *, reason: RunReason, asked_by: User | None, now: datetime
) -> ReconciliationRun:
    """A run over these days, both included; the one that is open for the same days, if there is one.

    Raises `PeriodError`.
    """
    if until < since:
        raise PeriodError("Последний день раньше первого. Поменяйте дни местами.", field="until")
    if (until - since).days >= LONGEST_DAYS:
        raise PeriodError(
            f"Слишком много дней: за один раз сверяется не больше {LONGEST_DAYS}.", field="until"
        )
    open_one = ReconciliationRun.objects.filter(since=since, until=until, ended_at=None)
    try:
        with transaction.atomic():
            return open_one.first() or _new(since, until, reason=reason, asked_by=asked_by, now=now)
    except IntegrityError:  # asked for twice at once
        return open_one.get()


def begin_nightly(now: datetime) -> ReconciliationRun | None:
    """Tonight's run, once its hour has come; None when it is there already or it is not the time.

    It takes the place of an earlier night's run that has not ended: it compares those days too.
    """
    local = now.astimezone(ZoneInfo(settings.TIME_ZONE))
    hour = settings.RECONCILE_HOUR
    if not 0 <= hour <= local.hour < hour + _NIGHT_LASTS_H:
        return None
    if ReconciliationRun.objects.filter(nightly_of=local.date()).exists():
        return None
    until = local.date() + _DAY  # it is tomorrow already where some agents work
    since = until - timedelta(days=settings.RECONCILE_DAYS)
    try:
        with transaction.atomic():
            run = _new(
                since, until, reason=RunReason.NIGHTLY, asked_by=None, now=now, nightly_of=local.date()
            )
            older = ReconciliationRun.objects.filter(
                nobody_holds(now),
                reason=RunReason.NIGHTLY,
                ended_at=None,
                since__gte=since - _DAY * 3,
            ).exclude(pk=run.pk)
            older.update(
                end=RunEnd.REPLACED, ended_at=now, due_at=None, claim=None, lease_until=None, waits=""
            )
    except IntegrityError:  # another beat was quicker, or a person asked for exactly these days
        return None
    return run


def claim(lease_s: float, clock: Clock) -> ReconciliationRun | None:
    """The run to go on with, claimed for `lease_s` seconds; None when none is due or somebody is at work.

    One at a time, the oldest first: KIAS has other work to do.
    """
    oldest = ReconciliationRun.objects.filter(ended_at=None).order_by("pk").first()
    if oldest is None:
        return None
    mine = uuid4()
    taken = ReconciliationRun.objects.filter(
        nobody_holds(clock()), pk=oldest.pk, ended_at=None, due_at__lte=clock()
    ).update(claim=mine, lease_until=later(clock, lease_s))
    if not taken:
        return None
    ReconciliationRun.objects.filter(pk=oldest.pk, started_at=None).update(started_at=clock())
    return ReconciliationRun.objects.filter(pk=oldest.pk, claim=mine).first()


def renew(run: ReconciliationRun, lease_s: float, clock: Clock) -> None:
    """Hold the run for `lease_s` more seconds and count a call; raises `ClaimLostError`."""
    _mine(run, clock, lease_until=later(clock, lease_s), calls=F("calls") + 1)


def day_done(
    run: ReconciliationRun, clock: Clock, *, receipts: int, documents: int, found: int, woken: int
) -> None:
    """One more day is compared. In the transaction that keeps its findings; raises `ClaimLostError`."""
    _mine(
        run,
        clock,
        day=run.day + _DAY,
        receipts=F("receipts") + receipts,
        documents=F("documents") + documents,
        found=F("found") + found,
        woken=F("woken") + woken,
        failures=0,
        waits="",
    )
    run.day += _DAY


def put_off(run: ReconciliationRun, clock: Clock, *, seconds: float, waits: str, failed: bool) -> None:
    """Give the run back; it goes on with the same day when `seconds` are over. Raises `ClaimLostError`."""
    _mine(
        run,
        clock,
        claim=None,
        lease_until=None,
        due_at=later(clock, seconds),
        waits=waits[:200],
        failures=F("failures") + 1 if failed else F("failures"),
    )


def finish(run: ReconciliationRun, clock: Clock, *, end: RunEnd, closed: int = 0, waits: str = "") -> None:
    """It is over. Raises `ClaimLostError`."""
    _mine(
        run,
        clock,
        end=end,
        ended_at=clock(),
        due_at=None,
        claim=None,
        lease_until=None,
        closed=closed,
        waits=waits[:200],
    )


def _mine(run: ReconciliationRun, clock: Clock, **changes: object) -> None:
    held = ReconciliationRun.objects.filter(pk=run.pk, claim=run.claim, lease_until__gt=clock())
    if not held.update(**changes):
        raise ClaimLostError(str(run.pk))


def _new(
    since: date,
    until: date,
    *,
    reason: RunReason,
    asked_by: User | None,
    now: datetime,
    nightly_of: date | None = None,
) -> ReconciliationRun:
    return ReconciliationRun.objects.create(
        since=since,
        until=until,
        reason=reason,
        asked_by=asked_by,
        created_at=now,
        day=since,
        due_at=now,
        nightly_of=nightly_of,
    )
