"""«Уже есть в КИАС — связать»: what a person typed into KIAS is linked, never sent again (P04, F39)."""

import uuid
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from accounts.models import User
from receipts import registry
from receipts.models import Receipt
from receipts.states import State
from sync.kias.document import document_of
from sync.models import Delivery
from sync.office import linking, refused
from tests.support.relaying import Desk, state

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("first_epoch")]


def by_hand(desk: Desk, receipt: Receipt, **typed: Any) -> str:
    """The office typed the receipt into KIAS, perhaps with a slip; the document's ISN."""
    return desk.kias.write_by_hand(replace(document_of(receipt), **typed))


def test_f39_a_document_typed_by_hand_with_a_slip_is_linked_by_a_person(desk: Desk, person: User) -> None:
    receipt = desk.accept(ask_first="paper")
    isn = by_hand(desk, receipt, amount=324_500)
    desk.run()
    assert state(receipt) == State.HELD
    linked = linking.link(
        receipt.pk, document=isn, staff=person, text="Опечатка.", gateway=desk.kias, clock=desk.clock
    )
    assert (linked.state, linked.kias_isn) == (State.REGISTERED, isn)
    assert "Сумма, полис, взнос или дата там другие" in receipt.events.last().text
    desk.settle()
    assert state(receipt) == State.FISCALISED
    assert desk.kias.saves == 0
    assert len(desk.kias.documents) == 1


@pytest.mark.parametrize(("two_people", "linked"), [(True, False), (False, True)])
def test_p20_a_document_of_another_sum_swallows_no_large_receipt_by_one_person_s_word(
    desk: Desk, person: User, settings: Any, two_people: bool, linked: bool
) -> None:
    settings.TWO_PEOPLE = two_people
    receipt = desk.accept(amount=5_000_000)
    registry.hold(receipt.pk, reason="doubtful_date")
    by_hand(desk, receipt, number="А7-000123", amount=100)
    given: dict[str, Any] = {"staff": person, "text": "", "gateway": desk.kias, "clock": desk.clock}
    if linked:
        linking.link(receipt.pk, document="А7-000123", **given)
        assert state(receipt) == State.REGISTERED
        return
    with pytest.raises(refused.OtherSumError):
        linking.link(receipt.pk, document="А7-000123", **given)
    assert state(receipt) == State.HELD
    by_hand(desk, receipt, number="А7-000124")  # the sum put right
    linking.link(receipt.pk, document="А7-000124", **given)
    assert state(receipt) == State.REGISTERED


def test_p20_another_receipt_s_document_is_linked_to_nothing_else(desk: Desk, person: User) -> None:
    """Even while its own receipt has not heard of it yet: the save's answer was lost."""
    other, receipt = desk.accept(), desk.accept()
    desk.kias.save(document_of(other), within=5)
    with pytest.raises(refused.LinkedElsewhereError):
        linking.link(
            receipt.pk, document=other.number, staff=person, text="", gateway=desk.kias, clock=desk.clock
        )
    assert state(receipt) == State.ACCEPTED


def test_f39_a_document_under_another_number_is_linked_by_that_number(desk: Desk, person: User) -> None:
    receipt = desk.accept()
    registry.hold(receipt.pk, reason="doubtful_date")
    isn = by_hand(desk, receipt, number="А7-000123")
    linking.link(receipt.pk, document="А7-000123", staff=person, text="", gateway=desk.kias, clock=desk.clock)
    receipt.refresh_from_db()
    assert receipt.kias_isn == isn
    assert "Номер документа там: А7-000123." in receipt.events.last().text


def test_what_kias_does_not_show_is_never_linked(desk: Desk, person: User) -> None:
    receipt = desk.accept()
    with pytest.raises(refused.NotInKiasError):
        linking.link(
            receipt.pk, document="9999999", staff=person, text="", gateway=desk.kias, clock=desk.clock
        )
    desk.kias.outage = True
    with pytest.raises(refused.KiasSilentError):
        linking.link(receipt.pk, document="1", staff=person, text="", gateway=desk.kias, clock=desk.clock)
    assert state(receipt) == State.ACCEPTED


def test_one_document_is_linked_to_one_receipt(desk: Desk, person: User) -> None:
    first, second = desk.accept(), desk.accept()
    isn = by_hand(desk, first, number="А7-000123")
    linking.link(first.pk, document="А7-000123", staff=person, text="", gateway=desk.kias, clock=desk.clock)
    with pytest.raises(refused.LinkedElsewhereError):
        linking.link(
            second.pk, document="А7-000123", staff=person, text="", gateway=desk.kias, clock=desk.clock
        )
    assert Receipt.objects.get(kias_isn=isn) == first
    assert state(second) == State.ACCEPTED


def test_linking_keeps_out_of_the_way_of_a_call_under_way(desk: Desk, person: User) -> None:
    receipt = desk.accept()
    by_hand(desk, receipt)
    soon = desk.clock.moment + timedelta(seconds=60)
    Delivery.objects.update(claim=uuid.uuid4(), lease_until=soon)
    with pytest.raises(refused.NotPossibleError, match="говорит с КИАС"):
        linking.link(
            receipt.pk, document=receipt.number, staff=person, text="", gateway=desk.kias, clock=desk.clock
        )
