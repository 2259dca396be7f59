"""How far the server has come, written outside the database: so that it notices a restored backup (spec
«Epoch»).

While the server works, a number is counted on in the database (`HighWater`) and then written into a file
beside the audit stream; at most once a second for each process, and by every sweep. A database that is
behind the file is older than what was said: phones are asked to wait, the office is closed, nothing goes to
KIAS, until `manage.py after_restore` has run. A loss smaller than some seconds is not seen here but by the
phones themselves, whose cursor is ahead then (docs/protocol.md, «Epoch»).
"""

import json
import logging
import math
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from django.db import Error, connection
from django.db.models import F

from accounts import audit_stream, durable
from receipts.clock import database_now
from receipts.models import NumberSeries
from sync.models import HighWater

log = logging.getLogger(__name__)

EVERY_S = 1.0
WORDS = "database is older than what was said: run manage.py after_restore"
LOST = (
    "high-water mark was lost or unreadable and is begun anew: "
    "if the database was restored from a backup, too, run manage.py after_restore --anyway"
)
_FILE = "high-water.json"
_LOST_FOR = timedelta(days=1)
_SAY_EVERY_S = 10.0  # all phones ask on, and each asking would be a line


@dataclass(frozen=True)
class Mark:
    """What stands outside. `series`: series id → its next number. `lost_at`: when it was begun anew because
    the one before was lost or unreadable; None where that never was, or `after_restore` has run since.
    """

    value: int = 0
    series: dict[str, int] = field(default_factory=dict)
    lost_at: datetime | None = None


@dataclass
class _Memory:
    """Of this process: the highest value read or written, by folder; when it noted last, and last said so."""

    values: dict[Path, int] = field(default_factory=dict)
    noted: dict[Path, float] = field(default_factory=dict)
    said_at: float = -math.inf
    lock: threading.Lock = field(default_factory=threading.Lock)


_memory = _Memory()
_sound = threading.local()  # .line, .at: this thread's connection, and when it was found up to date


def outside() -> Mark:
    """The mark in the file; where it cannot be read, what this process remembers of it."""
    where = audit_stream.folder()
    if where is None:
        return Mark()
    remembered = _memory.values.get(where, 0)
    try:
        told = json.loads((where / _FILE).read_bytes())
        lost_at = told.get("lost_at")
        mark = Mark(
            int(told["value"]),
            {str(key): int(value) for key, value in told["series"].items()},
            datetime.fromisoformat(lost_at) if lost_at else None,
        )
    except FileNotFoundError:
        return Mark(remembered)
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        log.error("high-water mark cannot be read", extra={"error": str(error)})
        return Mark(remembered)
    _memory.values[where] = max(mark.value, remembered)
    return mark


def is_older() -> bool:
    """Whether the database is behind the file. Asked anew at most once a second on a connection that was
    found up to date, at once on another one: a restored database is never met on an old connection.
    """
    if audit_stream.folder() is None:
        return False
    connection.close_if_health_check_failed()
    connection.ensure_connection()
    line, now = connection.connection, time.monotonic()
    if getattr(_sound, "line", None) is line and now - _sound.at < EVERY_S:
        return False
    older = is_behind()
    if older:
        _sound.line = None
        if now - _memory.said_at >= _SAY_EVERY_S:
            _memory.said_at = now
            log.critical(WORDS)
    else:
        _sound.line, _sound.at = line, now
    return older


def is_behind() -> bool:
    """The comparison itself. The file is read first: the database only grows."""
    told = outside()
    return _value() < told.value


def was_lost(now: datetime) -> bool:
    """Whether the mark was begun anew within a day: so long nobody can tell a restored database from it."""
    lost_at = outside().lost_at
    return lost_at is not None and now - lost_at < _LOST_FOR


def note(*, at_once: bool = False) -> None:
    """Count on and write it outside; at most once a second. What fails is logged: receipts matter more."""
    where = audit_stream.folder()
    if where is None or not _is_due(where, at_once):
        return
    try:
        HighWater.objects.filter(pk=1).update(value=F("value") + 1, at=database_now()) or _begin()
        write_outside()
    except (OSError, Error):
        log.exception("high-water mark not written")


def write_outside(*, set_right: bool = False) -> None:
    """Bring the file up to the database; it never goes back. `set_right`: `after_restore` has run, so a lost
    mark is nobody's question any more. Raises `OSError` and the database's errors.
    """
    where = audit_stream.folder()
    if where is None:
        return
    with audit_stream.locked(where, "high-water.lock"):
        known = outside()
        value = _value()
        series = {str(pk): following for pk, following in NumberSeries.objects.values_list("pk", "next")}
        if value < known.value:
            return
        now, lost_at = database_now(), None if set_right else known.lost_at
        if value > 1 and not known.value and not set_right:
            log.critical(LOST)
            lost_at = now
        told = {"value": value, "at": now.isoformat(), "series": series}
        if lost_at:
            told["lost_at"] = lost_at.isoformat()
        durable.write_whole(where / _FILE, json.dumps(told).encode())
    _memory.values[where] = max(value, _memory.values.get(where, 0))


def count_past() -> None:
    """The last step of `after_restore`'s transaction: from its commit on this database is ahead of the
    file.
    """
    HighWater.objects.update_or_create(
        pk=1, defaults={"value": max(outside().value, _value()) + 1, "at": database_now()}
    )


def _value() -> int:
    return HighWater.objects.filter(pk=1).values_list("value", flat=True).first() or 0


def _begin() -> Any:
    return HighWater.objects.bulk_create([HighWater(pk=1, value=1, at=database_now())], ignore_conflicts=True)


def _is_due(where: Path, at_once: bool, clock: Callable[[], float] = time.monotonic) -> bool:
    with _memory.lock:
        now = clock()
        if not at_once and now - _memory.noted.get(where, -EVERY_S) < EVERY_S:
            return False
        _memory.noted[where] = now
        return True
