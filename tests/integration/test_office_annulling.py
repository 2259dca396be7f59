"""Annulling before KIAS: what may have reached it is not annulled (P02)."""

import uuid
from datetime import timedelta

import pytest
from django.utils import timezone

from accounts.models import User
from receipts.states import State
from sync.models import Stage
from sync.office import annulling, refused
from tests.support.office import make_attempt, make_delivery, make_receipt
from tests.support.relaying import Desk, delivery, state

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("first_epoch")]


def test_an_annulled_receipt_never_goes_to_kias(desk: Desk, person: User) -> None:
    receipt = desk.accept()
    annulling.annul(receipt.pk, staff=person, text="Ошибка в сумме.", clock=desk.clock)
    desk.settle()
    assert state(receipt) == State.ANNULLED
    assert desk.kias.saves == 0
    assert delivery(receipt).stage == Stage.STOPPED
    assert receipt.events.last().text == "Ошибка в сумме."  # what the agent reads


@pytest.mark.parametrize("outcome", ["", "unknown", "ok"])
def test_a_receipt_that_kias_may_have_is_not_annulled(person: User, outcome: str) -> None:
    receipt = make_receipt()
    make_attempt(delivery=make_delivery(receipt=receipt), outcome=outcome)
    with pytest.raises(refused.MayBeInKiasError):
        annulling.annul(receipt.pk, staff=person, text="")
    assert state(receipt) == State.ACCEPTED


def test_a_receipt_that_a_runner_holds_is_not_annulled(person: User) -> None:
    receipt = make_receipt()
    make_delivery(receipt=receipt, claim=uuid.uuid4(), lease_until=timezone.now() + timedelta(seconds=60))
    with pytest.raises(refused.MayBeInKiasError):
        annulling.annul(receipt.pk, staff=person, text="")


@pytest.mark.parametrize("outcome", ["unavailable", "dropped", "rejected"])
def test_a_receipt_that_kias_surely_has_not_is_annulled(person: User, outcome: str) -> None:
    receipt = make_receipt()
    make_attempt(delivery=make_delivery(receipt=receipt), outcome=outcome)
    annulling.annul(receipt.pk, staff=person, text="")
    assert state(receipt) == State.ANNULLED


def test_a_receipt_in_kias_is_not_annulled(person: User) -> None:
    receipt = make_receipt(state=State.HELD, kias_isn="1700001")
    with pytest.raises(refused.InKiasError):
        annulling.annul(receipt.pk, staff=person, text="")
