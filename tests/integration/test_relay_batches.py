"""What happens to a receipt while its runner is busy with another one of the same claim (ADR 0032)."""

from dataclasses import replace
from typing import Any

import pytest

from receipts import registry
from receipts.models import Receipt
from sync.kias.gateway import KiasDocument
from sync.models import Attempt, Delivery, KiasPause
from sync.relay import deliveries
from tests.support.factories import make_agent, make_installation
from tests.support.relaying import TERMS, Desk, calls, delivery

pytestmark = pytest.mark.django_db


@pytest.fixture
def desk() -> Desk:
    """One runner alone, who claims up to eight at once."""
    return Desk(terms=replace(TERMS, concurrency=1))


@pytest.fixture
def two(desk: Desk) -> list[Receipt]:
    """Two receipts of one agent, the older first."""
    installation = make_installation(agent=make_agent())
    receipts = []
    for _ in range(2):
        receipts.append(desk.accept(installation=installation))
        desk.clock.turn(1)
    return receipts


def test_p23_a_contact_corrected_meanwhile_goes_with_the_save(desk: Desk, two: list[Receipt]) -> None:
    staff = make_agent(is_staff=True)

    def corrected() -> None:
        assert delivery(two[1]).claim is not None
        registry.correct_contact(two[1].pk, contact="+79990001122", staff=staff, text="Клиент позвонил.")

    desk.kias.during = corrected
    saved, real = [], desk.kias.save

    def noting_save(document: KiasDocument, *, within: float) -> Any:
        saved.append(document)
        return real(document, within=within)

    desk.kias.save = noting_save  # type: ignore[method-assign]
    desk.run()
    assert [(each.number, each.contact_phone) for each in saved] == [
        (two[0].number, "+79123456789"),
        (two[1].number, "+79990001122"),
    ]


def test_what_a_person_released_meanwhile_is_asked_about_first(desk: Desk, two: list[Receipt]) -> None:
    staff = make_agent(is_staff=True)

    def released() -> None:
        registry.hold(two[1].pk, reason="doubtful_date")
        registry.release(two[1].pk, staff=staff, text="всё верно")
        deliveries.release(two[1].pk, clock=desk.clock)

    desk.kias.during = released
    desk.run()
    assert calls(two[0]) == [("save", "ok")]
    assert calls(two[1]) == [("find", "ok"), ("save", "ok")]


def test_once_a_call_was_dropped_the_rest_is_given_back_unbegun(desk: Desk, two: list[Receipt]) -> None:
    third = desk.accept(installation=two[0].installation)

    def paused() -> None:
        KiasPause.objects.create(started_at=desk.clock.moment, reason="авария")

    desk.kias.during = paused
    desk.run()
    assert [calls(each) for each in (*two, third)] == [[("save", "ok")], [("find", "dropped")], []]
    assert not Delivery.objects.exclude(claim=None).exists()
    assert Attempt.objects.filter(outcome="").count() == 0
