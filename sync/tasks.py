"""Celery's door to the relay: tasks hold no state, so a doubled or lost one is harmless (F13)."""

from typing import Any

from celery import Task, shared_task
from django.conf import settings
from django.utils import timezone

from receipts.clock import database_now
from sync import contact_doubts, heartbeat
from sync.kias.connect import kias_gateway
from sync.reconciliation import runs
from sync.reconciliation.reconciling import Reconciling
from sync.relay import nudging, sweeping, windows
from sync.relay.runner import Relay
from sync.relay.terms import Terms
from sync.restore import high_water

BUDGET_S = 20.0  # then another task goes on: a worker asked to stop has not long to wait


@shared_task(name="sync.tasks.relay")
def relay(others: int = 0) -> None:
    """Relay what is due, one delivery after another, as long as there is a slot and time.

    `others`: how many more runners are to be woken for what is waiting.
    """
    if high_water.is_older():
        return
    nudging.call_others(others)
    ended = Relay(gateway=kias_gateway(), terms=Terms.from_settings()).run(BUDGET_S)
    if ended == "budget":
        nudging.nudge(1)


@shared_task(name="sync.tasks.sweep")
def sweep() -> None:
    """Find what no nudge has woken anybody for."""
    if high_water.is_older():
        return
    high_water.note(at_once=True)
    sweeping.sweep()


@shared_task(name="sync.tasks.plan_windows")
def plan_windows() -> None:
    """Write the coming windows of KIAS's maintenance (P37)."""
    windows.plan(timezone.now())


@shared_task(name="sync.tasks.reconcile")
def reconcile() -> None:
    """Go on with the reconciliation that is due; begin tonight's when its hour has come."""
    if high_water.is_older():
        return
    runs.begin_nightly(database_now())
    ended = Reconciling(
        gateway=kias_gateway(), terms=Terms.from_settings(), settle_s=settings.RECONCILE_SETTLE_S
    ).run(BUDGET_S)
    if ended in {"budget", "done"}:
        nudging.nudge_reconciling()


@shared_task(name="sync.tasks.mark_contacts")
def mark_contacts() -> None:
    """Find contacts that are perhaps not the client's (P23)."""
    contact_doubts.mark(now=timezone.now())


@shared_task(bind=True, name="sync.tasks.heartbeat")
def beat(self: "Task[Any, Any]") -> None:
    """Leave a sign of life of beat and of this worker."""
    heartbeat.beat(self.request.hostname or "?")
