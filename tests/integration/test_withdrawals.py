"""An agent takes his receipt back (P01): with it or later, in time or not, before the relay or after."""

from datetime import UTC, datetime, timedelta

import pytest

from accounts.models import AgentStatus, Installation, User
from receipts import registry
from receipts.models import Receipt, ReceiptEvent, Withdrawal
from sync.models import Attempt, Delivery, IntakeException, Stage
from sync.relay import deliveries
from tests.support.factories import installation_id, make_agent, make_phone
from tests.support.phone import moment

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("keys")]


def state_of(issued):
    return Receipt.objects.get(pk=issued.id).state


def effect_of(withdrawn):
    return Withdrawal.objects.get(pk=withdrawn.id).effect


def late(issued, minutes=16):
    return moment(datetime.fromisoformat(issued.content["issued_at"]) + timedelta(minutes=minutes))


def begin(issued):
    """As the relay claims it."""
    Delivery.objects.filter(pk=issued.id).update(
        claim="0192f0c4-0000-7000-8000-000000000001", lease_until=datetime.now(UTC) + timedelta(minutes=1)
    )


def test_p01_withdrawn_in_the_batch_of_its_receipt_it_is_annulled_and_never_goes_to_kias(phone, desk):
    issued = phone.issue()
    withdrawn = phone.withdraw(issued, text="вместо 3 000 ввёл 30 000")
    first, second = phone.send(issued, withdrawn)
    assert (first["id"], first["result"]) == (issued.id, "accepted")
    assert second == {"id": withdrawn.id, "result": "accepted", "state": "annulled"}
    delivery = Delivery.objects.get(pk=issued.id)
    assert (delivery.stage, delivery.due_at) == (Stage.STOPPED, None)
    desk.run_after(3600)
    assert desk.kias.documents == []
    last = phone.fetch_states()[-1]
    assert (last["state"], last["reason"]) == ("annulled", "withdrawn")
    assert last["text"] == "ошибка в сумме: вместо 3 000 ввёл 30 000"
    assert ReceiptEvent.objects.get(receipt_id=issued.id, state="annulled").actor == "phone"


def test_p01_withdrawn_later_but_before_the_relay_it_is_annulled(phone):
    issued = phone.issue()
    phone.send(issued)
    assert phone.send(phone.withdraw(issued))[0]["state"] == "annulled"
    assert state_of(issued) == "annulled"


def test_the_order_within_a_batch_does_not_matter_to_the_server(phone):
    issued = phone.issue()
    answers = phone.send(phone.withdraw(issued), issued)
    assert [answer["result"] for answer in answers] == ["accepted", "accepted"]
    assert state_of(issued) == "annulled"


@pytest.mark.parametrize("shown", [False, True])
def test_p01_late_or_after_the_copy_was_shown_it_is_held_with_the_agents_reason(phone, desk, shown):
    issued = phone.issue()
    given = {"copy_shown": True} if shown else {"withdrawn_at": late(issued)}
    withdrawn = phone.withdraw(issued, reason="client", **given)
    answer = phone.send(issued, withdrawn)[1]
    assert answer == {"id": withdrawn.id, "result": "held", "state": "held", "reason": "withdrawn"}
    desk.run_after(3600)
    assert desk.kias.documents == []
    assert phone.fetch_states()[-1]["text"] == "клиент передумал"
    assert Withdrawal.objects.get().copy_shown is shown


def test_p01_the_office_lets_a_held_one_go_and_kias_is_asked_first(phone, desk):
    issued = phone.issue()
    phone.send(issued, phone.withdraw(issued, copy_shown=True))
    registry.release(issued.id, staff=User.objects.create(username="o"), text="клиент не отказывался")
    deliveries.release(Receipt.objects.get(pk=issued.id).pk, clock=desk.clock)
    desk.run()
    assert desk.kias.finds
    assert desk.kias.numbers() == [issued.number]


