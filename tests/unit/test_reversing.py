"""What may be done about a check, and under which day KIAS enters it: pure (P08, P09)."""

from datetime import UTC, date, datetime
from itertools import product
from uuid import UUID

import pytest

from backoffice import reasons
from receipts import ids
from receipts.models import Kind, Purpose, Source
from receipts.states import IN_KIAS, State
from sync.models import Acts
from sync.office import accounting, refunding
from sync.office.correcting import Right
from sync.office.reversible import Facts, verbs
from sync.relay.refusals import DEFAULTS, OFFICE_TEXT


def facts(**given: object) -> Facts:
    fields = {
        "kind": Kind.SALE,
        "source": Source.PHONE,
        "state": State.FISCALISED,
        "refunded": "",
        "corrected": False,
    }
    return Facts(**fields | given)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ({}, {"refund", "correct"}),
        ({"state": State.REGISTERED}, {"refund", "correct"}),
        ({"refunded": Purpose.REFUND}, set()),
        ({"refunded": Purpose.CORRECTION, "corrected": True}, set()),
        ({"refunded": Purpose.CORRECTION}, {"correct"}),
        ({"kind": Kind.REFUND, "source": Source.OFFICE}, set()),
        ({"source": Source.OFFICE}, {"refund", "correct"}),
        ({"source": Source.OFFICE, "state": State.REJECTED}, {"correct"}),
        ({"source": Source.OFFICE, "state": State.HELD}, {"correct"}),
        ({"source": Source.OFFICE, "state": State.ACCEPTED}, set()),
        ({"state": State.REJECTED}, set()),
        ({"state": State.ANNULLED}, set()),
    ],
)
def test_p08_what_may_be_done_about_a_check(given: dict[str, object], expected: set[str]) -> None:
    assert verbs(facts(**given)) == expected


def test_p08_no_check_is_ever_given_back_twice_and_nothing_that_kias_does_not_have() -> None:
    every = product(Kind, Source, State, ["", *Purpose], [False, True])
    for kind, source, state, refunded, corrected in every:
        found = verbs(Facts(kind=kind, source=source, state=state, refunded=refunded, corrected=corrected))
        if "refund" in found:
            assert (kind, refunded) == (Kind.SALE, "")
            assert state in IN_KIAS


@pytest.mark.parametrize(
    ("day", "fits"),
    [
        (date(2026, 11, 20), False),
        (date(2026, 11, 21), True),
        (date(2026, 11, 23), True),
        (date(2026, 11, 24), False),
    ],
)
def test_p09_an_accounting_date_lies_behind_the_receipt_s_and_not_in_the_future(
    day: date, fits: bool
) -> None:
    against = accounting.objection(day, receipt_date=date(2026, 11, 20), today=date(2026, 11, 23))
    assert (against == "") is fits


@pytest.mark.parametrize(
    ("day", "fits"), [(date(2026, 11, 19), False), (date(2026, 11, 20), True), (date(2026, 11, 24), False)]
)
def test_p08_money_is_paid_out_after_it_was_taken_and_before_tomorrow(day: date, fits: bool) -> None:
    against = refunding.payout_objection(day, receipt_date=date(2026, 11, 20), today=date(2026, 11, 23))
    assert (against == "") is fits


def test_p08_what_is_different_is_said_in_the_order_of_the_form() -> None:
    wrong = Right(amount=500000, policy_series="ХХХ", policy_number="1", policy_date=None, instalment=1)
    right = Right(
        amount=300050, policy_series="ТТТ", policy_number="1", policy_date=date(2026, 1, 2), instalment=2
    )
    assert [each.replace("\u202f", " ").replace("\u00a0", " ") for each in wrong.differences(right)] == [
        "сумма 5 000 ₽ → 3 000,50 ₽",
        "полис ХХХ 1 → ТТТ 1",
        "дата полиса нет → 02.01.2026",
        "взнос № 1 → 2",
    ]
    assert wrong.differences(wrong) == []


def test_p09_every_refusal_that_is_known_has_who_acts_a_text_and_words_for_the_office() -> None:
    """Only what an agent can mend names a field; the rest says that he need do nothing, or that it waits."""
    assert set(DEFAULTS) == set(reasons.REJECTED)
    for code, each in DEFAULTS.items():
        assert each.text.endswith("."), code
        assert bool(each.field) is (each.acts == Acts.AGENT), code
        if each.acts == Acts.OFFICE:
            assert each.text.endswith("Этим занимается офис, от вас ничего не нужно."), code
    assert DEFAULTS["closed_period"].acts == Acts.OFFICE
    assert OFFICE_TEXT == (
        "КИАС пока не провёл квитанцию: {reason}. Этим занимается офис, от вас ничего не нужно."
    )


def test_an_id_of_the_server_sorts_behind_any_other_even_the_last_there_is() -> None:
    at = datetime(2026, 11, 23, tzinfo=UTC)
    for before in (UUID(int=0), UUID("01ff0000-0000-7000-8000-0000000000ff"), ids.new(at, after=UUID(int=0))):
        made = ids.new(at, after=before)
        assert made > before
        assert (made.version, made.variant) == (7, "specified in RFC 4122")
