"""The change numbers of an agent's feed (ADR 0006): taken under his `AgentFeed` row, held until commit."""

from collections.abc import Mapping
from uuid import UUID

from django.db import connection

from receipts.models import AgentFeed

_TABLE = AgentFeed._meta.db_table
_TAKE = (
    f"INSERT INTO {_TABLE} (agent_id, last_change) VALUES (%s, %s) "  # noqa: S608 (our own table's name)
    f"ON CONFLICT (agent_id) DO UPDATE SET last_change = {_TABLE}.last_change + excluded.last_change "
    "RETURNING last_change"
)


def take(wanted: Mapping[UUID, int]) -> dict[UUID, int]:
    """The first change number for each agent, who gets as many in a row as he wants.

    Must run inside the transaction that writes the events. Agents are locked in one order for all callers,
    so two batches cannot wait for each other.
    """
    prepared = AgentFeed._meta.pk.get_db_prep_save
    first: dict[UUID, int] = {}
    with connection.cursor() as cursor:
        for agent_id in sorted(wanted):
            cursor.execute(_TAKE, [prepared(agent_id, connection), wanted[agent_id]])
            first[agent_id] = cursor.fetchone()[0] - wanted[agent_id] + 1
    return first
