"""Workers die, leases run out, people intervene: nothing is saved twice, nothing stays stuck."""

from typing import Any

import pytest

from receipts import registry
from receipts.states import State
from sync.models import KiasPause
from sync.relay import deliveries
from tests.support.factories import make_agent
from tests.support.kias_twin import WorkerKilled
from tests.support.relaying import Desk, calls, delivery, state

pytestmark = pytest.mark.django_db


# --- workers die, leases run out


def test_f05_a_dead_workers_claim_runs_out_and_another_takes_over(desk: Desk) -> None:
    receipt = desk.accept()
    desk.kias.order("kill_after")
    with pytest.raises(WorkerKilled):
        desk.run()
    assert len(desk.kias.documents) == 1
    desk.run_after(30)
    assert state(receipt) == State.ACCEPTED, "the lease still lives"
    desk.settle(hours=0.1)
    assert state(receipt) == State.FISCALISED
    assert desk.kias.saves == 1


def test_a_call_is_dropped_when_the_lease_would_not_outlast_it(desk: Desk) -> None:
    """The worker was frozen between its question and its save."""
    receipt = desk.accept(ask_first="file")
    real_find = desk.kias.find

    def slow_find(**given: Any) -> Any:
        desk.clock.turn(desk.terms.lease_s - desk.terms.timeout_s + 0.1)
        return real_find(**given)

    desk.kias.find = slow_find  # type: ignore[method-assign]
    desk.run()
    assert calls(receipt) == [("find", "ok"), ("save", "dropped")]
    assert desk.kias.saves == 0
    desk.kias.find = real_find  # type: ignore[method-assign]
    desk.settle(hours=0.2)
    assert state(receipt) == State.FISCALISED


def test_a_call_is_dropped_when_the_receipt_was_held_meanwhile(desk: Desk) -> None:
    receipt = desk.accept(ask_first="file")

    def hold() -> None:
        registry.hold(receipt.pk, reason="doubtful_date")

    desk.kias.during = hold
    desk.run()
    assert calls(receipt) == [("find", "ok"), ("save", "dropped")]
    assert state(receipt) == State.HELD
    assert desk.kias.documents == []


def test_a_pause_that_begins_between_question_and_save_stops_the_save(desk: Desk) -> None:
    receipt = desk.accept(ask_first="file")
    desk.kias.during = lambda: (
        KiasPause.objects.create(started_at=desk.clock.moment, reason="авария") and None
    )
    desk.run()
    assert calls(receipt) == [("find", "ok"), ("save", "dropped")]


def test_an_answer_that_came_after_the_lease_is_kept_and_the_other_runner_stops(desk: Desk) -> None:
    """A runner frozen in its call, another at work on the same receipt: one document, and both know it."""
    receipt = desk.accept(ask_first="file")

    def frozen() -> None:
        desk.clock.turn(desk.terms.lease_s + 1)
        desk.run()  # the second runner asks, saves and registers

    desk.kias.during = frozen
    desk.run()
    desk.settle(hours=0.2)
    assert state(receipt) == State.FISCALISED
    assert desk.kias.numbers() == [receipt.number]


def test_a_receipt_held_during_its_save_is_linked_when_it_is_released(desk: Desk) -> None:
    receipt = desk.accept()
    desk.kias.during = lambda: registry.hold(receipt.pk, reason="doubtful_date") and None
    desk.run()
    assert state(receipt) == State.HELD
    assert "100001" in delivery(receipt).last_error
    registry.release(receipt.pk, staff=make_agent(is_staff=True), text="всё верно")
    deliveries.release(receipt.pk, clock=desk.clock)
    desk.settle(hours=0.1)
    assert state(receipt) == State.FISCALISED
    assert desk.kias.numbers() == [receipt.number]


def test_f13_a_task_delivered_twice_or_late_saves_nothing_again(desk: Desk) -> None:
    receipt = desk.accept()
    desk.kias.during = lambda: desk.run() and None  # the same task again, while the first is calling
    desk.run()
    for _ in range(3):
        desk.run()
    assert desk.kias.saves == 1
    assert state(receipt) in {State.REGISTERED, State.FISCALISED}
