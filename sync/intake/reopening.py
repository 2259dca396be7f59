"""Exceptions whose reason has gone: the key's file is back, the phone is known again (F40, P06)."""

from datetime import datetime

from sync.intake import batch
from sync.intake.answers import Kept
from sync.models import IntakeException

#: what a missing file or a restored database causes, and nothing that a person has to judge
_MAY_PASS = (Kept.UNREADABLE, Kept.UNKNOWN_INSTALLATION, Kept.FOREIGN_NUMBER)


def take_in_again(*, now: datetime) -> tuple[int, int]:
    """Try each open exception of that kind once more; how many became receipts, how many stay. Whatever does
    not pass is kept as it was. Doing it again changes nothing.
    """
    waiting = IntakeException.objects.filter(ended_at=None, reason__in=_MAY_PASS).order_by("pk")
    taken, stay = 0, 0
    for row in waiting.iterator(chunk_size=100):
        answer = batch.take_in_again(row.envelope, carrier_id=row.carrier_id)
        if not answer.state:
            stay += 1
            continue
        IntakeException.objects.filter(pk=row.pk, ended_at=None).update(
            ended_at=now, ended_reason="Принят повторно: причина устранена."
        )
        taken += 1
    return taken, stay
