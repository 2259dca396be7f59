"""The server's epoch: another id tells phones that we may have forgotten something (spec «Epoch»)."""

from django.db import connection, transaction

from receipts.clock import database_now
from sync.models import Epoch


def current() -> Epoch:
    """The newest epoch; the very first one begins here."""
    return Epoch.objects.order_by("-started_at", "pk").first() or _begin_first()


@transaction.atomic
def _begin_first() -> Epoch:
    """Two first requests at once must begin one epoch, not two. SQLite's transactions exclude each other."""
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute(f"LOCK TABLE {Epoch._meta.db_table} IN SHARE ROW EXCLUSIVE MODE")
    begun = Epoch.objects.order_by("-started_at", "pk").first()
    return begun or Epoch.objects.create(started_at=database_now(), reason="первый запуск")
