"""What becomes a receipt and is held for the office (F35, P31)."""

from datetime import UTC, datetime, timedelta

import pytest
from django.utils import timezone

from accounts.models import AgentStatus, Installation, User
from receipts.models import Receipt
from tests.support import cases
from tests.support.factories import agent_of, installation_id, make_phone
from tests.support.intake import held_reason
from tests.support.phone import moment, result

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("keys")]


@pytest.mark.parametrize("amount", [0, -1, 4_294_967_296, 2**63 - 1])
def test_a_sum_that_no_check_can_carry_is_held(phone, amount):
    assert held_reason(phone, phone.issue(amount=amount)) == "amount_out_of_range"


def test_a_wrong_check_symbol_is_held(phone):
    number = phone.issue().number
    wrong = number[:-1] + ("0" if number[-1] != "0" else "1")
    assert held_reason(phone, phone.issue(number=wrong)) == "check_symbol"


def test_a_counter_that_jumps_is_held_and_the_next_ones_flow(phone):
    phone.send(phone.issue())
    phone.counter = 101
    assert held_reason(phone, phone.issue()) == "counter_jump"
    assert phone.send(phone.issue())[0]["result"] == "accepted"


def test_three_weeks_of_receipts_in_order_are_no_jump(phone):
    issued = [phone.issue() for _ in range(150)]
    answers = phone.send(*issued[:75]) + phone.send(*issued[75:])
    assert {a["result"] for a in answers} == {"accepted"}


def test_f35_what_a_revoked_installation_signed_is_held(phone):
    issued = phone.issue()
    Installation.objects.filter(pk=installation_id(phone)).update(revoked_at=timezone.now())
    carrier = make_phone()
    assert held_reason(carrier, issued) == "revoked_installation"


def test_of_a_closed_agent_everything_is_held(phone):
    issued = phone.issue()
    User.objects.filter(pk=agent_of(phone).pk).update(agent_status=AgentStatus.CLOSED)
    assert held_reason(make_phone(), issued) == "agent_closed"


def test_a_dismissed_agent_hands_over_what_he_issued_before(phone):
    now = datetime.now(UTC)
    before, after = phone.issue(issued_at=moment(now - timedelta(hours=2))), phone.issue()
    User.objects.filter(pk=agent_of(phone).pk).update(
        agent_status=AgentStatus.HANDOVER_ONLY, status_since=now - timedelta(hours=1)
    )
    answers = phone.send(before, after)
    assert [result(a) for a in answers] == [("accepted", ""), ("held", "agent_closed")]


HOSTILE = cases.load("hostile_text")["cases"]


@pytest.mark.parametrize("case", [c for c in HOSTILE if len(c["text"]) <= 256], ids=lambda case: case["name"])
def test_p31_hostile_text_is_held_and_the_rest_goes_its_way(phone, case):
    issued = phone.issue(insurant=case["text"], comment=case["text"])
    answer = phone.send(issued)[0]
    assert answer["result"] == ("held" if case["hostile"] else "accepted")
    receipt = Receipt.objects.get(pk=issued.id)
    assert receipt.envelope == issued.envelope
    if not case["hostile"]:
        assert receipt.insurant == case["text"]
    assert phone.receipt(issued.id).json()["id"] == issued.id
    assert phone.fetch_states()
