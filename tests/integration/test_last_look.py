"""The last look before the socket (`deliveries.sendable`): each of its conditions alone says no (F05, F13).

Several of them guard one another, so each is taken away here while all the others hold.
"""

from datetime import timedelta
from uuid import UUID, uuid4

import pytest

from receipts import registry
from receipts.models import OfficeReceipt, PaidBy, Purpose
from sync.models import Attempt, Delivery, KiasCircuit, KiasPause, KiasSlot, Stage
from sync.relay import attempts, deliveries, slots
from tests.support.relaying import Desk

pytestmark = pytest.mark.django_db


@pytest.fixture
def claimed(desk: Desk) -> Delivery:
    """One delivery in this runner's hand."""
    desk.accept()
    (mine,) = deliveries.claim(desk.terms.lease_s, desk.clock)
    return mine


@pytest.fixture
def slot(desk: Desk) -> UUID:
    taken = slots.take(desk.terms.concurrency, desk.terms.lease_s, desk.clock)
    assert taken
    return taken


def looks(desk: Desk, claimed: Delivery, slot: UUID) -> bool:
    begun = attempts.begin(claimed, slot, "save", "", desk.terms.timeout_s, desk.clock)
    assert list(Attempt.objects.values_list("pk", flat=True)) == [begun] * (begun is not None), (
        "there is a row for a call that goes, and for no other"
    )
    return begun is not None


def test_it_says_yes_when_nothing_stands_against_it(desk: Desk, claimed: Delivery, slot: UUID) -> None:
    assert looks(desk, claimed, slot)


def test_f05_no_when_the_delivery_s_lease_alone_would_not_outlast_the_call(
    desk: Desk, claimed: Delivery, slot: UUID
) -> None:
    """As for the last of eight under one claim, whose slot was renewed for each."""
    short = desk.clock.moment + timedelta(seconds=desk.terms.timeout_s - 0.1)
    Delivery.objects.filter(pk=claimed.pk).update(lease_until=short)
    assert not looks(desk, claimed, slot)


def test_f05_no_when_the_slot_s_lease_alone_would_not_outlast_the_call(
    desk: Desk, claimed: Delivery, slot: UUID
) -> None:
    short = desk.clock.moment + timedelta(seconds=desk.terms.timeout_s - 0.1)
    KiasSlot.objects.filter(claim=slot).update(lease_until=short)
    assert not looks(desk, claimed, slot)


def test_f13_no_when_another_holds_the_delivery(desk: Desk, claimed: Delivery, slot: UUID) -> None:
    Delivery.objects.filter(pk=claimed.pk).update(claim=uuid4())
    assert not looks(desk, claimed, slot)


def test_f13_no_when_another_holds_the_slot(desk: Desk, claimed: Delivery, slot: UUID) -> None:
    KiasSlot.objects.filter(claim=slot).update(claim=uuid4())
    assert not looks(desk, claimed, slot)


def test_no_when_the_receipt_was_held(desk: Desk, claimed: Delivery, slot: UUID) -> None:
    registry.hold(claimed.pk, reason="doubtful_date")
    assert not looks(desk, claimed, slot)


def test_no_when_the_receipt_was_released_anew_for_another_step(
    desk: Desk, claimed: Delivery, slot: UUID
) -> None:
    """Both fit each other, but it is not the step for which this runner has looked."""
    claimed.stage = Stage.CHECK
    assert not looks(desk, claimed, slot)


def test_no_when_a_pause_began(desk: Desk, claimed: Delivery, slot: UUID) -> None:
    KiasPause.objects.create(started_at=desk.clock.moment, reason="авария")
    assert not looks(desk, claimed, slot)


def test_f09_no_when_the_circuit_opened(desk: Desk, claimed: Delivery, slot: UUID) -> None:
    KiasCircuit.objects.update_or_create(
        pk=1, defaults={"not_before": desk.clock.moment + timedelta(seconds=1)}
    )
    assert not looks(desk, claimed, slot)


def test_p08_no_when_what_it_follows_is_not_in_kias(desk: Desk, claimed: Delivery, slot: UUID) -> None:
    original = desk.accept()
    OfficeReceipt.objects.create(
        receipt_id=claimed.pk,
        follows=original,
        purpose=Purpose.REFUND,
        paid_by=PaidBy.DESK,
        paid_on=desk.clock.moment.date(),
        paid_name="Сидорова А. П.",
    )
    assert not looks(desk, claimed, slot)


def test_p08_what_waits_for_another_is_not_even_claimed(desk: Desk) -> None:
    """Else it would be claimed and dropped again each second."""
    original, follower = desk.accept(), desk.accept()
    OfficeReceipt.objects.create(receipt=follower, follows=original, purpose=Purpose.CORRECTION)
    assert [each.pk for each in deliveries.claim(60, desk.clock, most=8)] == [original.pk]
