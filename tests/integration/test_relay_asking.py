"""When KIAS is asked before it is told, and what its answer decides (ADR 0003)."""

from typing import Any

import pytest

from receipts import registry
from receipts.states import State
from sync import server_time
from sync.models import Attempt, Delivery, Epoch, KiasPause
from sync.relay import deliveries
from tests.support.factories import make_agent, make_installation
from tests.support.kias_documents import make_document
from tests.support.kias_twin import WorkerKilled
from tests.support.relaying import Desk, calls, state

pytestmark = pytest.mark.django_db


def by_hand(desk: Desk, receipt: Any, **changed: Any) -> str:
    """The office types this receipt into KIAS."""
    same = {
        "number": receipt.number,
        "date": receipt.receipt_date,
        "amount": receipt.amount,
        "policy_series": receipt.policy_series,
        "policy_number": receipt.policy_number,
        "instalment": receipt.instalment,
    }
    return desk.kias.write_by_hand(make_document(**same | changed))


# --- somebody else was faster


def test_f39_what_the_office_typed_in_by_hand_during_an_outage_is_linked(desk: Desk) -> None:
    receipt = desk.accept()
    desk.kias.outage = True
    desk.run()
    isn = by_hand(desk, receipt)
    desk.kias.outage = False
    desk.settle(hours=0.2)
    assert desk.kias.numbers() == [receipt.number]
    assert state(receipt) == State.FISCALISED
    assert receipt.kias_isn == isn
    assert receipt.events.get(state=State.REGISTERED).text == "внесена в КИАС вручную"


def test_f39_while_a_pause_was_on_it_is_asked_for_afterwards(desk: Desk) -> None:
    pause = KiasPause.objects.create(started_at=desk.clock.moment, reason="обслуживание")
    desk.clock.turn(60)
    receipt = desk.accept()
    desk.run()
    assert (desk.kias.saves, desk.kias.finds) == (0, 0)
    isn = by_hand(desk, receipt)
    desk.clock.turn(60)
    pause.ended_at = desk.clock.moment
    pause.save()
    desk.run_after(1)
    assert state(receipt) == State.REGISTERED
    assert receipt.kias_isn == isn
    assert desk.kias.numbers() == [receipt.number]


def test_a_foreign_document_under_our_number_holds_the_receipt(desk: Desk) -> None:
    receipt = desk.accept(ask_first="paper")
    isn = by_hand(desk, receipt, amount=1)
    desk.run()
    assert state(receipt) == State.HELD
    assert receipt.reason == "number_taken_in_kias"
    assert isn in receipt.events.last().text  # type: ignore[union-attr]
    assert desk.kias.saves == 0


def test_two_documents_with_our_id_are_shown_to_a_person(desk: Desk) -> None:
    receipt = desk.accept(ask_first="file")
    for _ in range(2):
        desk.kias.save(make_document(external_id=str(receipt.pk), number=receipt.number), within=1)
    desk.run()
    assert state(receipt) == State.HELD
    assert receipt.reason == "doubled_in_kias"


# --- when a question is needed


def asked(desk: Desk) -> list[str]:
    return list(Attempt.objects.order_by("id").values_list("why", flat=True))


def test_a_delivery_older_than_ten_minutes_is_asked_for(desk: Desk) -> None:
    desk.accept()
    desk.run_after(600)
    assert asked(desk)[:2] == ["old", "old"]


def test_trouble_of_one_delivery_makes_all_that_follow_ask_for_a_while(desk: Desk) -> None:
    desk.accept()
    desk.kias.order("http_500")
    desk.run()
    desk.clock.turn(599)
    desk.accept()
    desk.run()
    second = Attempt.objects.order_by("id").filter(why="trouble")
    assert second.count() == 2, "asked, then saved"


def test_trouble_long_before_the_acceptance_does_not_count(desk: Desk) -> None:
    desk.accept()
    desk.kias.order("refuse")
    desk.run()
    desk.settle(hours=0.1)
    desk.clock.turn(1200)
    later = desk.accept()
    desk.run()
    assert calls(later) == [("save", "ok")]


def test_a_call_whose_worker_died_is_trouble_for_the_others(desk: Desk) -> None:
    desk.accept()
    desk.kias.order("kill_before")
    with pytest.raises(WorkerKilled):
        desk.run()
    desk.clock.turn(20)
    other = desk.accept()
    desk.run()
    assert calls(other) == [("find", "ok"), ("save", "ok")]


def test_a_call_that_is_still_running_is_no_trouble(desk: Desk) -> None:
    desk.accept()
    second: list[Any] = []

    def meanwhile() -> None:
        second.append(desk.accept())
        desk.run()

    desk.kias.during = meanwhile
    desk.run()
    assert calls(second[0]) == [("save", "ok")]


def test_f15_in_a_new_epoch_what_may_have_been_forgotten_is_asked_for(desk: Desk) -> None:
    desk.accept()
    desk.run()
    before = desk.accept()
    desk.clock.turn(10)
    Epoch.objects.create(started_at=desk.clock.moment, reason="restore")
    desk.clock.turn(10)
    offered_again = desk.accept(evidence={"server_time": "2026-11-22T06:00:00.000Z"})
    silent = desk.accept(evidence={"server_time": None})
    phone = make_installation(agent=make_agent())
    seen = "2026-11-22T07:00:11.000Z"
    evidence = {"server_time": seen, "server_signature": server_time.sign(seen, phone.pk)}
    new = desk.accept(installation=phone, evidence=evidence)
    forged = desk.accept(evidence={"server_time": seen, "server_signature": "of somebody else"})
    desk.run()
    first_calls = [calls(each)[0][0] for each in (before, offered_again, silent, forged, new)]
    assert first_calls == ["find", "find", "find", "find", "save"]


def test_what_a_person_released_is_asked_for(desk: Desk) -> None:
    receipt = desk.accept(policy_series="НЕТ")
    desk.run()
    assert state(receipt) == State.REJECTED
    desk.kias.rules.unknown_series = frozenset()
    registry.release(receipt.pk, staff=make_agent(is_staff=True), text="полис заведён")
    deliveries.release(receipt.pk, clock=desk.clock)
    desk.run()
    assert state(receipt) == State.REGISTERED
    assert calls(receipt) == [("save", "rejected"), ("find", "ok"), ("save", "ok")]


def test_a_receipt_held_at_the_intake_gets_its_delivery_when_a_person_releases_it(desk: Desk) -> None:
    receipt = desk.accept(state=State.HELD, reason="doubtful_date")
    Delivery.objects.all().delete()
    registry.release(receipt.pk, staff=make_agent(is_staff=True), text="дата верна")
    deliveries.release(receipt.pk, clock=desk.clock)
    desk.run()
    assert state(receipt) == State.REGISTERED
    assert asked(desk) == ["released", "released"]
