"""F08: every difference between receipts and KIAS's documents is found, and none is invented."""

import uuid
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from receipts.checks import FiscalCheck
from receipts.numbers import format_number
from receipts.states import State
from sync.kias.gateway import FoundDocument
from sync.models import Difference
from sync.reconciliation.comparing import OurReceipt, compare

DAY = date(2026, 11, 20)
CODE = "К7М3Т"
ANNULLED, HELD = str(State.ANNULLED), str(State.HELD)


def is_ours(number: str) -> bool:
    return number.startswith(("БС-", "АВ-"))


def check(place: int) -> FiscalCheck:
    formed_at = datetime(2026, 11, 20, 9, tzinfo=UTC)
    return FiscalCheck(fn="9251440300046840", fd=str(30000 + place), fpd="77", formed_at=formed_at, amount=1)


def pair(
    place: int, *, state: str, amount: int, refund: bool, linked: bool
) -> tuple[OurReceipt, FoundDocument]:
    """A receipt and the document that says the same; `linked`: a person typed it in, without our id."""
    fiscalised = state == State.FISCALISED
    ours = OurReceipt(
        id=str(uuid.UUID(int=place + 1)),
        number=format_number(CODE, place + 1),
        day=DAY + timedelta(days=place % 3),
        amount=amount,
        policy="ХХХ0123456789",
        instalment=1 + place % 4,
        kind="refund" if refund else "sale",
        state=state,
        isn=str(100_000 + place),
        check=("9251440300046840", str(30000 + place), "77") if fiscalised else None,
        settled=True,
        on_its_way=not fiscalised,
    )
    theirs = FoundDocument(
        isn=ours.isn,
        external_id="" if linked else ours.id,
        number=ours.number,
        date=ours.day,
        amount=amount,
        policy_series="ххх",
        policy_number="0123 456-789",
        instalment=ours.instalment,
        state=state,
        check=check(place) if fiscalised else None,
        kind="refund" if refund else "sale",
    )
    return ours, theirs


@st.composite
def books_that_agree(draw):
    """Receipts on every step of their way and the documents that belong to them; and what is none of ours."""
    pairs = [
        pair(
            place,
            state=draw(st.sampled_from([State.REGISTERED, State.FISCALISED])).value,
            amount=draw(st.integers(1, 10**9)),
            refund=draw(st.booleans()),
            linked=draw(st.booleans()),
        )
        for place in range(draw(st.integers(0, 12)))
    ]
    receipts, documents = [ours for ours, _ in pairs], [theirs for _, theirs in pairs]
    for place in range(100, 100 + draw(st.integers(0, 4))):  # not in KIAS, and nobody says they were
        ours, _ = pair(place, state=State.REGISTERED.value, amount=5, refund=False, linked=False)
        state = draw(st.sampled_from([State.ACCEPTED, State.HELD, State.REJECTED, State.ANNULLED])).value
        receipts.append(replace(ours, state=state, isn="", on_its_way=state == State.ACCEPTED))
    for place in range(
        200, 200 + draw(st.integers(0, 4))
    ):  # other people's documents, and what was taken back
        _, theirs = pair(place, state="saved", amount=7, refund=False, linked=True)
        foreign = draw(st.booleans())
        documents.append(
            replace(theirs, number=f"A-{place}") if foreign else replace(theirs, state="annulled")
        )
    return draw(st.permutations(receipts)), draw(st.permutations(documents))


def found(receipts, documents):
    return {(each.difference, each.key) for each in compare(receipts, documents, is_ours=is_ours)}


def index_of(draw, receipts) -> int | None:
    """A receipt that KIAS has."""
    there = [n for n, each in enumerate(receipts) if each.isn]
    return draw(st.sampled_from(there)) if there else None


@given(books_that_agree(), st.booleans())
def test_f08_books_that_agree_raise_nothing_also_when_a_page_was_read_twice(books, twice) -> None:
    receipts, documents = books
    assert found(receipts, [*documents, *(documents if twice else [])]) == set()


