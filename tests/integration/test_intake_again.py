"""Envelopes that come again, and second claimants of an id or number (F01–F03, F06, F21)."""

from datetime import timedelta

import pytest
from django.utils import timezone

from receipts.models import Receipt, ReceiptEvent
from sync.models import Delivery, IntakeException
from tests.support.factories import agent_of, make_phone
from tests.support.phone import result

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("keys")]


def test_f01_a_retry_after_a_lost_answer_gets_the_same_receipt(phone):
    issued = phone.issue()
    phone.send(issued)
    answer = phone.send(issued)[0]
    assert (answer["result"], answer["state"]) == ("already_accepted", "accepted")
    assert Receipt.objects.count() == ReceiptEvent.objects.count() == Delivery.objects.count() == 1


def test_f01_a_retry_of_a_held_receipt_is_held_again(phone):
    issued = phone.issue(amount=0)
    first, second = phone.send(issued)[0], phone.send(issued)[0]
    assert first == second
    assert first["result"] == "held"


def test_f02_a_retry_after_a_new_login_is_the_same_receipt(phone):
    issued = phone.issue()
    phone.send(issued)
    again = make_phone(agent=agent_of(phone))
    assert again.send(issued)[0]["result"] == "already_accepted"


def test_f03_a_retry_three_months_later_is_the_same_receipt(phone):
    issued = phone.issue()
    phone.send(issued)
    Receipt.objects.filter(pk=issued.id).update(accepted_at=timezone.now() - timedelta(days=100))
    assert phone.send(issued)[0]["result"] == "already_accepted"


def test_the_same_content_sealed_twice_is_the_same_receipt(phone):
    issued = phone.issue()
    again = phone.sealed(issued.content)
    assert again.envelope != issued.envelope
    answers = phone.send(issued, again)
    assert [a["result"] for a in answers] == ["accepted", "already_accepted"]
    assert Receipt.objects.get().envelope == issued.envelope


def test_f06_same_id_with_another_content_keeps_both_whole(phone):
    issued = phone.issue()
    other = phone.sealed(issued.content | {"amount": 1})
    assert result(phone.send(issued)[0]) == ("accepted", "")
    assert result(phone.send(other)[0]) == ("held", "id_conflict")
    assert Receipt.objects.get().envelope == issued.envelope
    kept = IntakeException.objects.get()
    assert kept.envelope == other.envelope
    assert str(kept.claimed_id) == issued.id
    assert '"amount": 1' in kept.content


def test_f06_both_in_one_batch_end_the_same_way(phone):
    issued = phone.issue()
    other = phone.sealed(issued.content | {"amount": 1})
    assert [result(a) for a in phone.send(issued, other)] == [("accepted", ""), ("held", "id_conflict")]
    assert Receipt.objects.get().amount == 324550


def test_f21_a_number_taken_keeps_both_and_holds_the_second(phone):
    first, second = phone.issue(), phone.issue()
    clash = phone.sealed(second.content | {"number": first.number})
    assert result(phone.send(first)[0])[0] == "accepted"
    assert result(phone.send(clash)[0]) == ("held", "number_taken")
    assert IntakeException.objects.get().claimed_number == first.number
    assert Receipt.objects.count() == 1


def test_f21_a_number_taken_within_one_batch(phone):
    first, second = phone.issue(), phone.issue()
    clash = phone.sealed(second.content | {"number": first.number})
    answers = phone.send(first, clash)
    assert sorted(result(a) for a in answers) == [("accepted", ""), ("held", "number_taken")]


def test_another_agents_id_is_held_and_his_receipt_untouched(phone):
    issued = phone.issue()
    phone.send(issued)
    thief = make_phone()
    claimed = thief.issue(id=issued.id)
    assert result(thief.send(claimed)[0]) == ("held", "other_agent_id")
    assert Receipt.objects.get().agent == agent_of(phone)


def test_an_exception_is_kept_once_however_often_it_comes(phone):
    for _ in range(3):
        assert result(phone.send("garbage")[0]) == ("held", "malformed")
    phone.send("garbage", "garbage")
    assert IntakeException.objects.count() == 1
