"""The rule when KIAS must be asked before a save, as a table (spec «Ask before save»)."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest

from sync.kias.gateway import FoundDocument
from sync.relay.asking import Differs, Doubled, Facts, Finding, NumberTaken, Ours, judge, must_ask
from tests.support.kias_documents import make_document

NOW = datetime(2026, 11, 22, 7, 5, tzinfo=UTC)

#: A receipt straight from the phone, a moment old, in a quiet time.
CLEAN = Facts(
    now=NOW,
    accepted_at=NOW - timedelta(seconds=1),
    attempted=False,
    first_acceptance=True,
    marked="",
    trouble=False,
    paused=False,
    fresh_for=timedelta(minutes=10),
)


def test_nothing_can_have_happened_so_no_question_is_needed() -> None:
    assert must_ask(CLEAN) is None


@pytest.mark.parametrize(
    ("changed", "why"),
    [
        ({"attempted": True}, "attempted"),
        ({"first_acceptance": False}, "epoch"),
        ({"accepted_at": NOW - timedelta(minutes=10)}, "old"),
        ({"accepted_at": NOW - timedelta(days=40)}, "old"),
        ({"marked": "file"}, "file"),
        ({"marked": "paper"}, "paper"),
        ({"marked": "released"}, "released"),
        ({"trouble": True}, "trouble"),
        ({"paused": True}, "pause"),
    ],
)
def test_each_doubt_alone_asks(changed: dict[str, object], why: str) -> None:
    assert must_ask(replace(CLEAN, **changed)) == why  # type: ignore[arg-type]


def test_a_delivery_just_under_ten_minutes_old_is_fresh() -> None:
    facts = replace(CLEAN, accepted_at=NOW - timedelta(minutes=10) + timedelta(milliseconds=1))
    assert must_ask(facts) is None


OURS = make_document(external_id="our-id", number="БС-К7М3Т-00042-9", policy_number="0123 456-789")


def found(**changed: object) -> FoundDocument:
    fields: dict[str, object] = {
        "isn": "100001",
        "external_id": "our-id",
        "number": OURS.number,
        "date": OURS.date,
        "amount": OURS.amount,
        "policy_series": "ххх",
        "policy_number": "0123456789",
        "instalment": 1,
        "state": "saved",
        "check": None,
    }
    return FoundDocument(**fields | changed)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("answer", "finding"),
    [
        ([], None),
        ([found()], Ours(isn="100001", by_hand=False)),
        # our id, and a person changed the rest in KIAS: another person must look
        (
            [found(amount=1, number="другой")],
            Differs(
                isn="100001",
                reason="differs_in_kias",
                text="В КИАС документ ISN 100001: № другой, 0,01 ₽. У нас: № БС-К7М3Т-00042-9, 3245,50 ₽.",
            ),
        ),
        ([found(), found(isn="100002")], Doubled(isns=("100001", "100002"))),
        # F39: typed in by hand, all four agree
        ([found(external_id="")], Ours(isn="100001", by_hand=True)),
        ([found(external_id="", amount=1)], NumberTaken(isn="100001")),
        ([found(external_id="", policy_number="0123456780")], NumberTaken(isn="100001")),
        ([found(external_id="", policy_series="ТТТ")], NumberTaken(isn="100001")),
        ([found(external_id="", instalment=2)], NumberTaken(isn="100001")),
        ([found(external_id="", date=date(2026, 11, 21))], NumberTaken(isn="100001")),
        # another's document under our number
        ([found(external_id="another-id")], NumberTaken(isn="100001")),
        # by hand twice, or by hand beside another's: a person must look
        ([found(external_id=""), found(external_id="", isn="100002")], NumberTaken(isn="100001")),
        ([found(external_id=""), found(external_id="another-id", isn="2")], NumberTaken(isn="100001")),
        # ours and one by hand under the same number: ours is ours, reconciliation shows the other
        ([found(external_id="", isn="5"), found()], Ours(isn="100001", by_hand=False)),
        # KIAS answers with something nobody asked for
        ([found(external_id="another-id", number="другой")], None),
    ],
)
def test_f39_whose_document_it_is(answer: list[FoundDocument], finding: Finding) -> None:
    assert judge(answer, OURS) == finding
