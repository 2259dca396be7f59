"""What KIAS's documents say about our receipts: pure, receipts and documents in, differences out (F08).

A document belongs to the receipt whose id it carries, else to the one that is linked to its ISN, else, where
it carries no id at all, to the one whose number it bears. What a person took back in KIAS counts as gone.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import date

from receipts.numbers import fold
from receipts.states import State
from receipts.text import fold_policy
from sync.kias.gateway import FoundDocument
from sync.models import Difference

TAKEN_BACK = "annulled"  # a document's state: сторно


@dataclass(frozen=True, kw_only=True, slots=True)
class OurReceipt:
    """A receipt as far as KIAS can contradict it. Kopecks; `policy` is folded; `check` is ФН, ФД, ФПД.

    `settled`: no call for it is under way and nothing has happened to it for the settle time; before that
    only a double is believed. `on_its_way`: a delivery row will still take it the next step by itself.
    """

    id: str
    number: str
    day: date
    amount: int
    policy: str
    instalment: int
    kind: str
    state: str
    isn: str
    check: tuple[str, str, str] | None
    settled: bool
    on_its_way: bool


@dataclass(frozen=True, kw_only=True, slots=True)
class Found:
    """One difference: of `receipt`, or of documents that no receipt of ours stands for."""

    difference: Difference
    receipt: OurReceipt | None
    documents: tuple[FoundDocument, ...]

    @property
    def key(self) -> str:
        """What it is about, the same in every run: one row for each difference and key."""
        if self.receipt:
            return self.receipt.id
        first = self.documents[0]
        if self.difference == Difference.TWICE:
            return _claims(first)
        return f"isn:{first.isn}"

    @property
    def days(self) -> tuple[date, date]:
        """The first and last day that have to be compared to see whether it is still there."""
        days = [each.date for each in self.documents if each.date]
        if self.receipt:
            days.append(self.receipt.day)
        return min(days), max(days)


def compare(
    receipts: Iterable[OurReceipt], documents: Iterable[FoundDocument], *, is_ours: Callable[[str], bool]
) -> Iterator[Found]:
    """Every difference between the two, none for what agrees.

    `documents` may hold one twice (a page turned while KIAS was written to): an ISN is one document.
    `is_ours`: whether a number is of a kind that only we give.
    """
    known = list(receipts)
    own, strangers = _sorted_out(known, documents)
    by_number = defaultdict(list)
    for stranger in strangers:
        by_number[fold(stranger.number)].append(stranger)
    told: set[str] = set()
    for receipt in known:
        for found in _of_receipt(receipt, own[receipt.id], by_number.get(fold(receipt.number), [])):
            told.update(each.isn for each in found.documents)
            yield found
    yield from _of_strangers([each for each in strangers if each.isn not in told], is_ours)


def heals(found: Found) -> bool:
    """Whether the delivery row will take this difference away by itself, once it is woken."""
    return bool(found.difference == Difference.CHECK_MISSING and found.receipt and found.receipt.on_its_way)


def owner_keys(document: FoundDocument) -> tuple[str, str, str]:
    """By what its receipt is looked for: id, ISN, number; a number alone only where it carries no id."""
    external_id = document.external_id.strip().lower()
    return external_id, document.isn, "" if external_id else document.number


def _claims(document: FoundDocument) -> str:
    """Whose a document says it is that no receipt of ours stands for."""
    return f"id:{document.external_id}" if document.external_id else f"number:{fold(document.number)}"


def _sorted_out(
    receipts: list[OurReceipt], documents: Iterable[FoundDocument]
) -> tuple[defaultdict[str, list[FoundDocument]], list[FoundDocument]]:
    by_id = {each.id: each.id for each in receipts}
    by_isn = {each.isn: each.id for each in receipts if each.isn}
    by_number = {fold(each.number): each.id for each in receipts}
    own: defaultdict[str, list[FoundDocument]] = defaultdict(list)
    strangers = []
    for document in {each.isn: each for each in documents}.values():
        if document.state == TAKEN_BACK:
            continue
        external_id, isn, number = owner_keys(document)
        owner = by_id.get(external_id) or by_isn.get(isn) or (by_number.get(fold(number)) if number else None)
        if owner:
            own[owner].append(document)
        else:
            strangers.append(document)
    return own, strangers


def _of_receipt(
    receipt: OurReceipt, own: list[FoundDocument], namesakes: list[FoundDocument]
) -> Iterator[Found]:
    """`namesakes`: documents under its number that carry another id, which is nobody's here."""

    def found(difference: Difference, documents: Iterable[FoundDocument]) -> Found:
        return Found(difference=difference, receipt=receipt, documents=tuple(documents))

    same = [each for each in own if each.kind == receipt.kind]
    other = [each for each in own if each.kind != receipt.kind]
    doubles = [*same, *(each for each in namesakes if each.kind == receipt.kind)]
    if len(doubles) > 1:
        yield found(Difference.TWICE, doubles)
    if not receipt.settled:
        return
    if other:
        yield found(Difference.SALE, [*same, *other])
    if receipt.state not in {State.REGISTERED, State.FISCALISED}:
        unknown = [each for each in same if each.isn != receipt.isn]
        if unknown and len(doubles) == 1 and not receipt.on_its_way:
            yield found(Difference.HELD_HERE, unknown)
        return
    if not own:
        yield found(Difference.ONLY_OURS, namesakes)
    elif len(same) == 1 and len(doubles) == 1:
        yield from (found(difference, same) for difference in _of_one(receipt, same[0]))


def _of_one(ours: OurReceipt, theirs: FoundDocument) -> Iterator[Difference]:
    """What differs between a receipt that KIAS has and its one document there."""
    if ours.isn != theirs.isn:
        yield Difference.ISN
    if ours.amount != theirs.amount:
        yield Difference.AMOUNT
    foreign_id = theirs.external_id and theirs.external_id.strip().lower() != ours.id
    if foreign_id or fold(ours.number) != fold(theirs.number):
        yield Difference.NUMBER
    policy = fold_policy(theirs.policy_series, theirs.policy_number)
    if (ours.policy, ours.instalment) != (policy, theirs.instalment):
        yield Difference.POLICY
    if ours.day != theirs.date:
        yield Difference.DATE
    check = (theirs.check.fn, theirs.check.fd, theirs.check.fpd) if theirs.check else None
    if ours.check is None and check is not None:
        yield Difference.CHECK_MISSING
    elif ours.check != check:
        yield Difference.CHECK


def _of_strangers(strangers: list[FoundDocument], is_ours: Callable[[str], bool]) -> Iterator[Found]:
    """Documents that look like ours and have no receipt here; what is nothing of ours is left alone."""
    groups: defaultdict[str, list[FoundDocument]] = defaultdict(list)
    for each in strangers:
        if each.date and (each.external_id or is_ours(each.number)):
            groups[_claims(each)].append(each)
    for group in groups.values():
        sales = [each for each in group if each.kind == group[0].kind]
        if len(sales) > 1:
            yield Found(difference=Difference.TWICE, receipt=None, documents=tuple(sales))
        for each in group:
            if len(sales) > 1 and each in sales:
                continue
            difference = Difference.ONLY_KIAS if each.external_id else Difference.BY_HAND
            yield Found(difference=difference, receipt=None, documents=(each,))
