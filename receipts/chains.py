"""Money follows chains (P08): of a receipt and its replacements only the last living one counts.

Pure; the twin of frontend/src/domain/chains.ts, both run tests/cases/chains.json.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from receipts.models import Receipt, Withdrawal, WithdrawalEffect
from receipts.states import State


@dataclass(frozen=True, slots=True)
class Link:
    """`withdrawn`: taken back by its agent, whatever the office still decides. Ids sort by time."""

    id: str
    state: str
    withdrawn: bool
    replaces: str | None


def uncounted(links: Sequence[Link]) -> set[str]:
    """The ids that count for nothing: annulled, withdrawn, or replaced by one that lives."""
    by_id = {link.id: link for link in links}
    last: dict[str, str] = {}
    dead: set[str] = set()
    for link in links:
        if link.withdrawn or link.state == State.ANNULLED:
            dead.add(link.id)
            continue
        first = _root(link, by_id)
        other = last.get(first)
        if other is not None:
            dead.add(min(other, link.id))
        last[first] = link.id if other is None else max(other, link.id)
    return dead


def _root(link: Link, by_id: dict[str, Link]) -> str:
    """The first of its chain; a circle counts as one chain."""
    seen = [link.id]
    current: Link | None = link
    while current is not None and current.replaces is not None and current.replaces not in seen:
        seen.append(current.replaces)
        current = by_id.get(current.replaces)
    closed = current is not None and current.replaces in seen
    return min(seen) if closed else seen[-1]


def not_counted(chain: Sequence[Receipt]) -> set[UUID]:
    """Which receipts of a whole chain count for nothing."""
    open_tasks = set(
        Withdrawal.objects.filter(receipt__in=chain, effect=WithdrawalEffect.TASK, ended_at=None).values_list(
            "receipt_id", flat=True
        )
    )
    links = [
        Link(
            str(each.pk),
            each.state,
            each.reason == "withdrawn" or each.pk in open_tasks,
            str(each.replaces) if each.replaces else None,
        )
        for each in chain
    ]
    return {UUID(each) for each in uncounted(links)}
