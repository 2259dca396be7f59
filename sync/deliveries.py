"""The server's outbox towards KIAS: rows are put in by the intake and claimed by the relay.

The row is the queue; Celery is the alarm clock. `enqueue` runs inside the intake's transaction, `nudge` after
its commit; a nudge that is lost costs the seconds until the next sweep and nothing else (F12).
"""

import itertools
import logging
from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

from celery import current_app
from django.conf import settings
from django.db.models import Exists, Q, QuerySet

from receipts.states import State
from sync import slots
from sync.clock import Clock, database_clock
from sync.models import Delivery, KiasPause, Stage

logger = logging.getLogger(__name__)

RELAY_TASK = "sync.tasks.relay"
RELAY_TASK_EXPIRES_S = 60
_nudges_lost = itertools.count(1)


def enqueue(
    rows: Iterable[tuple[UUID, UUID]], *, epoch_id: UUID, accepted_at: datetime, ask_first: str = ""
) -> None:
    """Put freshly accepted receipts, `(receipt id, agent id)`, on their way to KIAS.

    `ask_first` says why even the first save must be preceded by a question: `file` or `paper` for what did
    not come straight from the phone. Runs inside the caller's transaction.
    """
    Delivery.objects.bulk_create(
        Delivery(
            receipt_id=receipt_id,
            agent_id=agent_id,
            epoch_id=epoch_id,
            accepted_at=accepted_at,
            due_at=accepted_at,
            ask_first=ask_first,
            stage=Stage.SAVE,
        )
        for receipt_id, agent_id in rows
    )


def nudge(count: int, *, clock: Clock = database_clock) -> None:
    """Wake at most `count` runners for `count` new rows; never raises.

    Where all slots are taken nobody is woken: a runner looks for due rows once more after it has given its
    slot back, so what was committed before this look cannot slip between the two.
    """
    try:
        for _ in range(min(count, slots.free(settings.KIAS_CONCURRENCY, clock))):
            current_app.send_task(RELAY_TASK, expires=RELAY_TASK_EXPIRES_S)
    except Exception as error:  # whatever is wrong with the broker, the receipt is accepted (F12, P28)
        logger.warning(
            "nudge_lost", extra={"error": type(error).__name__, "lost_in_this_process": next(_nudges_lost)}
        )


def due(clock: Clock) -> QuerySet[Delivery]:
    """What may be claimed now: due, held by nobody, its receipt in the state the step is for, no pause on."""
    now = clock()
    paused = KiasPause.objects.filter(Q(ended_at__isnull=True) | Q(ended_at__gt=now), started_at__lte=now)
    return Delivery.objects.filter(
        ~Exists(paused),
        Q(lease_until__isnull=True) | Q(lease_until__lte=now),
        Q(stage=Stage.SAVE, receipt__state=State.ACCEPTED)
        | Q(stage=Stage.CHECK, receipt__state=State.REGISTERED),
        due_at__lte=now,
    )
