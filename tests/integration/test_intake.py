"""What becomes of each envelope of a batch (docs/protocol.md, «Intake»)."""

from datetime import UTC, datetime, timedelta

import pytest
from django.db import connection

from accounts.models import Installation
from receipts.models import Receipt, ReceiptEvent
from sync.models import Delivery, IntakeException
from tests.support.envelopes import uuid7
from tests.support.factories import agent_of, installation_id, make_phone
from tests.support.phone import result

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("keys")]


# --- taken in


def test_a_receipt_is_stored_as_issued_with_its_first_event_and_its_delivery(phone):
    issued = phone.issue(comment="за второй взнос", contact_email="a@b.ru")
    answer = phone.send(issued)[0]
    assert answer == {"id": issued.id, "result": "accepted", "state": "accepted"}
    receipt = Receipt.objects.get(pk=issued.id)
    assert receipt.envelope == issued.envelope
    assert (receipt.number, receipt.amount, receipt.comment) == (issued.number, 324550, "за второй взнос")
    assert receipt.issued_at == datetime.fromisoformat(issued.content["issued_at"])
    assert receipt.issued_offset_min == 420
    event = ReceiptEvent.objects.get(receipt=receipt)
    assert (event.state, event.change, event.at) == ("accepted", 1, receipt.accepted_at)
    assert Delivery.objects.get(receipt=receipt).accepted_at == receipt.accepted_at
    assert Installation.objects.get(pk=installation_id(phone)).counter == 1


def test_every_column_agrees_with_the_content(phone):
    given = {
        "policy_series": "XXX",
        "policy_number": "0123456789",
        "policy_date": "2026-11-01",
        "instalment": 2,
        "payment_form": "card",
        "payment_reference": "123456789012",
        "insurant": "Артёмова  Ёлка",
        "payer": "Иванов Иван",
        "check_to": "payer",
        "document_kind": "inn",
        "document_number": "500100732259",
        "contact_phone": "",
        "no_contact": True,
        "replaces": "01a2041a-cad3-7aff-962c-0b8bf4771374",
    }
    issued = phone.issue(**given)
    phone.send(issued)
    receipt = Receipt.objects.get(pk=issued.id)
    for name, value in given.items():
        stored = getattr(receipt, name)
        assert (str(stored) if name in {"replaces", "policy_date"} else stored) == value, name
    assert receipt.policy_folded == "ХХХ0123456789"
    assert receipt.insurant_folded == "артемова елка"
    assert receipt.number_folded == issued.number.replace("-", "")[2:]
    assert receipt.evidence["highest_wall"] == issued.content["evidence"]["highest_wall"]
    assert receipt.check_token == issued.content["check_token"]


def test_answers_come_in_the_order_of_the_envelopes(phone):
    issued = [phone.issue() for _ in range(5)]
    mixed = [issued[3], "garbage", issued[0], issued[4], issued[1], issued[2]]
    answers = phone.send(*mixed)
    assert [a["id"] for a in answers] == [getattr(item, "id", None) for item in mixed]


def test_the_feed_numbers_a_batch_in_the_order_of_issue(phone):
    issued = []
    for minutes in range(3):
        at = datetime.now(UTC) + timedelta(milliseconds=minutes)
        issued.append(phone.issue(id=str(uuid7(at))))
    phone.send(*reversed(issued))
    assert [change["id"] for change in phone.fetch_states()] == [item.id for item in issued]
    assert Installation.objects.get(pk=installation_id(phone)).counter == 3


# --- carriers


def test_f25_a_receipt_belongs_to_its_signer_whoever_carries_it(phone):
    issued = phone.issue()
    carrier = make_phone()
    assert carrier.send(issued)[0]["result"] == "accepted"
    receipt = Receipt.objects.get()
    assert receipt.agent == agent_of(phone)
    assert receipt.installation_id == installation_id(phone)
    assert receipt.carrier_id == installation_id(carrier)
    assert phone.fetch_states()
    assert not carrier.fetch_states()


# --- F16


def test_f16_a_poison_item_does_not_spoil_the_others(phone):
    good = [phone.issue(), phone.issue()]
    bad = ["garbage", phone.issue(amount="x"), None]
    answers = phone.send(good[0], *bad, good[1], packed=False)
    assert [a["result"] for a in answers] == ["accepted", "held", "held", "held", "accepted"]


def test_f16_what_only_the_database_refuses_stands_alone(phone):
    """A constraint that the code does not know, as a later migration might bring one."""
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE receipts_receipt ADD CONSTRAINT poison CHECK (insurant <> 'Яд')")
    issued = [phone.issue(), phone.issue(insurant="Яд"), phone.issue()]
    answers = phone.send(*issued)
    assert [result(a) for a in answers] == [("accepted", ""), ("held", "malformed_content"), ("accepted", "")]
    assert IntakeException.objects.get().envelope == issued[1].envelope
    assert Receipt.objects.count() == Delivery.objects.count() == 2
    assert [change["change"] for change in phone.fetch_states()] == [1, 2]


def test_f16_evidence_that_no_column_holds_stands_alone(phone):
    """A NUL is data to us and an error to PostgreSQL."""
    good = phone.issue()
    poison = phone.issue(evidence=good.content["evidence"] | {"server_time": "\0"})
    answers = phone.send(good, poison, phone.issue())
    assert [result(a) for a in answers] == [("accepted", ""), ("held", "malformed_content"), ("accepted", "")]