@pytest.mark.parametrize("stage", ["claimed", "attempted", "registered", "fiscalised"])
def test_p01_after_the_relay_began_nothing_changes_and_the_office_has_a_task(phone, desk, stage):
    issued = phone.issue()
    phone.send(issued)
    if stage == "claimed":
        begin(issued)
    elif stage == "attempted":
        Attempt.objects.create(
            delivery_id=issued.id,
            operation="save",
            started_at=datetime.now(UTC),
            ends_by=datetime.now(UTC),
            outcome="unknown",
        )
    else:
        desk.clock.moment = datetime.now(UTC) + timedelta(seconds=1)
        desk.run()
        if stage == "fiscalised":
            desk.settle(hours=1)
    before = state_of(issued)
    withdrawn = phone.withdraw(issued)
    answer = phone.send(withdrawn)[0]
    assert (answer["result"], answer["state"]) == ("accepted", before)
    assert effect_of(withdrawn) == "task"
    assert state_of(issued) == before


def test_a_rejected_receipt_is_annulled_when_the_agent_withdraws_in_time(phone):
    issued = phone.issue()
    phone.send(issued)
    registry.reject(issued.id, reason="unknown_policy", text="Полис не найден.")
    assert phone.send(phone.withdraw(issued))[0]["state"] == "annulled"


def test_a_receipt_held_for_another_reason_stays_held_when_the_withdrawal_is_late(phone):
    issued = phone.issue(amount=0)
    phone.send(issued)
    withdrawn = phone.withdraw(issued, withdrawn_at=late(issued))
    assert phone.send(withdrawn)[0]["reason"] == "amount_out_of_range"
    assert effect_of(withdrawn) == "held"
    assert ReceiptEvent.objects.filter(receipt_id=issued.id).count() == 1


def test_f03_a_withdrawal_is_idempotent_by_its_id(phone):
    issued = phone.issue()
    withdrawn = phone.withdraw(issued)
    phone.send(issued, withdrawn)
    assert phone.send(withdrawn)[0] == {
        "id": withdrawn.id,
        "result": "already_accepted",
        "state": "annulled",
    }
    again = phone.withdrawal_sealed(withdrawn.content)
    assert phone.send(again)[0]["result"] == "already_accepted"
    assert Withdrawal.objects.count() == 1
    assert phone.status(withdrawn.id)[withdrawn.id]["result"] == "accepted"


def test_f06_other_content_under_the_same_id_is_kept_whole_for_a_person(phone):
    issued = phone.issue()
    withdrawn = phone.withdraw(issued)
    phone.send(issued, withdrawn)
    other = phone.withdrawal_sealed(withdrawn.content | {"reason": "policy"})
    answer = phone.send(other)[0]
    assert (answer["result"], answer["reason"]) == ("held", "id_conflict")
    kept = IntakeException.objects.get()
    assert kept.envelope == other.envelope
    assert Withdrawal.objects.get().reason == "amount"


def test_a_second_withdrawal_of_an_annulled_receipt_does_nothing(phone):
    issued = phone.issue()
    phone.send(issued, phone.withdraw(issued))
    second = phone.withdraw(issued)
    assert phone.send(second)[0]["state"] == "annulled"
    assert effect_of(second) == "nothing"
    assert ReceiptEvent.objects.filter(receipt_id=issued.id).count() == 2


def test_p01_a_withdrawal_before_its_receipt_is_kept_by_the_phone(phone):
    issued = phone.issue()
    withdrawn = phone.withdraw(issued)
    assert phone.send(withdrawn)[0] == {"id": withdrawn.id, "result": "later", "reason": "receipt_first"}
    assert not Withdrawal.objects.exists()
    assert phone.send(issued, withdrawn)[1]["state"] == "annulled"


def test_a_receipt_among_the_exceptions_takes_its_withdrawal_there(phone):
    """Else the phone would offer the withdrawal for ever."""
    issued = phone.issue()
    twin = phone.sealed(phone.content(number=issued.number))
    phone.send(issued)  # alone: of two claimants in one batch the lesser id gets the number
    phone.send(twin)
    answer = phone.send(phone.withdraw(twin))[0]
    assert (answer["result"], answer["reason"]) == ("held", "receipt_kept_aside")
    assert state_of(issued) == "accepted"


