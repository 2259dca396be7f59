"""Gathers what `asking.must_ask` decides upon: one look at the database just before a save."""

from datetime import datetime, timedelta
from typing import NamedTuple

from django.db.models import Exists, OuterRef, Q

from sync import server_time
from sync.clock import Clock
from sync.models import Attempt, Delivery, Epoch, KiasCircuit, KiasPause, Outcome
from sync.relay.asking import Facts


class _Row(NamedTuple):
    now: datetime
    attempted: bool
    trouble: bool
    paused: bool


def gather(delivery: Delivery, fresh_s: float, clock: Clock) -> Facts:
    """The facts about `delivery`, by the database's clock. `fresh_s`: see the setting KIAS_FRESH_S."""
    since = delivery.accepted_at - timedelta(seconds=fresh_s)
    ended_badly = Q(outcome__in=[Outcome.UNAVAILABLE, Outcome.UNKNOWN], ended_at__gte=since)
    died = Q(outcome="", ends_by__lt=clock())
    trouble = Attempt.objects.filter(
        # `ends_by` is never before `ended_at`; it and the last condition let the partial index serve.
        ended_badly | died,
        ~Q(outcome__in=["ok", "rejected", "dropped"]),
        ends_by__gte=since,
    )
    pause = KiasPause.objects.filter(
        Q(ended_at__isnull=True) | Q(ended_at__gte=since), started_at__lte=clock()
    )
    own = Attempt.objects.filter(delivery=OuterRef("pk"))
    row = _Row(
        *Delivery.objects.filter(pk=delivery.pk)
        .annotate(now=clock(), attempted=Exists(own), pause=Exists(pause))
        .annotate(trouble=Exists(trouble) | Exists(KiasCircuit.objects.filter(pk=1, troubled_at__gte=since)))
        .values_list("now", "attempted", "trouble", "pause")
        .get()
    )
    return Facts(
        now=row.now,
        accepted_at=delivery.accepted_at,
        attempted=row.attempted,
        first_acceptance=_first_acceptance(delivery),
        marked=delivery.ask_first,
        trouble=row.trouble,
        paused=row.paused,
        fresh_for=timedelta(seconds=fresh_s),
    )


def _first_acceptance(delivery: Delivery) -> bool:
    """Whether it is certain that no forgotten epoch accepted this receipt before.

    Certain in the server's first epoch. After a restore only for a receipt whose phone had, when it was
    issued, already seen a server time of the present epoch, by our own signature; any other may be one that
    we have forgotten.
    """
    started = list(Epoch.objects.order_by("-started_at").values_list("pk", "started_at")[:2])
    newest, began = started[0]
    if delivery.epoch_id != newest:
        return False
    if len(started) == 1:
        return True
    receipt = delivery.receipt
    try:
        told, signature = receipt.evidence["server_time"], receipt.evidence["server_signature"]
        return server_time.is_ours(told, signature, receipt.installation_id) and (
            datetime.fromisoformat(told) > began
        )
    except (KeyError, TypeError, ValueError):
        return False
