"""That beat and workers live: a task that beat sends and a worker runs leaves its time in rows (P14)."""

from datetime import timedelta

from sync.clock import Clock, database_clock
from sync.models import Heartbeat

BEAT = "beat"
WORKER = "worker:"
_FORGOTTEN_AFTER = timedelta(days=1)


def beat(hostname: str, *, clock: Clock = database_clock) -> None:
    """Note that beat has sent and this worker has run a task just now; forget workers gone for a day."""
    worker = (WORKER + hostname.removeprefix("celery@"))[:32]
    Heartbeat.objects.bulk_create(
        [Heartbeat(name=BEAT, at=clock()), Heartbeat(name=worker, at=clock())],
        update_conflicts=True,
        update_fields=["at"],
        unique_fields=["name"],
    )
    Heartbeat.objects.filter(name__startswith=WORKER, at__lt=clock() - _FORGOTTEN_AFTER).delete()
