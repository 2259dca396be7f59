"""What KIAS never says clearly: a person sees it, and nobody else waits for it (F09, F11)."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from receipts.states import State
from sync import figures
from sync.kias.gateway import KiasRejectedError, KiasUnknownError
from sync.models import KiasCircuit, Stage
from sync.office import acts
from tests.support.relaying import Desk, calls, delivery, state

pytestmark = pytest.mark.django_db


def never_answers_about(desk: Desk, number: str) -> None:
    """Whatever KIAS is told or asked of this number, its answer cannot be read."""
    real = desk.kias.save, desk.kias.find

    def puzzling(call: Any) -> Any:
        def made(*given: Any, **named: Any) -> Any:
            if (given[0].number if given else named["number"]) == number:
                raise KiasUnknownError("not_ours")
            return call(*given, **named)

        return made

    desk.kias.save, desk.kias.find = map(puzzling, real)  # type: ignore[method-assign]


def test_f09_endless_unknowns_of_one_receipt_stop_no_other_and_show(desk: Desk) -> None:
    puzzle = desk.accept()
    never_answers_about(desk, puzzle.number)
    for _ in range(60):  # five hours, alone all the while: its own calls open the circuit again and again
        desk.run_after(300)
    assert state(puzzle) == State.ACCEPTED, "whether KIAS has it nobody knows, so nobody says"
    calls_of_it = len(calls(puzzle))
    assert 20 < calls_of_it <= 60, "asked on, at long distances"
    others = [desk.accept() for _ in range(5)]
    for _ in range(20):
        desk.run_after(60)
    assert {state(other) for other in others} == {State.FISCALISED}
    assert KiasCircuit.objects.get().opened_at is None, "one receipt's trouble is not KIAS's"
    assert delivery(puzzle).stage == Stage.SAVE
    assert delivery(puzzle).last_error == "not_ours"
    found = figures.collect(desk.clock.moment)
    assert (found.one("kias_deliveries_oldest_seconds") or 0) > 3600, "ReceiptsNotRelayed calls a person"


def test_f11_a_refusal_without_text_or_code_reaches_the_office_with_words(desk: Desk) -> None:
    def refuse(*_: Any, **__: Any) -> Any:
        raise KiasRejectedError("", "")

    desk.kias.save = refuse  # type: ignore[method-assign]
    receipt = desk.accept()
    desk.run()
    assert state(receipt) == State.REJECTED
    assert receipt.acts == "office"
    assert "причина не названа" in receipt.events.last().text  # type: ignore[union-attr]
    assert figures.collect(desk.clock.moment).one("kias_receipts_rejected", acts="office") == 1
    desk.settle(hours=5)
    assert len(calls(receipt)) == 1


def test_a_document_whose_isn_was_changed_in_kias_is_named_in_its_delivery(desk: Desk) -> None:
    desk.kias.check_after = timedelta(days=30)
    receipt = desk.accept()
    desk.run()
    there = desk.kias._row(_isn(receipt))
    there.document = replace(there.document, isn="999999")
    desk.run_after(1000)
    assert state(receipt) == State.HELD
    assert receipt.reason == "differs_in_kias"
    assert "annul" not in acts.may(receipt), "KIAS has a document of it"
    told = receipt.events.last().text  # type: ignore[union-attr]
    assert "999999" in told
    assert receipt.kias_isn in told


def _isn(receipt: Any) -> str:
    receipt.refresh_from_db()
    return str(receipt.kias_isn)
