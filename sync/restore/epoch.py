"""The server's epoch: another id tells phones that we may have forgotten something (spec «Epoch»)."""

from datetime import datetime, timedelta
from uuid import UUID

from django.db import connection, transaction

from receipts.clock import database_now
from sync.models import Epoch

_TABLE = Epoch._meta.db_table
_ID_AND_NOW = f"SELECT id, clock_timestamp() FROM {_TABLE} ORDER BY started_at DESC, id LIMIT 1"  # noqa: S608


def current() -> Epoch:
    """The newest epoch; the very first one begins here."""
    return Epoch.objects.order_by("-started_at", "pk").first() or _begin_first()


def current_id_and_now() -> tuple[UUID, datetime]:
    """The newest epoch's id and the moment by the database's clock: every batch asks for both."""
    if connection.vendor == "sqlite":
        return current().pk, database_now()
    with connection.cursor() as cursor:
        cursor.execute(_ID_AND_NOW)
        row: tuple[UUID, datetime] | None = cursor.fetchone()
    return row or (_begin_first().pk, database_now())


@transaction.atomic
def _begin_first() -> Epoch:
    """Two first requests at once must begin one epoch, not two. SQLite's transactions exclude each other."""
    only_one()
    begun = Epoch.objects.order_by("-started_at", "pk").first()
    return begun or Epoch.objects.create(started_at=database_now(), reason="первый запуск")


def begin_after_restore(*, now: datetime) -> Epoch:
    """A new epoch: phones ask about everything they hold, KIAS is asked before any save. Inside the caller's
    transaction, after `only_one`."""
    newest = Epoch.objects.order_by("-started_at").first()
    if newest is not None:  # a clock set back must not leave the former one the newest
        now = max(now, newest.started_at + timedelta(microseconds=1))
    return Epoch.objects.create(started_at=now, reason="восстановление из копии")


def only_one() -> None:
    """Nobody else begins an epoch before the caller's transaction ends."""
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute(f"LOCK TABLE {_TABLE} IN SHARE ROW EXCLUSIVE MODE")
