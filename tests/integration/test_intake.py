"""What becomes of each envelope of a batch (docs/protocol.md, «Intake»)."""

import itertools
from datetime import UTC, datetime, timedelta

import pytest
from django.db import connection
from django.utils import timezone

from accounts.models import AgentStatus, Installation, User
from receipts.models import Receipt, ReceiptEvent
from receipts.numbers import format_number
from sync import sealing_keys
from sync.models import Delivery, IntakeException
from tests.support import cases
from tests.support.factories import installation_id, make_agent, make_installation, make_phone
from tests.support.phone import Phone, moment, uuid7

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("keys")]


def agent_of(phone: Phone) -> User:
    return Installation.objects.get(pk=installation_id(phone)).agent


def result(answer) -> tuple[str, str]:
    return answer["result"], answer.get("reason", "")


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


# --- F01–F03: again


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


# --- F06 and other second claimants


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


# --- what cannot become a receipt


def test_a_foreign_number_is_held(phone):
    other = make_installation(agent=make_agent())
    issued = phone.issue(number=format_number(other.code, 1))
    assert result(phone.send(issued)[0]) == ("held", "foreign_number")


def test_a_former_code_of_the_installation_is_still_its_own(phone):
    installation = Installation.objects.get(pk=installation_id(phone))
    issued = phone.issue()
    phone.contact(contact_token="from an old backup")  # not confirmed yet: no clone, but let a new code come
    phone.contact()
    phone.contact(contact_token="from an old backup")
    installation.refresh_from_db()
    assert f"-{installation.code}-" not in issued.number
    assert result(phone.send(issued)[0])[0] == "accepted"
    installation.refresh_from_db()
    assert installation.counter == 0  # the former code's counter says nothing about the new one


@pytest.mark.parametrize("key", ["id", "installation", "number"])
def test_a_header_that_contradicts_the_content_is_held(phone, key):
    issued = phone.issue()
    other = make_installation(agent=agent_of(phone), key=None)
    lie = {
        "id": "01a2041a-cad3-7aff-962c-0b8bf4771374",
        "installation": str(other.pk),
        "number": format_number(phone.installation["code"], 77),
    }[key]
    forged = phone.sealed(issued.content | {key: lie}, **{key: issued.content[key]})
    assert result(phone.send(forged)[0]) == ("held", "content_mismatch")
    assert Receipt.objects.count() == 0


def test_an_unknown_installation_is_held(phone):
    issued = phone.issue(installation="01a2041a-cad3-7aff-962c-0b8bf4771374")
    assert result(phone.send(issued)[0]) == ("held", "unknown_installation")


def test_a_signature_by_another_installation_is_held(phone):
    issued = phone.issue()
    thief = make_phone()
    thief.installation, thief.counter = phone.installation, phone.counter
    assert result(thief.send(thief.sealed(issued.content))[0]) == ("held", "bad_signature")
    assert IntakeException.objects.get().signer is None


def test_f40_an_envelope_that_no_key_opens_is_kept_as_bytes(phone, settings, tmp_path):
    from_a_lost_key = tmp_path / "lost"
    settings.SEALING_KEY_DIRS, present = [from_a_lost_key, from_a_lost_key / "b"], settings.SEALING_KEY_DIRS
    sealing_keys.make()
    phone.fetch_setup()
    issued = phone.issue()
    settings.SEALING_KEY_DIRS = present
    answer = phone.send(issued)[0]
    assert result(answer) == ("held", "unreadable")
    assert IntakeException.objects.get().envelope == issued.envelope


@pytest.mark.parametrize(
    "changed", [{"v": 2}, {"amount": "1"}, {"insurant": "Ы" * 1000}, {"number": "БС-42"}], ids=str
)
def test_a_content_of_another_shape_is_kept_whole(phone, changed):
    issued = phone.issue(**changed)
    assert result(phone.send(issued)[0]) == ("held", "malformed_content")
    assert IntakeException.objects.get().envelope == issued.envelope


@pytest.mark.parametrize(
    "item", ["", "x", "\x00", "\ud800", "kias1...", "К" * 1000, None, 42, {"a": [1]}, [], True]
)
def test_malformed_garbage_is_kept_and_answered(phone, item):
    assert phone.send(item, packed=False) == [{"id": None, "result": "held", "reason": "malformed"}]
    assert IntakeException.objects.get().reason == "malformed"


def test_an_unknown_version_stays_on_the_phone(phone):
    answers = phone.send("kias2.abc", phone.sealed(phone.issue().content, kind="letter"))
    assert [result(a) for a in answers] == [("later", "unknown_version")] * 2
    assert IntakeException.objects.count() == Receipt.objects.count() == 0


# --- held as receipts


def held_reason(phone: Phone, issued) -> str:
    """Why it is held; it is a receipt with an event and without a delivery."""
    answer = phone.send(issued)[0]
    assert (answer["result"], answer["state"]) == ("held", "held")
    receipt = Receipt.objects.get(pk=issued.id)
    assert receipt.reason == answer["reason"]
    assert ReceiptEvent.objects.get(receipt=receipt).state == "held"
    assert not Delivery.objects.filter(receipt=receipt).exists()
    return answer["reason"]


@pytest.mark.parametrize("amount", [0, -1, 4_294_967_296, 2**63 - 1])
def test_a_sum_that_no_check_can_carry_is_held(phone, amount):
    assert held_reason(phone, phone.issue(amount=amount)) == "amount_out_of_range"


