"""The registry's verbs: each one move of the table, one event, one change number."""

import pytest
from django.db import IntegrityError, transaction

from accounts import correlation
from receipts import registry
from receipts.models import Receipt, ReceiptEvent
from receipts.states import State, WrongStateError
from tests.integration.test_feed import CHECK
from tests.support.factories import make_agent

pytestmark = pytest.mark.django_db


@pytest.fixture
def receipt(phone) -> Receipt:
    issued = phone.issue()
    phone.send(issued)
    return Receipt.objects.get(pk=issued.id)


def newest(receipt: Receipt) -> ReceiptEvent:
    return ReceiptEvent.objects.filter(receipt=receipt).latest("change")


def test_registering_keeps_the_isn_and_says_who(receipt):
    with correlation.follow("tap-12345678"):
        registry.register(receipt.pk, isn="1001", text="внесена в КИАС вручную")
    receipt.refresh_from_db()
    event = newest(receipt)
    assert (receipt.state, receipt.kias_isn) == ("registered", "1001")
    assert (event.actor, event.text, event.change) == ("kias", "внесена в КИАС вручную", 2)
    assert event.correlation_id == "tap-12345678"


def test_a_check_may_come_together_with_the_isn(receipt):
    registry.fiscalise(receipt.pk, check=CHECK, isn="1001")
    receipt.refresh_from_db()
    assert (receipt.state, receipt.kias_isn, receipt.check_qr) == ("fiscalised", "1001", CHECK.qr)


def test_a_check_does_not_wipe_the_isn(receipt):
    registry.register(receipt.pk, isn="1001")
    registry.fiscalise(receipt.pk, check=CHECK)
    receipt.refresh_from_db()
    assert receipt.kias_isn == "1001"


def test_a_move_that_the_table_does_not_know_changes_nothing(receipt):
    registry.fiscalise(receipt.pk, check=CHECK)
    for verb in (
        lambda: registry.register(receipt.pk, isn="2"),
        lambda: registry.reject(receipt.pk, reason="x", text=""),
        lambda: registry.hold(receipt.pk, reason="x"),
        lambda: registry.annul(receipt.pk, staff=make_agent(), text=""),
    ):
        with pytest.raises(WrongStateError):
            verb()
    assert ReceiptEvent.objects.filter(receipt=receipt).count() == 2


def test_a_person_releases_what_was_held_and_annuls_what_is_not_to_go(receipt):
    staff = make_agent()
    registry.hold(receipt.pk, reason="number_taken_in_kias")
    registry.release(receipt.pk, staff=staff, text="проверено по телефону")
    assert (newest(receipt).state, newest(receipt).staff, newest(receipt).reason) == ("accepted", staff, "")
    registry.annul(receipt.pk, staff=staff, text="клиент передумал")
    assert (newest(receipt).state, newest(receipt).text) == ("annulled", "клиент передумал")


def test_a_sum_that_no_check_can_carry_is_never_released(phone):
    issued = phone.issue(amount=0)
    phone.send(issued)
    with pytest.raises(WrongStateError):
        registry.release(issued.id, staff=make_agent(), text="")
    with pytest.raises(IntegrityError), transaction.atomic():
        Receipt.objects.filter(pk=issued.id).update(state=State.ACCEPTED)


def test_an_unknown_receipt_is_an_error():
    with pytest.raises(Receipt.DoesNotExist):
        registry.register("01a2041a-cad3-7aff-962c-0b8bf4771374", isn="1")
