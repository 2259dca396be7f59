"""Money follows chains (P08): of a receipt and its replacements only the last living one counts.

`uncounted` is pure; the twin of frontend/src/domain/chains.ts, both run tests/cases/chains.json.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from django.db.models import Q, QuerySet

from receipts.models import Kind, Receipt, Withdrawal, WithdrawalEffect
from receipts.states import State

#: receipts of one chain that are looked at: more would be somebody's play, not a correction
LONGEST = 40


@dataclass(frozen=True, slots=True)
class Link:
    """`withdrawn`: taken back by its agent, whatever the office still decides. `refunded`: the office has
    given its check back, with the money or for a right one. Ids sort by time.
    """

    id: str
    state: str
    withdrawn: bool
    replaces: str | None
    refunded: bool = False


def uncounted(links: Sequence[Link]) -> set[str]:
    """The ids that count for nothing: annulled, withdrawn, refunded, or replaced by one that lives.

    A refunded one still takes the place of what it was issued instead of: its money was in it.
    """
    by_id = {link.id: link for link in links}
    last: dict[str, str] = {}
    dead: set[str] = set()
    for link in links:
        if link.refunded or link.withdrawn or link.state == State.ANNULLED:
            dead.add(link.id)
        if link.state == State.ANNULLED or (link.withdrawn and not link.refunded):
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
    """Which receipts of a whole chain count for nothing. Refunds do: they take away what counted."""
    open_tasks = set(
        Withdrawal.objects.filter(receipt__in=chain, effect=WithdrawalEffect.TASK, ended_at=None).values_list(
            "receipt_id", flat=True
        )
    )
    refunded = set(living_refunds().filter(refund_of__in=chain).values_list("refund_of_id", flat=True))
    links = [
        Link(
            str(each.pk),
            each.state,
            each.reason == "withdrawn" or each.pk in open_tasks,
            str(each.replaces) if each.replaces else None,
            each.pk in refunded,
        )
        for each in chain
        if each.kind == Kind.SALE
    ]
    return {UUID(each) for each in uncounted(links)} | {each.pk for each in chain if each.kind == Kind.REFUND}


def living_refunds() -> QuerySet[Receipt]:
    """Every refund that was not taken back."""
    return Receipt.objects.filter(kind=Kind.REFUND).exclude(state=State.ANNULLED)


def around(receipt_id: UUID) -> list[Receipt]:
    """The receipt's whole chain as it was made, itself included: replaced ones, replacements, refunds."""
    known: dict[UUID, Receipt] = {}
    edge = {receipt_id}
    while edge and len(known) < LONGEST:
        near = Q(pk__in=edge) | Q(replaces__in=edge) | Q(refund_of__in=edge)
        found = Receipt.objects.filter(near).select_related("office").defer("envelope")
        new = {each.pk: each for each in found if each.pk not in known}
        known |= new
        behind = {each for row in new.values() for each in (row.replaces, row.refund_of_id) if each}
        edge = (new.keys() - edge) | (behind - known.keys() - edge)
    return sorted(known.values(), key=lambda each: (each.issued_at, each.pk))
