"""Reconciliation under test: a run by the desk's clock against its KIAS."""

from datetime import date, timedelta
from typing import Any

from receipts.models import Receipt, ReceiptEvent
from receipts.states import State
from sync.models.reconciliation import ReconciliationFinding, ReconciliationRun, RunReason
from sync.reconciliation import runs
from sync.reconciliation.reconciling import Reconciling
from tests.support.relaying import Desk

SETTLE_S = 900.0


def reconciling(desk: Desk) -> Reconciling:
    """A worker that never really sleeps."""
    return Reconciling(
        gateway=desk.kias,
        terms=desk.terms,
        settle_s=SETTLE_S,
        clock=desk.clock,
        dice=lambda: 0.0,
        pause=lambda _: None,
    )


def reconcile(desk: Desk, *, since: date | None = None, until: date | None = None) -> ReconciliationRun:
    """Ask for these days (a week around the desk's today) and work until the run ends or waits.

    Receipts' events are stamped by the real clock: they are brought back to before the desk's.
    """
    long_ago = desk.clock.moment - timedelta(hours=1)
    ReceiptEvent.objects.filter(at__gt=desk.clock.moment).update(at=long_ago)
    today = desk.clock.moment.date()
    run = runs.ask(
        since or today - timedelta(days=4),
        until or today + timedelta(days=4),
        reason=RunReason.ASKED,
        asked_by=None,
        now=desk.clock.moment,
    )
    reconciling(desk).run(60)
    run.refresh_from_db()
    return run


def open_findings() -> set[tuple[str, str]]:
    return set(ReconciliationFinding.objects.filter(closed_at=None).values_list("difference", "key"))


def relayed(desk: Desk, **given: Any) -> Receipt:
    """A receipt that KIAS has and whose check we know, long enough ago."""
    receipt = desk.accept(**given)
    desk.settle(1)
    receipt.refresh_from_db()
    assert receipt.state == State.FISCALISED
    return receipt


def isn_of(receipt: Receipt) -> str:
    receipt.refresh_from_db()
    return receipt.kias_isn
