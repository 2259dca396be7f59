"""«Вернуть деньги» (P01, P08): what the office makes, how it goes to KIAS (ADR 0029)."""

from datetime import date, timedelta

import pytest
from django.db import IntegrityError, transaction

from accounts.models import User
from receipts import registry
from receipts.models import Kind, NumberReservation, NumberSeries, OfficeReceipt, PaidBy, Receipt, Source
from receipts.states import State
from sync.office import acts
from sync.office.refunding import Payout
from sync.office.refused import AlreadyRefundedError, BadAnswerError, NoNumbersError, NotPossibleError
from tests.support.envelopes import uuid7
from tests.support.office import make_withdrawal
from tests.support.relaying import Desk, calls, delivery, state
from tests.support.reversing import TODAY, give_back, in_kias, money, put_right

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("first_epoch", "series")]


def test_p08_money_given_back_is_a_refund_of_its_own_that_kias_is_asked_about_before_the_save(
    desk: Desk, person: User
) -> None:
    original = in_kias(desk)
    refund = give_back(original, person, desk)
    assert (refund.kind, refund.refund_of, refund.source) == (Kind.REFUND, original, Source.OFFICE)
    assert (refund.amount, refund.receipt_date, refund.envelope) == (original.amount, TODAY, "")
    assert refund.pk.version == 7
    assert refund.pk > original.pk
    assert (state(refund), money(original)) == (State.ACCEPTED, 0)
    desk.settle()
    assert state(refund) == State.FISCALISED
    assert calls(refund)[:2] == [("find", "ok"), ("save", "ok")]
    saved = next(each for each in desk.kias.documents if each.external_id == str(refund.pk))
    assert (saved.kind, saved.refund_of, saved.number) == ("refund", str(original.pk), refund.number)
    assert delivery(refund).ask_first == "office"


def test_p08_a_refund_has_a_number_of_a_series_that_is_spent_at_once(desk: Desk, person: User) -> None:
    refund = give_back(in_kias(desk), person, desk)
    reserved = NumberReservation.objects.get(number=refund.number)
    assert (reserved.receipt_id, reserved.spent_at is None) == (refund.pk, False)


def test_p08_the_history_says_who_paid_out_and_when_and_why(desk: Desk, person: User) -> None:
    original = in_kias(desk)
    refund = give_back(original, person, desk)
    told = original.events.get(reason="refunded")
    assert told.text == (
        f"Деньги возвращены клиенту: касса офиса, Петрова А. И., 23.11.2026. Чек возврата № {refund.number}. "
        "клиент передумал"
    )
    assert (told.staff, told.state) == (person, State.REGISTERED)
    row = OfficeReceipt.objects.get(pk=refund.pk)
    assert (row.paid_by, row.paid_name, row.paid_on) == (PaidBy.DESK, "Петрова А. И.", TODAY)


def test_p01_giving_the_money_back_ends_the_open_task_of_the_withdrawal(desk: Desk, person: User) -> None:
    original = in_kias(desk)
    task = make_withdrawal(receipt=original)
    give_back(original, person, desk)
    task.refresh_from_db()
    assert task.ended_by == person
    assert task.ended_text.startswith("Деньги возвращены клиенту")


def test_p08_a_second_refund_is_refused_however_it_comes(desk: Desk, person: User) -> None:
    original = in_kias(desk)
    give_back(original, person, desk)
    with pytest.raises(AlreadyRefundedError):
        give_back(original, person, desk)
    with pytest.raises(AlreadyRefundedError):
        put_right(original, person, desk, amount=100)
    assert Receipt.objects.filter(kind=Kind.REFUND).count() == 1


@pytest.mark.parametrize("what", ["accepted", "held", "rejected", "annulled"])
def test_p08_what_kias_does_not_have_cannot_be_given_back(desk: Desk, person: User, what: str) -> None:
    receipt = desk.accept()
    match what:
        case "held":
            registry.hold(receipt.pk, reason="doubtful_date")
        case "rejected":
            registry.reject(receipt.pk, reason="unknown_policy", text="нет")
        case "annulled":
            registry.annul(receipt.pk, text="нет")
    with pytest.raises(NotPossibleError):
        give_back(receipt, person, desk)
    assert not acts.may(Receipt.objects.get(pk=receipt.pk)) & {"refund", "correct"}


def test_p08_a_refund_itself_is_never_given_back(desk: Desk, person: User) -> None:
    refund = give_back(in_kias(desk), person, desk)
    desk.settle()
    with pytest.raises(NotPossibleError):
        give_back(refund, person, desk)


@pytest.mark.parametrize(
    ("payout", "field"),
    [
        (Payout(by=PaidBy.AGENT, name=" ", day=TODAY), "paid_name"),
        (Payout(by=PaidBy.AGENT, name="Петрова\u202e", day=TODAY), "paid_name"),
        (Payout(by=PaidBy.AGENT, name="Петрова", day=TODAY + timedelta(days=1)), "paid_on"),
        (Payout(by=PaidBy.AGENT, name="Петрова", day=date(2026, 11, 1)), "paid_on"),
    ],
)
def test_p08_who_and_when_must_make_sense(desk: Desk, person: User, payout: Payout, field: str) -> None:
    with pytest.raises(BadAnswerError) as caught:
        give_back(in_kias(desk), person, desk, payout=payout)
    assert caught.value.field == field
    assert Receipt.objects.count() == 1


def test_p08_without_a_number_nothing_is_made_and_the_sentence_says_so(desk: Desk, person: User) -> None:
    original = in_kias(desk)
    NumberSeries.objects.update(is_active=False)
    with pytest.raises(NoNumbersError, match="номера кончились"):
        give_back(original, person, desk)
    assert Receipt.objects.count() == 1
    assert not original.events.filter(reason="refunded").exists()


def test_p08_the_database_refuses_a_second_living_refund_and_one_without_its_original(
    desk: Desk, person: User
) -> None:
    refund = give_back(in_kias(desk), person, desk)
    for changes in ({"pk": uuid7(desk.clock.moment), "number": "X"}, {"refund_of": None}):
        twin = Receipt.objects.get(pk=refund.pk)
        for name, value in changes.items():
            setattr(twin, name, value)
        with pytest.raises(IntegrityError), transaction.atomic():
            twin.save()
