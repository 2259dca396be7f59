"""Our side of the comparison: receipts as KIAS could contradict them, read in few questions."""

from collections.abc import Callable, Iterable, Iterator
from datetime import datetime
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db.models import Q

from receipts import numbers
from receipts.models import NumberSeries, Receipt, ReceiptEvent
from receipts.series import text_of
from receipts.states import State
from receipts.text import fold_policy
from sync.kias import repertoire
from sync.kias.gateway import FoundDocument
from sync.models import Attempt, Delivery, Stage
from sync.reconciliation.comparing import OurReceipt, owner_keys

_AT_ONCE = 500  # keys in one question
_WITH_PREFIX = len(numbers.PREFIX) + numbers.CODE_LENGTH + numbers.COUNTER_DIGITS + 1
_COLUMNS = (
    "pk", "number", "receipt_date", "amount", "policy_series", "policy_number", "instalment", "kind", "state",
    "kias_isn", "check_fn", "check_fd", "check_fpd", "delivery__stage", "delivery__due_at",
)  # fmt: skip


def ours(chosen: Q, *, now: datetime, settled_before: datetime) -> list[OurReceipt]:
    """The receipts of `chosen`; settled are those to which nothing has happened since `settled_before`."""
    restless = _restless(chosen, now, settled_before)
    rows = Receipt.objects.filter(chosen).order_by().values_list(*_COLUMNS).iterator(chunk_size=2000)
    return [_ours(row, settled=row[0] not in restless) for row in rows]


def owners_of(
    documents: Iterable[FoundDocument], *, but: set[str], now: datetime, settled_before: datetime
) -> list[OurReceipt]:
    """The receipts, other than those with an id in `but`, that one of the documents may belong to."""
    found: dict[str, OurReceipt] = {}
    for chosen in _by_keys(documents):
        for receipt in ours(chosen, now=now, settled_before=settled_before):
            if receipt.id not in but:
                found[receipt.id] = receipt
    return list(found.values())


def our_numbers() -> Callable[[str], bool]:
    """Whether a number can only be one of ours: offline ones, and those of the series as they are now."""
    ranges = []
    for series in NumberSeries.objects.all():
        first, last = (numbers.fold(text_of(series, value)) for value in (series.first, series.last))
        ranges.append((first, last))

    def is_ours(number: str) -> bool:
        folded = numbers.fold(number)
        if any(len(folded) == len(first) and first <= folded <= last for first, last in ranges):
            return True
        return number.strip().upper().startswith(f"{numbers.PREFIX}-") or _is_offline(number)

    return is_ours


def _is_offline(number: str) -> bool:
    """A sound number with its prefix, in any spelling; without it any eleven figures could pass for one."""
    if sum(sign.isalnum() for sign in number) != _WITH_PREFIX:
        return False
    try:
        return bool(numbers.parse(number))
    except numbers.NumberError:
        return False


def _ours(row: tuple[Any, ...], *, settled: bool) -> OurReceipt:
    (pk, number, day, amount, series, policy, instalment, kind, state, isn, fn, fd, fpd, stage, due_at) = row
    takes_it_on = (stage, state) in {(Stage.SAVE, State.ACCEPTED), (Stage.CHECK, State.REGISTERED)}
    return OurReceipt(
        id=str(pk),
        number=number,
        day=day,
        amount=amount,
        policy=fold_policy(_as_sent(series), _as_sent(policy)),
        instalment=instalment,
        kind=kind,
        state=state,
        isn=isn,
        check=(fn, fd, fpd) if fn or fd or fpd else None,
        settled=settled,
        on_its_way=takes_it_on and due_at is not None,
    )


def _as_sent(text: str) -> str:
    """In the signs that KIAS can keep (P31): another letter there for one that it lacks is no difference."""
    return repertoire.fit(text, settings.KIAS_REPERTOIRE, settings.KIAS_TRANSLITERATION)


def _restless(chosen: Q, now: datetime, since: datetime) -> set[UUID]:
    """Those of `chosen` that a call or a step of their life has touched since then, or is touching now."""
    wanted = Receipt.objects.filter(chosen).order_by().values("pk")
    moved = ReceiptEvent.objects.filter(receipt__in=wanted, at__gt=since).values_list("receipt_id", flat=True)
    calling = Attempt.objects.filter(
        Q(outcome="", ends_by__gt=since) | Q(ended_at__gt=since), delivery__in=wanted
    ).values_list("delivery_id", flat=True)
    claimed = Delivery.objects.filter(pk__in=wanted, lease_until__gt=now).values_list("pk", flat=True)
    return {*moved.order_by(), *calling.order_by(), *claimed.order_by()}


def _by_keys(documents: Iterable[FoundDocument]) -> Iterator[Q]:
    """Questions for the receipts of these documents, `_AT_ONCE` keys in each."""
    ids: set[UUID] = set()
    isns: set[str] = set()
    texts: set[str] = set()
    for document in documents:
        external_id, isn, number = owner_keys(document)
        isns.add(isn)
        if external_id and (as_id := _uuid(external_id)):
            ids.add(as_id)
        texts.update(_spellings(number))
    for name, keys in (("pk", ids), ("kias_isn", isns), ("number", texts)):
        listed: list[object] = sorted(keys, key=str)
        for begin in range(0, len(listed), _AT_ONCE):
            yield Q(**{f"{name}__in": listed[begin : begin + _AT_ONCE]})


def _spellings(number: str) -> Iterator[str]:
    """As KIAS tells it, and as we would print it: a person may have typed it in Latin."""
    if number:
        yield number
        if _is_offline(number):
            yield numbers.parse(number).text


def _uuid(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None
