"""From the delivery row to a document in KIAS, on a real database, with a clock that the test turns."""

from datetime import timedelta
from typing import Any

import pytest
from django.db import transaction

from receipts.models import ReceiptEvent
from receipts.states import State
from sync.models import Attempt, KiasSlot, Outcome, Stage
from sync.relay import nudging, slots, sweeping
from tests.support.factories import make_agent, make_installation
from tests.support.kias_twin import OpenTransactionError
from tests.support.relaying import Desk, calls, delivery, state

pytestmark = pytest.mark.django_db


# --- the plain way


def test_a_fresh_receipt_is_saved_without_a_question_and_gets_its_check(desk: Desk) -> None:
    desk.kias.check_after = timedelta(seconds=2)
    receipt = desk.accept()
    desk.run()
    assert (desk.kias.saves, desk.kias.finds) == (1, 0)
    assert state(receipt) == State.REGISTERED
    assert receipt.kias_isn == desk.kias.documents[0].isn
    desk.run_after(1)
    assert state(receipt) == State.REGISTERED, "the check is not there yet"
    desk.run_after(2)
    assert state(receipt) == State.FISCALISED
    assert receipt.check_qr.endswith("&n=1")
    assert delivery(receipt).stage == Stage.DONE
    assert calls(receipt) == [("save", "ok"), ("find", "ok"), ("find", "ok")]


def test_every_call_and_event_carries_the_receipts_id_as_its_correlation(desk: Desk) -> None:
    receipt = desk.accept()
    desk.run_after(0)
    ids = set(Attempt.objects.values_list("correlation_id", flat=True))
    ids |= set(ReceiptEvent.objects.filter(state=State.REGISTERED).values_list("correlation_id", flat=True))
    assert ids == {str(receipt.pk)}


def test_looks_for_a_check_grow_apart(desk: Desk) -> None:
    desk.kias.check_after = timedelta(days=2)
    desk.accept()
    desk.run()
    desk.settle(hours=6)
    assert 40 < desk.kias.finds < 52, "every ten minutes at last"


def test_nothing_goes_out_in_the_hand_of_two_runners_when_all_slots_are_taken(desk: Desk) -> None:
    for _ in range(desk.terms.concurrency):
        assert slots.take(desk.terms.concurrency, 60, desk.clock)
    desk.accept()
    assert desk.run() == "no_slot"
    assert desk.kias.saves == 0
    assert desk.run_after(61) == "nothing_due", "the killed runners' leases have run out"
    assert desk.kias.saves == 1


# --- order


def test_agents_take_turns_and_the_oldest_of_an_agent_goes_first(desk: Desk) -> None:
    ivan, olga = (make_installation(agent=make_agent()) for _ in range(2))
    long_queue = []
    for _ in range(4):
        long_queue.append(desk.accept(installation=ivan))
        desk.clock.turn(1)
    short = []
    for _ in range(2):
        short.append(desk.accept(installation=olga))
        desk.clock.turn(1)
    real_save = desk.kias.save

    def slow_save(*given: Any, **named: Any) -> Any:
        desk.clock.turn(0.3)
        return real_save(*given, **named)

    desk.kias.save = slow_save  # type: ignore[method-assign]
    desk.run()
    order = [long_queue[0], short[0], long_queue[1], short[1], long_queue[2], long_queue[3]]
    assert desk.kias.numbers() == [receipt.number for receipt in order]


def test_saves_go_before_looks_for_checks(desk: Desk) -> None:
    desk.kias.check_after = timedelta(hours=1)
    desk.accept()
    desk.run()
    desk.clock.turn(5)
    desk.accept()
    desk.run()
    assert list(Attempt.objects.order_by("id").values_list("operation", flat=True)) == [
        "save",
        "save",
        "find",
    ]


# --- waking up


def test_f12_the_broker_is_away_and_the_receipt_is_relayed_by_the_sweep(
    desk: Desk, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    sent: list[str] = []

    def away(*_: Any, **__: Any) -> None:
        raise ConnectionError("broker away")

    monkeypatch.setattr(nudging.current_app, "send_task", away)
    receipt = desk.accept()
    nudging.nudge(1, clock=desk.clock)
    assert "nudge_lost" in caplog.text
    assert state(receipt) == State.ACCEPTED
    monkeypatch.setattr(nudging.current_app, "send_task", lambda name, **_: sent.append(name))
    assert sweeping.sweep(clock=desk.clock) == 1
    assert sent == ["sync.tasks.relay"]
    desk.run()
    assert state(receipt) == State.REGISTERED


def test_nobody_is_woken_when_every_slot_is_at_work(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    woken: list[int] = []
    monkeypatch.setattr(
        nudging.current_app, "send_task", lambda name, kwargs, **_: woken.append(1 + kwargs["others"])
    )
    nudging.nudge(100, clock=desk.clock)
    assert woken == [4], "never more than KIAS_CONCURRENCY"
    for _ in range(3):
        slots.take(4, 60, desk.clock)
    nudging.nudge(100, clock=desk.clock)
    slots.take(4, 60, desk.clock)
    nudging.nudge(100, clock=desk.clock)
    assert woken == [4, 1]


def test_the_first_runner_wakes_the_others(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    sent: list[str] = []
    monkeypatch.setattr(nudging.current_app, "send_task", lambda name, **_: sent.append(name))
    nudging.call_others(3)
    assert sent == ["sync.tasks.relay"] * 3


def test_a_row_committed_just_as_a_runner_gives_up_is_still_taken(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The nudge saw all slots taken, the runner nothing due: its look after giving back closes the gap."""
    late: list[Any] = []
    real_give_back = slots.give_back

    def give_back(slot: Any) -> None:
        if not late:
            late.append(desk.accept())
        real_give_back(slot)

    monkeypatch.setattr(slots, "give_back", give_back)
    desk.run()
    assert state(late[0]) == State.REGISTERED


def test_slots_follow_the_setting_and_a_smaller_setting_uses_fewer(desk: Desk) -> None:
    assert [bool(slots.take(2, 60, desk.clock)) for _ in range(3)] == [True, True, False]
    assert [bool(slots.take(3, 60, desk.clock)) for _ in range(2)] == [True, False]
    assert slots.free(1, desk.clock) == 0
    assert KiasSlot.objects.count() == 3


def test_attempts_hold_no_personal_data(desk: Desk) -> None:
    receipt = desk.accept(policy_series="НЕТ")
    desk.run()
    row = Attempt.objects.get(outcome=Outcome.REJECTED)
    told = f"{row.detail} {delivery(receipt).last_error}"
    assert "Сидорова" not in told
    assert receipt.document_number not in told


def test_a_call_inside_a_transaction_is_not_taken_for_trouble_of_kias(desk: Desk) -> None:
    """Every test with this KIAS holds that none is open: what it raises must get through."""
    desk.accept()
    with pytest.raises(OpenTransactionError), transaction.atomic():
        desk.run()
