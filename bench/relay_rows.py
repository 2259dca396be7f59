"""Accepted receipts for the relay's bench: straight into the tables, as the intake leaves them."""

import secrets
from datetime import timedelta

import django

django.setup()

from django.core.management import call_command  # noqa: E402
from django.db import connection, transaction  # noqa: E402
from django.utils import timezone  # noqa: E402

from receipts import registry  # noqa: E402
from sync import sealing_keys  # noqa: E402
from sync.relay import deliveries  # noqa: E402
from sync.restore import epoch  # noqa: E402
from tests.support.factories import make_agent, make_installation  # noqa: E402
from tests.support.relaying import build_receipt  # noqa: E402


def fill(count: int, agents: int) -> None:
    """`count` receipts of `agents` agents, accepted now; leaves no connection open."""
    call_command("migrate", verbosity=0)
    sealing_keys.make()
    begun = epoch.current()
    at = timezone.now() - timedelta(seconds=1)
    for _ in range(agents):
        installation = make_installation(agent=make_agent())
        receipts = [
            build_receipt(installation=installation, at=at, policy_number=f"{secrets.randbelow(10**10):010}")
            for _ in range(count // agents)
        ]
        with transaction.atomic():
            registry.insert_new(receipts)
            rows = [(receipt.pk, receipt.agent_id) for receipt in receipts]
            deliveries.enqueue(rows, epoch_id=begun.pk, accepted_at=at)
    connection.close()
