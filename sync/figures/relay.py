"""Receipts on their way to KIAS."""

from collections.abc import Iterator
from datetime import datetime, timedelta

from django.conf import settings
from django.db.models import Case, CharField, Count, F, Min, Q, Value, When

from receipts.models import Receipt
from receipts.states import State
from sync.clock import database_clock
from sync.figures.catalogue import Sample
from sync.models import (
    Acts,
    Attempt,
    Delivery,
    IntakeException,
    KiasCircuit,
    KiasListing,
    KiasPause,
    KiasSession,
    Stage,
)
from sync.relay import deadlines, deliveries, outcomes, pauses, slots

RECENT = timedelta(minutes=10)
#: KIAS that is not back so long after the end of its window has overrun it (P37)
WINDOW_GRACE = timedelta(minutes=30)
#: an index-only count of so many rows takes milliseconds; of all receipts ever it would take seconds
COUNT_AT_MOST = 100_000


def samples(now: datetime) -> Iterator[Sample]:
    """Every figure about the way to KIAS."""
    yield from _receipts(now)
    yield from _deliveries(now)
    yield from _kias(now)
    yield from _late(now)
    still_open = IntakeException.objects.filter(ended_at=None).order_by()
    for row in still_open.values("reason").annotate(n=Count("pk")):
        yield "kias_intake_exceptions_open", {"reason": row["reason"]}, row["n"]


def _receipts(now: datetime) -> Iterator[Sample]:
    for state in State:
        counted = Receipt.objects.filter(state=state).order_by()[:COUNT_AT_MOST].count()
        yield "kias_receipts", {"state": state.value}, counted
    fresh = Receipt.objects.filter(accepted_at__gte=now - RECENT).order_by()[:COUNT_AT_MOST].count()
    yield "kias_receipts_accepted_10m", {}, fresh
    refused = Receipt.objects.filter(state=State.REJECTED).order_by().values("acts").annotate(n=Count("pk"))
    found = {row["acts"] or Acts.OFFICE.value: row["n"] for row in refused}
    for acts in Acts:
        yield "kias_receipts_rejected", {"acts": acts.value}, found.get(acts.value, 0)


def _deliveries(now: datetime) -> Iterator[Sample]:
    on_their_way = Delivery.objects.filter(due_at__isnull=False)  # the index that holds only these
    waiting = on_their_way.filter(stage=Stage.SAVE, receipt__state=State.ACCEPTED).aggregate(
        n=Count("pk"), oldest=Min("accepted_at")
    )
    yield "kias_deliveries_waiting", {}, waiting["n"]
    yield "kias_deliveries_oldest_seconds", {}, age(waiting["oldest"], now)
    due = deliveries.due(database_clock).aggregate(n=Count("pk"), oldest=Min("due_at"))
    yield "kias_deliveries_due", {}, due["n"]
    yield "kias_deliveries_due_oldest_seconds", {}, age(due["oldest"], now)
    yield "kias_checks_waiting", {}, on_their_way.filter(stage=Stage.CHECK)[:COUNT_AT_MOST].count()


def _kias(now: datetime) -> Iterator[Sample]:
    ended = Case(
        When(~Q(outcome=""), then=F("outcome")),
        When(ends_by__gt=now, then=Value("running")),
        default=Value("lost"),
        output_field=CharField(),
    )
    newest = Attempt.objects.order_by("-pk").values_list("pk", flat=True).first() or 0
    recent = Attempt.objects.filter(pk__gt=newest - COUNT_AT_MOST, started_at__gte=now - RECENT).order_by()
    for row in recent.values("operation", ended=ended).annotate(n=Count("pk")):
        yield "kias_attempts_10m", {"operation": row["operation"], "outcome": row["ended"]}, row["n"]
    yield "kias_slots", {}, settings.KIAS_CONCURRENCY
    yield "kias_slots_in_use", {}, slots.in_use(database_clock)
    session = KiasSession.objects.filter(pk=1).first()
    if session and session.sid and session.taken_at:
        yield "kias_session_age_seconds", {}, age(session.taken_at, now)
    refused = session and not session.claim and session.lease_until and session.lease_until > now
    yield "kias_login_refused", {}, int(bool(refused))
    running = pauses.running(now)
    yield "kias_pause", {}, int(running.filter(calendar="").exists())
    maintained = running.exclude(calendar="").exists()
    yield "kias_maintenance", {}, int(maintained)
    yield from _circuit(now, maintained)
    yield "kias_list_failing", {}, int(KiasListing.objects.filter(failures__gt=0).exists())


def _circuit(now: datetime, maintained: bool) -> Iterator[Sample]:
    row = KiasCircuit.objects.filter(pk=1).first() or KiasCircuit()
    yield "kias_circuit_open", {}, int(row.opened_at is not None)
    yield "kias_circuit_open_seconds", {}, age(row.opened_at, now)
    resting = row.not_before is not None and row.not_before > now
    allowed = 0 if resting else row.allowed or settings.KIAS_CONCURRENCY
    yield "kias_calls_allowed", {}, min(allowed, settings.KIAS_CONCURRENCY)
    over = KiasPause.objects.filter(ended_at__lte=now).exclude(calendar="").order_by("-ended_at").first()
    still_away = over and over.ended_at and row.opened_at and row.opened_at <= over.ended_at + WINDOW_GRACE
    overrun = age(over.ended_at, now) if over and still_away and not maintained else 0.0
    yield "kias_maintenance_overrun_seconds", {}, overrun


def _late(now: datetime) -> Iterator[Sample]:
    for level, before in (("warn", deadlines.warned_before(now)), ("alarm", deadlines.overdue_before(now))):
        late = deadlines.without_check(before).order_by()[:COUNT_AT_MOST].count()
        yield "kias_checks_late", {"level": level}, late
    too_late = Delivery.objects.filter(stage=Stage.STOPPED, last_error__startswith=outcomes.TOO_LATE)
    yield "kias_registered_too_late", {}, too_late.count()


def age(moment: datetime | None, now: datetime) -> float:
    """Seconds since `moment`; 0 for none and for one ahead of our clock."""
    return max(0.0, (now - moment).total_seconds()) if moment else 0.0