def test_the_withdrawal_of_a_receipt_whose_signature_failed_does_not_wait_for_ever(phone):
    issued = phone.issue()
    phone.send(issued.envelope[:-6] + "AAAAAA")
    answer = phone.send(phone.withdraw(issued))[0]
    assert (answer["result"], answer["reason"]) == ("held", "receipt_kept_aside")


def test_p17_what_must_come_again_still_counts_as_unsent(phone):
    phone.contact(waiting={"count": 1, "sum": 0})
    assert phone.send(phone.withdraw(phone.issue()))[0]["reason"] == "receipt_first"
    assert Installation.objects.get(pk=installation_id(phone)).waiting_count == 1


def test_another_agents_receipt_cannot_be_withdrawn(phone):
    issued = phone.issue()
    phone.send(issued)
    stranger = make_phone()
    answer = stranger.send(stranger.withdraw(issued))[0]
    assert (answer["result"], answer["reason"]) == ("held", "other_agent_id")
    assert state_of(issued) == "accepted"
    assert not Withdrawal.objects.exists()


def test_the_agents_other_phone_may_withdraw(phone):
    issued = phone.issue()
    phone.send(issued)
    other = make_phone(agent=Receipt.objects.get(pk=issued.id).agent)
    assert other.send(other.withdraw(issued))[0]["state"] == "annulled"


def test_a_withdrawal_that_names_another_number_is_kept_for_a_person(phone):
    issued = phone.issue()
    phone.send(issued)
    answer = phone.send(phone.withdraw(issued, number="БС-К7М3Т-00001-0"))[0]
    assert answer["reason"] == "content_mismatch"
    assert state_of(issued) == "accepted"


def test_p07_a_revoked_phone_annuls_nothing_by_itself(phone):
    issued = phone.issue()
    phone.send(issued)
    carrier = make_phone(agent=Receipt.objects.get(pk=issued.id).agent)
    Installation.objects.filter(pk=installation_id(phone)).update(revoked_at=datetime.now(UTC))
    answer = carrier.send(phone.withdraw(issued))[0]
    assert (answer["result"], answer["state"]) == ("held", "held")


def test_p17_a_dismissed_agent_annuls_nothing_by_himself():
    agent = make_agent()
    phone = make_phone(agent=agent)
    issued = phone.issue()
    phone.send(issued)
    User.objects.filter(pk=agent.pk).update(
        agent_status=AgentStatus.HANDOVER_ONLY, status_since=datetime.now(UTC) - timedelta(hours=1)
    )
    assert phone.send(phone.withdraw(issued))[0]["state"] == "held"


def test_p13_a_clock_turned_back_makes_nothing_timely(phone):
    issued = phone.issue()
    jumped = issued.content["evidence"] | {"backward_jumps": 1}
    assert phone.send(issued, phone.withdraw(issued, evidence=jumped))[1]["state"] == "held"


@pytest.mark.parametrize(
    "broken",
    [
        {"v": 0},
        {"reason": "because"},
        {"text": "Ы" * 301},
        {"copy_shown": "no"},
        {"withdrawn_at": "2026-11-22T07:05:11"},
        {"receipt": "42"},
        {"evidence": None},
    ],
)
def test_f16_a_malformed_withdrawal_is_kept_and_the_others_are_accepted(phone, broken):
    first, second = phone.issue(), phone.issue()
    answers = phone.send(first, phone.withdraw(first, **broken), second)
    assert [answer["result"] for answer in answers] == ["accepted", "held", "accepted"]
    assert answers[1]["reason"] == "malformed_content"
    assert state_of(first) == "accepted"


def test_p31_hidden_signs_in_the_reason_annul_nothing(phone):
    issued = phone.issue()
    answer = phone.send(issued, phone.withdraw(issued, text="не\u202eта\x00 сумма"))[1]
    assert answer["state"] == "held"
    assert "\x00" not in Withdrawal.objects.get().text


def test_relay_grace_lets_a_receipt_rest_before_its_first_relay(phone, desk, settings):
    settings.RELAY_GRACE_S = 60.0
    issued = phone.issue()
    phone.send(issued)
    desk.clock.moment = datetime.now(UTC) + timedelta(seconds=30)
    desk.run()
    assert desk.kias.documents == []
    desk.run_after(60)
    assert desk.kias.numbers() == [issued.number]
