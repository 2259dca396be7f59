"""What the office annulled in a time that a restored database has forgotten: it must not go to KIAS
unseen.

The audit stream knows the ids. What the backup holds is held again by `after_restore`, what phones offer
anew by the intake; the office then annuls it a second time, or lets it go.
"""

import logging
from functools import lru_cache
from pathlib import Path
from uuid import UUID

from accounts import audit_stream
from accounts.audit_stream import Line
from receipts import registry
from receipts.models import Receipt
from receipts.states import State

log = logging.getLogger(__name__)

_WORDS = "Офис аннулировал её до восстановления сервера."


def write_down(receipt_id: UUID) -> None:
    """In the transaction that annuls it; raises `AuditStreamError`."""
    audit_stream.write("annulled", receipt=str(receipt_id))


def before(epoch_id: UUID) -> frozenset[UUID]:
    """All that were annulled before this process met this epoch; read once. Nothing where it cannot be."""
    where = audit_stream.folder()
    if where is None:
        return frozenset()
    try:
        return _read(epoch_id, where)
    except OSError:
        log.exception("audit stream cannot be read")
        return frozenset()


def hold_again(lines: list[Line], *, reason: str) -> int:
    """Those that this database still has on their way to KIAS; how many. In the caller's transaction."""
    on_their_way = Receipt.objects.filter(pk__in=_ids(lines), state=State.ACCEPTED).order_by("pk")
    ids = list(on_their_way.values_list("pk", flat=True))
    for receipt_id in ids:
        registry.hold(receipt_id, reason=reason, text=_WORDS)
    return len(ids)


@lru_cache(maxsize=1)
def _read(epoch_id: UUID, where: Path) -> frozenset[UUID]:
    return frozenset(_ids(audit_stream.all_lines()))


def _ids(lines: list[Line]) -> list[UUID]:
    found = (_id(line) for line in lines if line.what == "annulled")
    return [each for each in found if each]


def _id(line: Line) -> UUID | None:
    """None for a line that somebody has changed: the intake of everybody must not end at it."""
    try:
        return UUID(str(line.told.get("receipt")))
    except ValueError:
        return None
