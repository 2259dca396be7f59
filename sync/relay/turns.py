"""Whose turn it is: agents one after another, the oldest receipt of each first.

An agent's row is looked at, not all that waits: a backlog of a whole country costs no more than a short one.
"""

from collections.abc import Iterable
from datetime import UTC, datetime
from itertools import zip_longest
from uuid import UUID

from django.db.models import OuterRef, QuerySet, Subquery

from receipts.rows import insert
from sync.clock import Clock
from sync.models import AgentTurn, Delivery

_NEVER = datetime(1970, 1, 1, tzinfo=UTC)
_OLDEST_FIRST = ("accepted_at", "receipt_id")


def join(agents: Iterable[UUID]) -> None:
    """These agents have something waiting: without a turn nobody would come to them.

    Inside the transaction that puts it in. One order for all, so that two batches cannot wait for each other.
    """
    rows = [AgentTurn(agent_id=agent, served_at=_NEVER) for agent in sorted(set(agents))]
    insert(rows, on_conflict="DO NOTHING")


def served(agents: Iterable[UUID], clock: Clock) -> None:
    """It was their turn just now."""
    AgentTurn.objects.bulk_create(
        [AgentTurn(agent_id=agent, served_at=clock()) for agent in sorted(set(agents))],
        update_conflicts=True,
        update_fields=["served_at"],
        unique_fields=["agent"],
    )


def in_order(waiting: QuerySet[Delivery], wanted: int) -> list[UUID]:
    """The ids of the next `wanted` of `waiting`: whoever was served longest ago comes first, every agent once
    before anyone comes twice."""
    of_agent = waiting.filter(agent=OuterRef("agent")).order_by(*_OLDEST_FIRST).values("pk")
    agents = list(
        AgentTurn.objects.annotate(first=Subquery(of_agent[:1]))
        .filter(first__isnull=False)
        .order_by("served_at", "first")
        .values_list("agent_id", "first")[:wanted]
    )
    if not agents or len(agents) * 2 > wanted:
        return [first for _, first in agents]
    each = -(-wanted // len(agents))
    queues = [
        waiting.filter(agent=agent).order_by(*_OLDEST_FIRST).values_list("pk", flat=True)[:each]
        for agent, _ in agents
    ]
    rounds = zip_longest(*queues)
    return [pk for together in rounds for pk in together if pk is not None][:wanted]
