"""«Исправить чек» (P08): a refund and a right receipt behind it, wherever either of them fails (ADR 0029)."""

from dataclasses import replace
from datetime import date, timedelta

import pytest

from accounts.models import User
from receipts import registry
from receipts.models import Kind, Receipt
from receipts.states import State
from sync.kias.document import document_of
from sync.office import acts, annulling, linking
from sync.office.refused import BadAnswerError, InKiasError, MayBeInKiasError, NotPossibleError
from tests.support.envelopes import uuid7
from tests.support.relaying import Desk, calls, state
from tests.support.reversing import TODAY, give_back, in_kias, money, put_right

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("first_epoch", "series")]


def test_p08_a_correction_is_a_refund_and_a_right_receipt_behind_it(desk: Desk, person: User) -> None:
    original = in_kias(desk, amount=500_000)
    new = put_right(original, person, desk, amount=300_000)
    refund = Receipt.objects.get(refund_of=original)
    assert (new.replaces, new.kind, new.amount) == (original.pk, Kind.SALE, 300_000)
    assert (new.receipt_date, refund.receipt_date) == (original.receipt_date, TODAY)
    assert new.office.follows == refund
    assert new.pk > refund.pk > original.pk
    assert money(original) == 300_000
    desk.settle()
    assert [state(each) for each in (refund, new)] == [State.FISCALISED, State.FISCALISED]
    assert [each.kind for each in desk.kias.documents] == ["sale", "refund", "sale"]
    told = original.events.get(reason="corrected")
    assert told.text.startswith(
        f"Чек исправлен: сумма 5\u202f000\u00a0₽ → 3\u202f000\u00a0₽. Новая квитанция № {new.number}."
    )


def test_p08_a_wrong_policy_is_corrected_like_a_wrong_sum(desk: Desk, person: User) -> None:
    original = in_kias(desk)
    new = put_right(original, person, desk, policy_series="ТТТ", policy_number="7000000001")
    assert document_of(new).policy_number == "7000000001"
    assert new.policy_folded == "ТТТ7000000001"
    assert money(original) == original.amount


def test_p08_the_right_receipt_is_not_sent_before_its_refund(desk: Desk, person: User) -> None:
    original = in_kias(desk)
    new = put_right(original, person, desk, amount=100)
    refund = Receipt.objects.get(refund_of=original)
    registry.hold(refund.pk, reason="doubtful_date")
    desk.settle()
    assert (state(new), calls(new)) == (State.ACCEPTED, [])
    acts.release(refund.pk, staff=person, text="верно", clock=desk.clock)
    desk.settle()
    assert (state(refund), state(new)) == (State.FISCALISED, State.FISCALISED)


def test_p08_a_refund_is_not_sent_while_its_original_is_doubted_in_kias(desk: Desk, person: User) -> None:
    original = in_kias(desk)
    refund = give_back(original, person, desk)
    registry.hold(original.pk, reason="doubled_in_kias")
    desk.settle()
    assert calls(refund) == []


def test_p08_kias_refuses_the_refund_and_the_right_receipt_waits_for_a_person(
    desk: Desk, person: User
) -> None:
    original = in_kias(desk)
    desk.kias.rules.closed_before = date(2026, 12, 1)
    new = put_right(original, person, desk, amount=100)
    refund = Receipt.objects.get(refund_of=original)
    desk.settle()
    assert (state(refund), refund.acts, state(new)) == (State.REJECTED, "office", State.ACCEPTED)
    desk.kias.rules.closed_before = date(2020, 1, 1)
    acts.retry(refund.pk, staff=person, text="период открыли", clock=desk.clock)
    desk.settle()
    assert (state(refund), state(new)) == (State.FISCALISED, State.FISCALISED)


@pytest.mark.parametrize("which", ["refund", "new"])
def test_p08_taking_back_one_half_of_an_unsent_correction_takes_back_both(
    desk: Desk, person: User, which: str
) -> None:
    original = in_kias(desk, amount=500_000)
    new = put_right(original, person, desk, amount=300_000)
    refund = Receipt.objects.get(refund_of=original)
    chosen = refund if which == "refund" else new
    assert "annul" in acts.may(chosen)
    annulling.annul(chosen.pk, staff=person, text="чек был верен", clock=desk.clock)
    assert (state(refund), state(new)) == (State.ANNULLED, State.ANNULLED)
    assert money(original) == 500_000
    assert original.events.get(reason="reversal_annulled").text.endswith("чек был верен")
    desk.settle()
    assert [each.external_id for each in desk.kias.documents] == [str(original.pk)]
    assert {"refund", "correct"} <= acts.may(Receipt.objects.get(pk=original.pk))


