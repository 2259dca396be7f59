"""What an agent hears of his receipts: changes after a cursor, the list, one receipt, what became of ids.

Everything is filtered by agent in the query itself, so another's id is answered exactly like an unknown one
(F37).
"""

import base64
import binascii
import operator
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import reduce
from uuid import UUID

from django.db.models import Exists, OuterRef, Q

from accounts.refusals import RefusalError
from receipts import chains
from receipts.models import AgentFeed, Kind, Receipt, ReceiptEvent, Withdrawal
from receipts.numbers import fold
from receipts.states import State
from receipts.text import fold_name, fold_policy
from sync.models import IntakeException

MAX_CHANGES = 500
PAGE = 30
_SHORTEST_NUMBER = 3  # signs of a number or policy that are worth searching for


class UnknownReceiptError(RefusalError):
    code = "not_found"
    message = "Такой квитанции у вас нет."


class BadCursorError(RefusalError):
    code = "invalid"
    message = "Список устарел. Откройте его снова."


@dataclass(frozen=True, slots=True)
class Changes:
    """A slice of the feed: `cursor` is where to go on from."""

    events: Sequence[ReceiptEvent]
    cursor: int
    more: bool


@dataclass(frozen=True, slots=True)
class Page:
    receipts: Sequence[Receipt]
    next: str | None


@dataclass(frozen=True, slots=True)
class Fate:
    """What became of an id: `unknown`, `accepted` or `held`."""

    id: UUID
    result: str
    state: str = ""


def highest(agent_id: UUID) -> int:
    """The newest change number of this agent."""
    feed = AgentFeed.objects.filter(pk=agent_id).values_list("last_change", flat=True).first()
    return feed or 0


def changes_after(agent_id: UUID, cursor: int) -> Changes:
    """At most 500 changes. Numbers are visible only when all smaller ones are (ADR 0006).

    Refunds are the office's: what they mean for an agent stands in the history of the receipt they give back,
    so their own changes are passed over, and the cursor with them.
    """
    newest = highest(agent_id)
    events = list(
        ReceiptEvent.objects.filter(agent_id=agent_id, change__gt=cursor, receipt__kind=Kind.SALE)
        .select_related("receipt")
        .defer("receipt__envelope", "receipt__evidence")
        .annotate(refunded=_refunded("receipt_id"))
        .order_by("change")[: MAX_CHANGES + 1]
    )
    shown = events[:MAX_CHANGES]
    more = len(events) > len(shown)
    last = shown[-1].change if shown else cursor
    return Changes(shown, last if more else max(last, newest), more)


def search(agent_id: UUID, typed: str, before: str | None) -> Page:
    """His receipts, newest first, by 30: by name, by number in any spelling, by policy in any spelling.

    Raises `BadCursorError`.
    """
    found = Receipt.objects.filter(agent_id=agent_id, kind=Kind.SALE).defer("envelope", "evidence")
    if typed.strip():
        found = found.filter(_matching(typed))
    if before:
        issued_at, receipt_id = _read_cursor(before)
        found = found.filter(Q(issued_at__lt=issued_at) | Q(issued_at=issued_at, pk__gt=receipt_id))
    receipts = list(found.order_by("-issued_at", "pk")[: PAGE + 1])
    shown = receipts[:PAGE]
    return Page(shown, _cursor(shown[-1]) if len(receipts) > len(shown) else None)


def one(agent_id: UUID, receipt_id: UUID) -> Receipt:
    """One receipt with its events loaded. Raises `UnknownReceiptError`."""
    receipt = (
        Receipt.objects.filter(agent_id=agent_id, pk=receipt_id, kind=Kind.SALE)
        .defer("envelope")
        .annotate(refunded=_refunded("pk"))
        .prefetch_related("events")
        .first()
    )
    if receipt is None:
        raise UnknownReceiptError
    return receipt


def fates(agent_id: UUID, ids: Sequence[UUID]) -> list[Fate]:
    """What became of these ids, in their order: receipts, or withdrawals with their receipt's state.

    What lies as an exception with a person is held.
    """
    states = dict(Receipt.objects.filter(agent_id=agent_id, pk__in=ids).values_list("pk", "state"))
    if len(states) < len(ids):
        withdrawn = Withdrawal.objects.filter(agent_id=agent_id, pk__in=ids)
        states |= dict(withdrawn.values_list("pk", "receipt__state"))
    own = Q(signer__agent_id=agent_id) | Q(signer=None, carrier__agent_id=agent_id)
    kept = set(
        IntakeException.objects.filter(own, claimed_id__in=[i for i in ids if i not in states]).values_list(
            "claimed_id", flat=True
        )
    )
    return [_fate(receipt_id, states.get(receipt_id, ""), receipt_id in kept) for receipt_id in ids]


def _refunded(receipt: str) -> Exists:
    """Whether the office has given its check back, and that stands (P08)."""
    return Exists(chains.living_refunds().filter(refund_of=OuterRef(receipt)))


def _fate(receipt_id: UUID, state: str, is_kept: bool) -> Fate:
    if not state:
        return Fate(receipt_id, "held" if is_kept else "unknown")
    return Fate(receipt_id, "held" if state == State.HELD else "accepted", state)


def _matching(typed: str) -> Q:
    words = fold_name(typed).split()
    wanted = reduce(operator.and_, (Q(insurant_folded__contains=word) for word in words), Q())
    number, policy = fold(typed), fold_policy(typed)
    if len(number) >= _SHORTEST_NUMBER:
        wanted |= Q(number_folded__contains=number)
    if len(policy) >= _SHORTEST_NUMBER:
        wanted |= Q(policy_folded__contains=policy)
    return wanted


def _cursor(receipt: Receipt) -> str:
    return base64.urlsafe_b64encode(f"{receipt.issued_at.isoformat()}|{receipt.pk}".encode()).decode()


def _read_cursor(text: str) -> tuple[datetime, UUID]:
    try:
        issued_at, _, receipt_id = base64.urlsafe_b64decode(text).decode("ascii").partition("|")
        moment = datetime.fromisoformat(issued_at)
        if moment.tzinfo is None or not 1900 <= moment.year <= 9000:
            raise ValueError("no moment of ours")
        return moment, UUID(receipt_id)
    except (ValueError, binascii.Error) as error:  # UnicodeDecodeError is a ValueError
        raise BadCursorError(field="before") from error
