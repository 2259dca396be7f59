"""Refunds and corrections at one moment: two operators, the relay, the withdrawal (P01, P08, P09)."""

from dataclasses import replace
from datetime import timedelta

import pytest
from django.db import transaction
from django.utils import timezone

from accounts.models import User
from backoffice.roles import Role
from receipts.models import Kind, PaidBy, Receipt
from receipts.states import State
from sync.clock import database_clock
from sync.models import Delivery
from sync.office import accounting, annulling, correcting, refunding
from sync.office.correcting import Right
from sync.office.refunding import Payout
from sync.office.refused import AlreadyRefundedError, MayBeInKiasError, NotPossibleError
from sync.relay import deliveries
from tests.support.elsewhere import Elsewhere
from tests.support.office import make_delivery, make_receipt, make_staff
from tests.support.phone import wait_until

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("first_epoch", "series")]


@pytest.fixture
def original() -> Receipt:
    return make_receipt(state=State.FISCALISED, kias_isn="100001", check_fd="1")


def give_back(receipt: Receipt, person: User) -> Receipt:
    payout = Payout(by=PaidBy.DESK, name="Петрова А. И.", day=timezone.localdate())
    return refunding.refund(receipt.pk, payout=payout, staff=person, text="Передумал.")


def put_right(receipt: Receipt, person: User) -> Receipt:
    right = replace(Right.of(receipt), amount=100)
    return correcting.correct(receipt.pk, right=right, staff=person, text="Лишний ноль.")


@pytest.mark.parametrize("second", [give_back, put_right])
def test_p08_two_operators_give_one_receipt_back_at_once(original, person, second):
    other_person = make_staff(Role.SENIOR)
    with transaction.atomic():
        give_back(original, person)
        other = Elsewhere(lambda: second(original, other_person)).begin()
        wait_until(other.waits_for_a_lock)
    with pytest.raises(AlreadyRefundedError):
        other.result()
    assert Receipt.objects.filter(kind=Kind.REFUND).count() == 1
    assert Receipt.objects.count() == 2


def test_p08_ten_at_full_speed_make_one_refund_and_spend_one_number(original, person):
    calls = [Elsewhere(lambda: give_back(original, person)).begin() for _ in range(10)]
    for call in calls:
        call.join(30)
    assert [type(call.outcome) for call in calls].count(Receipt) == 1
    assert Receipt.objects.filter(kind=Kind.REFUND).count() == 1
    assert original.installation.reservations.count() == 1


def test_p08_the_relay_beside_an_uncommitted_correction_finds_nothing_of_it(original, person):
    with transaction.atomic():
        put_right(original, person)
        assert Elsewhere(lambda: deliveries.due(database_clock).count()).begin().result() == 0
    refund = Receipt.objects.get(kind=Kind.REFUND)
    assert list(deliveries.due(database_clock).values_list("pk", flat=True)) == [refund.pk]


def test_p08_annulling_a_refund_that_the_relay_has_claimed_is_refused(original, person):
    refund = give_back(original, person)
    Delivery.objects.filter(pk=refund.pk).update(
        claim=refund.pk, lease_until=timezone.now() + timedelta(minutes=1)
    )
    with pytest.raises(MayBeInKiasError):
        annulling.annul(refund.pk, staff=person, text="нет")
    refund.refresh_from_db()
    assert refund.state == State.ACCEPTED


def test_p08_both_halves_of_a_correction_annulled_at_once_fall_together_without_a_deadlock(original, person):
    new = put_right(original, person)
    refund = Receipt.objects.get(kind=Kind.REFUND)
    with transaction.atomic():
        annulling.annul(new.pk, staff=person, text="нет")
        other = Elsewhere(lambda: annulling.annul(refund.pk, staff=person, text="нет")).begin()
        wait_until(other.waits_for_a_lock)
    with pytest.raises(NotPossibleError):
        other.result()
    assert set(Receipt.objects.filter(source="office").values_list("state", flat=True)) == {State.ANNULLED}


def test_p08_a_new_refund_beside_the_taking_back_of_the_first_waits_and_is_made(original, person):
    first = give_back(original, person)
    with transaction.atomic():
        annulling.annul(first.pk, staff=person, text="не тому")
        other = Elsewhere(lambda: give_back(original, person)).begin()
        wait_until(other.waits_for_a_lock)
    second = other.result()
    first.refresh_from_db()
    assert (first.state, second.state) == (State.ANNULLED, State.ACCEPTED)


def test_p09_two_seniors_set_an_accounting_date_at_once(person):
    today = timezone.localdate()
    receipt = make_receipt(
        state=State.REJECTED, reason="closed_period", acts="office", receipt_date=today - timedelta(days=20)
    )
    make_delivery(receipt=receipt, stage="stopped", due_at=None)

    def enter(day):
        return accounting.enter_on(receipt.pk, day=day, staff=person, text="Закрыт.", today=today)

    with transaction.atomic():
        enter(today)
        other = Elsewhere(lambda: enter(today - timedelta(days=1))).begin()
        wait_until(other.waits_for_a_lock)
    with pytest.raises(NotPossibleError):
        other.result()
    receipt.refresh_from_db()
    assert receipt.accounting_date == today