def test_a_wrong_check_symbol_is_held(phone):
    number = phone.issue().number
    wrong = number[:-1] + ("0" if number[-1] != "0" else "1")
    assert held_reason(phone, phone.issue(number=wrong)) == "check_symbol"


def test_f30_a_doubtful_date_is_held_and_never_rewritten(phone):
    at = datetime.now(UTC) + timedelta(days=2)
    issued = phone.issue(issued_at=moment(at), receipt_date=at.date().isoformat())
    assert held_reason(phone, issued) == "doubtful_date"
    assert moment(Receipt.objects.get().issued_at) == issued.content["issued_at"]


def test_f30_a_clock_that_is_off_by_minutes_is_flagged_and_relayed(phone):
    issued = phone.issue(issued_at=moment(datetime.now(UTC) + timedelta(minutes=20)))
    assert phone.send(issued)[0]["result"] == "accepted"
    assert Receipt.objects.get().date_doubt == "after_arrival"


def test_f30_a_server_time_counts_only_with_our_signature(phone):
    before = datetime.now(UTC) - timedelta(minutes=30)
    honest, forged = phone.issue(issued_at=moment(before)), phone.issue(issued_at=moment(before))
    forged.content["evidence"] |= {"server_signature": "AAAA"}
    phone.send(honest, phone.sealed(forged.content))
    doubts = dict(Receipt.objects.values_list("number", "date_doubt"))
    assert doubts == {honest.number: "before_server_time", forged.number: ""}


def test_a_receipt_dated_before_its_predecessor_is_flagged(phone):
    now = datetime.now(UTC)
    phone.server_time = None
    first = phone.issue(issued_at=moment(now))
    second = phone.issue(issued_at=moment(now - timedelta(hours=1)))
    phone.send(first)
    phone.send(second)
    assert Receipt.objects.get(pk=second.id).date_doubt == "before_predecessor"


def doubts() -> list[str]:
    return list(Receipt.objects.order_by("counter").values_list("date_doubt", flat=True))


@pytest.mark.parametrize("order", list(itertools.permutations(range(3))))
@pytest.mark.parametrize("together", [True, False])
def test_f30_the_predecessor_is_the_same_in_whatever_order_receipts_arrive(phone, order, together):
    """P13. The second lies before the first, the third before neither's moment but its own predecessor's."""
    now, phone.server_time = datetime.now(UTC), None
    moments = [now - timedelta(hours=2), now - timedelta(hours=3), now - timedelta(hours=1)]
    issued = [phone.issue(issued_at=moment(at)) for at in moments]
    arriving = [issued[place] for place in order]
    for batch in [arriving] if together else [[one] for one in arriving]:
        phone.send(*batch)
    assert doubts() == ["", "before_predecessor", ""]


def test_f30_a_gap_in_a_late_batch_is_closed_by_the_batch_itself(phone):
    now, phone.server_time = datetime.now(UTC), None
    hours_ago = [9, 4, 8, 2]
    issued = [phone.issue(issued_at=moment(now - timedelta(hours=hours))) for hours in hours_ago]
    phone.send(issued[3])
    phone.send(issued[2], issued[0], issued[1])
    assert doubts() == ["", "", "before_predecessor", ""]


def test_f30_a_receipt_from_the_future_does_not_accuse_the_next_one(phone):
    """P13. The clock was ahead and has been set right: only the receipt that is impossible is doubtful."""
    now, phone.server_time = datetime.now(UTC), None
    ahead = phone.issue(issued_at=moment(now + timedelta(hours=20)))
    right = phone.issue(issued_at=moment(now - timedelta(minutes=20)))
    phone.send(ahead)
    phone.send(right)
    assert doubts() == ["after_arrival", ""]


def test_f30_a_phone_whose_clock_misses_by_whole_hours_has_a_wrong_zone(phone):
    """P13: noted, not reviewed, and not held, though its receipts come from the future."""
    wrong = datetime.now(UTC) + timedelta(hours=7)
    phone.contact(device_time=moment(wrong))
    phone.send(phone.issue(issued_at=moment(wrong - timedelta(minutes=10))))
    assert Receipt.objects.values_list("state", "date_doubt").get() == ("accepted", "wrong_zone")


def test_f30_while_many_phones_miss_our_clock_by_the_same_nobody_is_flagged(phone):
    """P13: then it is our own clock that is off."""
    at = datetime.now(UTC) + timedelta(minutes=10)
    for _ in range(5):
        make_installation(agent=make_agent(), last_contact_at=datetime.now(UTC), clock_skew_s=600)
    phone.send(phone.issue(issued_at=moment(at)))
    Installation.objects.filter(clock_skew_s=600).update(clock_skew_s=0)
    phone.send(phone.issue(issued_at=moment(at)))
    assert doubts() == ["", "after_arrival"]


def test_f30_one_agent_with_five_phones_does_not_silence_what_is_said_of_dates(phone):
    """Whoever wants his dates unquestioned would need four colleagues, not four browsers."""
    at = datetime.now(UTC) + timedelta(minutes=10)
    for _ in range(5):
        make_installation(agent=agent_of(phone), last_contact_at=datetime.now(UTC), clock_skew_s=600)
    phone.send(phone.issue(issued_at=moment(at)))
    assert doubts() == ["after_arrival"]


@pytest.mark.parametrize("days", [-3700, 400])
def test_f30_a_policy_dated_out_of_its_bounds_holds_the_receipt(phone, days):
    policy_date = (datetime.now(UTC) + timedelta(days=days)).date().isoformat()
    assert held_reason(phone, phone.issue(policy_date=policy_date)) == "doubtful_date"


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
