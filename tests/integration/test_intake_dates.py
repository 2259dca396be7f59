"""Doubtful dates at the intake: flagged, held, never rewritten (F30, ADR 0023)."""

import itertools
from datetime import UTC, datetime, timedelta

import pytest

from accounts.models import Installation
from receipts.models import Receipt
from tests.support.factories import agent_of, make_agent, make_installation
from tests.support.intake import held_reason
from tests.support.phone import moment

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("keys")]


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
