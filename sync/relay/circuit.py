"""The circuit: one row says what KIAS bears just now, for all workers on all hosts (F09, ADR 0025).

*Open*: KIAS does not take calls. Nothing is tried before `not_before`, then by one runner at a time: whoever
holds slot 1, claimed in its UPDATE. *Coming back*: slots 1, 1–2, 1–4 … may be used. *Closed*: all of them
(`allowed` is null).

The limit itself stands in `within_limits`, inside the statements that take a slot, renew it, let a call go.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from random import random

from django.conf import settings
from django.db.models import (
    DateTimeField,
    Exists,
    ExpressionWrapper,
    F,
    Max,
    OuterRef,
    Q,
    QuerySet,
    Subquery,
)
from django.db.models.expressions import Combinable
from django.db.models.functions import Coalesce, Greatest

from sync.clock import Clock, later
from sync.compiled import Rows, compiled
from sync.kias.gateway import KiasRejectedError, KiasUnavailableError
from sync.models import KiasCircuit, KiasPause
from sync.relay.schedule import circuit_pause

UNKNOWNS_THAT_OPEN = 5  # in a row, of whatever worker: an answer or a refusal in between starts anew
LONGEST_RETRY_AFTER_S = 3600.0


@dataclass(frozen=True, kw_only=True)
class Look:
    """The circuit as it was just before a call: what its outcome will be counted against."""

    turn: int
    failures: int
    is_open: bool
    is_steady: bool


def within_limits(clock: Clock) -> Combinable:
    """For a statement over slots: whether the circuit lets this slot be used now."""
    too_early = Q(not_before__gt=clock())
    return ~Exists(KiasCircuit.objects.filter(too_early | Q(allowed__lt=OuterRef("number")), pk=1))


def look() -> Look:
    """What the next call's outcome is counted against; made just before it."""
    found = _looked().row()
    if found is None:
        _make()
        return look()
    turn, failures, unknowns, allowed, opened_at = found
    return Look(
        turn=turn,
        failures=failures,
        is_open=opened_at is not None,
        is_steady=allowed is None and unknowns == 0,
    )


@compiled
def _looked(_: Clock) -> Rows:
    return _row().values_list("turn", "failures", "unknowns", "allowed", "opened_at")


def wake(clock: Clock) -> None:
    """After a pause or a maintenance window KIAS is called slowly at first, once for each (P37)."""
    if not _row().exists():
        _make()
    over = KiasPause.objects.filter(ended_at__lte=clock(), ended_at__gt=F("started_at")).order_by()
    last = Subquery(over.values(one=F("pk") * 0).annotate(last=Max("ended_at")).values("last"))
    stale = Q(rested_until__isnull=True) | Q(rested_until__lt=F("rest"))
    _row().annotate(rest=last).filter(stale, rest__isnull=False).update(
        rested_until=last, allowed=1, answers=0, stepped_at=clock(), turn=F("turn") + 1
    )


@contextmanager
def counted(concurrency: int, clock: Clock, dice: Callable[[], float] = random) -> Iterator[None]:
    """Around every call to KIAS, whoever makes it in his slot: its outcome is everybody's knowledge."""
    before = look()
    try:
        yield
    except KiasUnavailableError as error:
        failed(before, clock, dice=dice(), retry_after=error.retry_after or 0.0)
        raise
    except KiasRejectedError:
        answered(before, concurrency, clock)
        raise
    except Exception:
        unknown(before, clock, dice=dice())
        raise
    answered(before, concurrency, clock)


def answered(before: Look, concurrency: int, clock: Clock) -> None:
    """KIAS answered, be it by refusing a receipt: an open circuit begins to close, a limit grows."""
    if before.is_steady:
        return
    row = _row().filter(turn=before.turn)
    if row.filter(opened_at__isnull=False).update(
        opened_at=None, allowed=1, answers=1, stepped_at=clock(), unknowns=0
    ):
        return
    row.update(answers=F("answers") + 1, unknowns=0)
    step = timedelta(seconds=settings.KIAS_SLOW_START_STEP_S)
    ripe = row.filter(
        answers__gte=F("allowed"),
        stepped_at__lte=ExpressionWrapper(clock() - step, output_field=DateTimeField()),
    )
    if ripe.filter(allowed__gte=(concurrency + 1) // 2).update(allowed=None, answers=0, failures=0):
        return
    ripe.update(allowed=F("allowed") * 2, answers=0, stepped_at=clock())


def failed(before: Look, clock: Clock, *, dice: float, retry_after: float = 0.0) -> None:
    """KIAS did not take a call: nobody tries before a pause, longer each time, or before it said so itself.

    Of the calls that were under way together only the first makes the pause longer.
    """
    asked = min(retry_after, LONGEST_RETRY_AFTER_S)
    pause = circuit_pause(before.failures + 1, dice, settings.KIAS_PROBE_CAP_S)
    until = later(clock, max(pause, asked))
    opened = (
        _row()
        .filter(turn=before.turn)
        .update(
            turn=F("turn") + 1,
            opened_at=Coalesce("opened_at", clock()),
            not_before=Greatest(Coalesce("not_before", until), until),
            allowed=1,
            answers=0,
            unknowns=0,
            failures=F("failures") + 1,
            troubled_at=clock(),
        )
    )
    if not opened:
        sooner = Q(not_before__isnull=True) | Q(not_before__lt=later(clock, asked))
        _row().filter(sooner).update(not_before=later(clock, asked))
        _row().update(troubled_at=clock())


def unknown(before: Look, clock: Clock, *, dice: float) -> None:
    """A call's outcome is unknown: several in a row, or the probe's, are as good as no answer at all."""
    if _row().filter(turn=before.turn).update(unknowns=F("unknowns") + 1, troubled_at=clock()):
        many = _row().filter(turn=before.turn, unknowns__gte=UNKNOWNS_THAT_OPEN).exists()
        if before.is_open or many:
            failed(before, clock, dice=dice)
    else:
        _row().update(troubled_at=clock())


def _make() -> None:
    KiasCircuit.objects.bulk_create([KiasCircuit(pk=1)], ignore_conflicts=True)


def _row() -> QuerySet[KiasCircuit]:
    return KiasCircuit.objects.filter(pk=1)
