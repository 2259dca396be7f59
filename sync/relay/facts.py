"""Gathers what `asking.must_ask` decides upon: one look at the database just before a save."""

from datetime import datetime, timedelta
from typing import NamedTuple

from django.db.models import Case, Exists, OuterRef, Q, Subquery, When

from sync import server_time
from sync.clock import Clock
from sync.compiled import Rows, compiled, given_id, given_moment
from sync.models import Attempt, Delivery, Epoch, KiasCircuit, KiasPause, Outcome
from sync.relay.asking import Facts


class _Row(NamedTuple):
    now: datetime
    ask_first: str
    corrected_contact: str
    attempted: bool
    trouble: bool
    paused: bool
    epoch_began: datetime
    restored: bool


def refresh(delivery: Delivery, fresh_s: float, clock: Clock) -> Facts | None:
    """The facts about a claimed delivery, by the database's clock; None when its claim is another's by now.

    What people may have changed since the claim is brought up to date in it: why KIAS must be asked, and
    where the check goes (P23). `fresh_s`: see the setting KIAS_FRESH_S.
    """
    found = _looked(clock).row(
        receipt=delivery.pk,
        claim=delivery.claim,
        since=delivery.accepted_at - timedelta(seconds=fresh_s),
    )
    if found is None:
        return None
    row = _Row(*found)
    delivery.ask_first, delivery.receipt.corrected_contact = row.ask_first, row.corrected_contact
    return Facts(
        now=row.now,
        accepted_at=delivery.accepted_at,
        attempted=row.attempted,
        first_acceptance=_first_acceptance(delivery, row),
        marked=row.ask_first,
        trouble=row.trouble,
        paused=row.paused,
        fresh_for=timedelta(seconds=fresh_s),
    )


@compiled
def _looked(clock: Clock) -> Rows:
    since = given_moment("since")
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
    circuit = KiasCircuit.objects.filter(pk=1, troubled_at__gte=since)
    epochs = Epoch.objects.order_by("-started_at")
    return Delivery.objects.filter(pk=given_id("receipt"), claim=given_id("claim")).values_list(
        clock(),
        "ask_first",
        "receipt__corrected_contact",
        Exists(Attempt.objects.filter(delivery=OuterRef("pk"))),
        Case(When(Exists(trouble) | Exists(circuit), then=True), default=False),
        Exists(pause),
        Subquery(epochs.values("started_at")[:1]),
        Exists(epochs[1:]),
    )


def _first_acceptance(delivery: Delivery, row: _Row) -> bool:
    """Whether it is certain that no forgotten epoch accepted this receipt before.

    Certain in the server's first epoch. After a restore only for a receipt whose phone had, when it was
    issued, already seen a server time of the present epoch, by our own signature; any other may be one that
    we have forgotten.
    """
    if delivery.epoch.started_at != row.epoch_began:
        return False
    if not row.restored:
        return True
    receipt = delivery.receipt
    try:
        told, signature = receipt.evidence["server_time"], receipt.evidence["server_signature"]
        return server_time.is_ours(told, signature, receipt.installation_id) and (
            datetime.fromisoformat(told) > row.epoch_began
        )
    except (KeyError, TypeError, ValueError):
        return False
