"""Waking the relay after a commit. A nudge that is lost costs the seconds until the next sweep (F12)."""

import logging

from celery import current_app
from django.conf import settings

from accounts import lost_nudges
from sync.clock import Clock, database_clock
from sync.relay import slots

logger = logging.getLogger(__name__)

RELAY_TASK = "sync.tasks.relay"
RELAY_TASK_EXPIRES_S = 60
RECONCILE_TASK = "sync.tasks.reconcile"


def nudge(count: int, *, clock: Clock = database_clock) -> None:
    """Wake at most `count` runners for `count` due rows; never raises.

    One message wakes them all: the first runner calls the others, so that a phone waiting for its answer
    pays for one message and not for four. Where all slots are taken nobody is woken: a runner looks for due
    rows once more after it has given its slot back, so what was committed before this look cannot slip
    between the two.
    """
    try:
        if wanted := min(count, slots.free(settings.KIAS_CONCURRENCY, clock)):
            current_app.send_task(RELAY_TASK, kwargs={"others": wanted - 1}, expires=RELAY_TASK_EXPIRES_S)
    except Exception as error:  # whatever is wrong with the broker, the receipt is accepted (F12, P28)
        logger.warning("nudge_lost", extra={"error": type(error).__name__})
        lost_nudges.add(lost_nudges.RELAY)


def call_others(count: int) -> None:
    """A woken runner wakes `count` more, before it begins; never raises."""
    try:
        for _ in range(count):
            current_app.send_task(RELAY_TASK, expires=RELAY_TASK_EXPIRES_S)
    except Exception as error:  # they would only have been quicker together
        logger.warning("nudge_lost", extra={"error": type(error).__name__})
        lost_nudges.add(lost_nudges.RELAY)


def nudge_reconciling() -> None:
    """Wake whoever reconciles with KIAS; never raises: beat does it once a minute anyway."""
    try:
        current_app.send_task(RECONCILE_TASK, expires=RELAY_TASK_EXPIRES_S)
    except Exception as error:
        logger.warning("nudge_lost", extra={"error": type(error).__name__})
