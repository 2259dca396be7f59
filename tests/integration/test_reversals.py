"""«Вернуть деньги» and «Исправить чек» (P01, P08): what the office makes, how it goes to KIAS (ADR 0029)."""

from dataclasses import replace
from datetime import date, timedelta

import pytest
from django.db import IntegrityError, transaction

from accounts.models import User
from backoffice.roles import Role
from receipts import chains, registry
from receipts.models import (
    Kind,
    NumberReservation,
    NumberSeries,
    OfficeReceipt,
    PaidBy,
    Receipt,
    Source,
    Withdrawal,
    WithdrawalEffect,
)
from receipts.states import State
from sync.kias.document import document_of
from sync.office import acts, annulling, correcting, linking, refunding
from sync.office.correcting import Right
from sync.office.refunding import Payout
from sync.office.refused import (
    AlreadyRefundedError,
    BadAnswerError,
    InKiasError,
    MayBeInKiasError,
    NoNumbersError,
    NotPossibleError,
)
from sync.restore import epoch
from tests.support.factories import make_series
from tests.support.office import make_staff
from tests.support.phone import uuid7
from tests.support.relaying import Desk, calls, delivery, state

pytestmark = pytest.mark.django_db

TODAY = date(2026, 11, 23)
PAYOUT = Payout(by=PaidBy.DESK, name="Петрова А. И.", day=TODAY)


@pytest.fixture(autouse=True)
def server_s_memory() -> None:
    epoch.current()
    make_series()


@pytest.fixture
def person() -> User:
    return make_staff(Role.SENIOR)


def in_kias(desk: Desk, **given: object) -> Receipt:
    receipt = desk.accept(**given)
    desk.run()
    assert state(receipt) == State.REGISTERED
    return receipt


def give_back(receipt: Receipt, person: User, desk: Desk, **given: object) -> Receipt:
    fields = {"payout": PAYOUT, "text": "клиент передумал", "today": TODAY} | given
    return refunding.refund(receipt.pk, staff=person, clock=desk.clock, **fields)  # type: ignore[arg-type]


def put_right(receipt: Receipt, person: User, desk: Desk, **changed: object) -> Receipt:
    receipt.refresh_from_db()
    right = Right(**{name: getattr(receipt, name) for name in Right.__annotations__} | changed)
    return correcting.correct(
        receipt.pk, right=right, staff=person, text="лишний ноль", today=TODAY, clock=desk.clock
    )


def money(receipt: Receipt) -> int:
    chain = chains.around(receipt.pk)
    dead = chains.not_counted(chain)
    return sum(each.amount for each in chain if each.pk not in dead)


# --- «Вернуть деньги»


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
    task = make_task(original)
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


# --- «Исправить чек»


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


def make_task(receipt: Receipt) -> Withdrawal:
    return Withdrawal.objects.create(
        id=uuid7(receipt.issued_at),
        receipt=receipt,
        agent=receipt.agent,
        installation=receipt.installation,
        reason="amount",
        withdrawn_at=receipt.issued_at,
        copy_shown=True,
        effect=WithdrawalEffect.TASK,
        accepted_at=receipt.issued_at,
        content_hash="0" * 64,
        envelope="kias1.test",
    )