def test_p08_a_refund_in_kias_cannot_be_taken_back_nor_while_a_save_is_under_way(
    desk: Desk, person: User
) -> None:
    original = in_kias(desk)
    refund = give_back(original, person, desk)
    desk.kias.during = lambda: None
    desk.kias.order("lose_answer", only="save")
    desk.run()
    with pytest.raises(MayBeInKiasError):
        annulling.annul(refund.pk, staff=person, text="нет", clock=desk.clock)
    desk.settle()
    with pytest.raises(InKiasError):
        annulling.annul(refund.pk, staff=person, text="нет", clock=desk.clock)


def test_p08_a_right_receipt_that_kias_refuses_is_put_right_without_a_second_refund(
    desk: Desk, person: User
) -> None:
    original = in_kias(desk, amount=500_000)
    second = put_right(original, person, desk, policy_series="НЕТ")
    desk.settle()
    assert state(second) == State.REJECTED
    third = put_right(second, person, desk, policy_series="ХХХ", amount=300_000)
    desk.settle()
    assert (state(second), state(third)) == (State.ANNULLED, State.FISCALISED)
    assert third.replaces == original.pk
    assert Receipt.objects.filter(kind=Kind.REFUND).count() == 1
    assert money(original) == 300_000


def test_p08_a_correction_whose_right_receipt_was_annulled_can_be_finished(desk: Desk, person: User) -> None:
    original = in_kias(desk, amount=500_000)
    second = put_right(original, person, desk, policy_series="НЕТ")
    desk.settle()
    annulling.annul(second.pk, staff=person, text="не тот полис", clock=desk.clock)
    assert money(original) == 0
    assert acts.may(Receipt.objects.get(pk=original.pk)) & {"refund", "correct"} == {"correct"}
    put_right(original, person, desk, amount=200_000)
    assert money(original) == 200_000
    assert Receipt.objects.filter(kind=Kind.REFUND).count() == 1


def test_p08_a_correction_that_was_wrong_itself_is_corrected_like_any_receipt(
    desk: Desk, person: User
) -> None:
    original = in_kias(desk, amount=500_000)
    second = put_right(original, person, desk, amount=300_000)
    desk.settle()
    third = put_right(second, person, desk, amount=350_000)
    desk.settle()
    assert state(third) == State.FISCALISED
    assert money(original) == 350_000
    assert [each.kind for each in desk.kias.documents] == ["sale", "refund", "sale", "refund", "sale"]


@pytest.mark.parametrize(
    ("changed", "field"),
    [
        ({}, "amount"),
        ({"amount": 0}, "amount"),
        ({"amount": 10**10}, "amount"),
        ({"policy_number": " "}, "policy_number"),
    ],
)
def test_p08_a_correction_must_correct_something_into_what_a_check_can_carry(
    desk: Desk, person: User, changed: dict[str, object], field: str
) -> None:
    with pytest.raises(BadAnswerError) as caught:
        put_right(in_kias(desk), person, desk, **changed)
    assert caught.value.field == field
    assert Receipt.objects.count() == 1


def test_p08_the_right_receipt_is_the_last_one_though_the_phone_s_clock_was_ahead(
    desk: Desk, person: User
) -> None:
    ahead = uuid7(desk.clock.moment + timedelta(days=400))
    original = in_kias(desk, id=ahead, amount=500_000)
    new = put_right(original, person, desk, amount=300_000)
    assert new.pk > ahead
    assert money(original) == 300_000


def test_p04_a_sale_in_kias_is_never_linked_to_a_refund(desk: Desk, person: User) -> None:
    original = in_kias(desk)
    refund = give_back(original, person, desk)
    by_hand = replace(document_of(refund), kind="sale", number="777")
    desk.kias.write_by_hand(by_hand)
    with pytest.raises(NotPossibleError, match="другой вид чека"):
        linking.link(refund.pk, document="777", staff=person, text="там", gateway=desk.kias, clock=desk.clock)
