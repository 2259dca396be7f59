"""Answers of KIAS that cannot be right: each ends where a person sees it, none in a loop or in silence."""

from dataclasses import replace
from typing import Any

import pytest

from receipts import registry
from receipts.states import State
from sync import figures
from sync.kias.gateway import Saved
from sync.models import Stage
from sync.office import acts
from tests.support.factories import make_agent
from tests.support.kias_documents import make_document
from tests.support.relaying import Desk, calls, delivery, state

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    ("fields", "told"),
    [({"amount": 100}, "1,00 ₽"), ({"number": "БС-ДРУГОЙ"}, "БС-ДРУГОЙ"), ({"kind": "refund"}, "возврат")],
)
def test_a_document_with_our_id_that_says_something_else_is_held_with_both(
    desk: Desk, fields: dict[str, Any], told: str
) -> None:
    receipt = desk.accept(ask_first="file")
    same = {"external_id": str(receipt.pk), "number": receipt.number, "amount": receipt.amount}
    isn = desk.kias.save(make_document(**same | fields), within=1).isn
    desk.run()
    assert state(receipt) == State.HELD
    assert receipt.reason == "differs_in_kias"
    said = receipt.events.last().text  # type: ignore[union-attr]
    assert isn in said
    assert told in said
    assert "annul" not in acts.may(receipt), "KIAS has a document of it"


def test_an_isn_that_another_receipt_has_is_held_and_not_tried_again_and_again(desk: Desk) -> None:
    first = desk.accept()
    desk.run()
    second = desk.accept()
    desk.kias.save = lambda *_, **__: Saved(isn=first_isn)  # type: ignore[method-assign]
    first.refresh_from_db()
    first_isn = first.kias_isn
    desk.run()
    assert state(second) == State.HELD
    assert second.reason == "isn_of_another"
    assert second.kias_isn == ""
    assert state(first) in {State.REGISTERED, State.FISCALISED}
    desk.settle(hours=1)
    assert len(calls(second)) == 1


def test_what_kias_took_after_it_was_annulled_is_counted_and_stands_in_the_delivery(desk: Desk) -> None:
    receipt = desk.accept()

    def annul() -> None:
        registry.annul(receipt.pk, text="ошибка", staff=make_agent(is_staff=True))

    desk.kias.during = annul
    desk.run()
    assert state(receipt) == State.ANNULLED
    assert delivery(receipt).stage == Stage.STOPPED
    assert delivery(receipt).last_error == f"в КИАС уже ISN {desk.kias.documents[0].isn}"
    assert figures.collect(desk.clock.moment).one("kias_registered_too_late") == 1


def test_a_lease_shorter_than_the_time_out_lets_no_call_go(desk: Desk) -> None:
    """However it is set: the last look sees that the lease would not outlast the call."""
    short = Desk(clock=desk.clock, terms=replace(desk.terms, lease_s=14, timeout_s=15))
    receipt = short.accept()
    short.run()
    assert short.kias.saves == 0
    assert set(calls(receipt)) <= {("save", "dropped")}


def test_late_checks_are_counted_by_working_days_and_by_the_deadline(desk: Desk) -> None:
    for days in (0, 1.5, 2.5, 6):
        desk.clock.turn(-days * 86400)
        desk.accept()
        desk.clock.turn(days * 86400)
    found = figures.collect(desk.clock.moment)  # a Sunday: a whole working day lies behind Thursday's
    assert found.one("kias_checks_late", level="alarm") == 1
    assert found.one("kias_checks_late", level="warn") == 2