#: what goes wrong → what a document becomes (None: it is gone), and what must be found
SPOILT = {
    Difference.AMOUNT: lambda document: replace(document, amount=document.amount + 1),
    Difference.DATE: lambda document: replace(document, date=document.date + timedelta(days=1)),
    Difference.POLICY: lambda document: replace(document, policy_number="0123456780"),
    Difference.NUMBER: lambda document: replace(document, number="БС-К7М3Т-99999-0"),
    Difference.SALE: lambda document: replace(
        document, kind="sale" if document.kind == "refund" else "refund"
    ),
    Difference.ONLY_OURS: lambda document: replace(document, state="annulled"),
    Difference.CHECK: lambda document: replace(document, check=check(7777)),
}


@given(st.data(), books_that_agree(), st.sampled_from(sorted(SPOILT)))
def test_f08_each_difference_is_found_and_nothing_else_is(data, books, difference) -> None:
    receipts, documents = (list(side) for side in books)
    chosen = index_of(data.draw, receipts)
    if chosen is None:
        return
    ours = receipts[chosen]
    if difference == Difference.CHECK and ours.check is None:
        receipts[chosen] = ours = replace(ours, state=State.FISCALISED.value, check=("1", "2", "3"))
    place = next(n for n, each in enumerate(documents) if each.isn == ours.isn)
    documents[place] = SPOILT[difference](documents[place])
    assert found(receipts, documents) == {(difference, ours.id)}


@given(st.data(), books_that_agree(), st.booleans(), st.booleans())
def test_f08_a_double_is_found_however_fresh_the_receipt_is(data, books, by_hand, settled) -> None:
    receipts, documents = (list(side) for side in books)
    chosen = index_of(data.draw, receipts)
    if chosen is None:
        return
    ours = receipts[chosen] = replace(receipts[chosen], settled=settled)
    first = next(each for each in documents if each.isn == ours.isn)
    second = replace(first, isn="999999", external_id="" if by_hand else ours.id)
    assert found(receipts, [*documents, second]) == {(Difference.TWICE, ours.id)}


@given(st.data(), books_that_agree(), st.sampled_from([ANNULLED, HELD, State.REJECTED.value]))
def test_f08_what_stands_here_and_is_in_kias_is_found(data, books, state) -> None:
    receipts, documents = (list(side) for side in books)
    chosen = index_of(data.draw, receipts)
    if chosen is None:
        return
    ours = receipts[chosen] = replace(receipts[chosen], state=state, isn="", check=None, on_its_way=False)
    documents = [
        replace(each, external_id=ours.id) if each.number == ours.number else each for each in documents
    ]
    assert found(receipts, documents) == {(Difference.HELD_HERE, ours.id)}


@given(st.data(), books_that_agree(), st.booleans())
def test_f08_a_document_whose_receipt_we_do_not_know_is_found(data, books, by_hand) -> None:
    receipts, documents = (list(side) for side in books)
    _, theirs = pair(500, state="saved", amount=9, refund=False, linked=by_hand)
    kind = Difference.BY_HAND if by_hand else Difference.ONLY_KIAS
    assert found(receipts, [*documents, theirs]) == {(kind, f"isn:{theirs.isn}")}


@given(books_that_agree())
def test_f08_nothing_but_a_double_is_said_of_what_moved_a_moment_ago(books) -> None:
    receipts, _ = books
    assert found([replace(each, settled=False) for each in receipts], []) == set()


@given(st.data(), books_that_agree())
def test_a_check_that_only_kias_has_is_found(data, books) -> None:
    receipts, documents = (list(side) for side in books)
    chosen = index_of(data.draw, receipts)
    if chosen is None:
        return
    ours = receipts[chosen] = replace(receipts[chosen], state=State.REGISTERED.value, check=None)
    documents = [replace(each, check=check(3)) if each.isn == ours.isn else each for each in documents]
    assert found(receipts, documents) == {(Difference.CHECK_MISSING, ours.id)}
