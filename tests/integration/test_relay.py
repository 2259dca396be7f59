"""From the delivery row to a document in KIAS, on a real database, with a clock that the test turns."""

from datetime import timedelta
from typing import Any

import pytest

from receipts import registry
from receipts.models import ReceiptEvent
from receipts.states import State
from sync import deliveries, nudging, slots, sweeping
from sync.models import Attempt, Delivery, Epoch, KiasPause, KiasSlot, Outcome, Stage
from tests.support.factories import make_agent, make_installation
from tests.support.kias_documents import make_document
from tests.support.kias_twin import WorkerKilled
from tests.support.relaying import Desk, calls, delivery, state

pytestmark = pytest.mark.django_db


@pytest.fixture
def desk() -> Desk:
    return Desk()


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


# --- what KIAS can answer


def test_f07_a_lost_answer_is_asked_about_and_not_saved_again(desk: Desk) -> None:
    receipt = desk.accept()
    desk.kias.order("lose_answer")
    desk.run()
    assert state(receipt) == State.ACCEPTED
    desk.settle(hours=0.1)
    assert state(receipt) == State.FISCALISED
    assert desk.kias.saves == 1
    assert len(desk.kias.documents) == 1
    assert calls(receipt)[:2] == [("save", "unknown"), ("find", "ok")]


def test_f08_no_second_save_before_the_settle_time_has_passed_and_the_question_was_asked(desk: Desk) -> None:
    receipt = desk.accept()
    desk.kias.order("commit_late", seconds=50)
    desk.run()
    ends_by = Attempt.objects.get().ends_by
    for _ in range(50 + 15):
        desk.run_after(1)
        if desk.clock.moment < ends_by + timedelta(seconds=desk.terms.settle_s):
            assert (desk.kias.saves, desk.kias.finds) == (1, 0)
    desk.settle(hours=0.1)
    assert len(desk.kias.documents) == 1
    assert state(receipt) == State.FISCALISED


def test_an_unknown_save_that_was_never_done_is_done_after_the_question(desk: Desk) -> None:
    receipt = desk.accept()
    desk.kias.order("http_500")
    desk.run()
    desk.settle(hours=0.1)
    assert state(receipt) == State.FISCALISED
    assert calls(receipt)[:3] == [("save", "unknown"), ("find", "ok"), ("save", "ok")]
    assert len(desk.kias.documents) == 1


def test_a_question_without_an_answer_never_leads_to_a_save(desk: Desk) -> None:
    desk.accept(ask_first="file")
    for _ in range(5):
        desk.kias.order("lose_answer", only="find")
    desk.settle(hours=0.1)
    assert desk.kias.finds >= 5
    kinds = list(Attempt.objects.order_by("id").values_list("operation", "outcome"))
    assert ("save", "ok") not in kinds[:5]
    assert len(desk.kias.documents) == 1


def test_f11_a_refused_receipt_waits_for_a_person_and_the_others_flow(desk: Desk) -> None:
    refused = desk.accept(policy_series="НЕТ")
    fine = desk.accept()
    desk.run()
    assert state(refused) == State.REJECTED
    assert refused.reason == "unknown_policy"
    assert refused.events.last().text == "Полис не найден."  # type: ignore[union-attr]
    assert state(fine) == State.REGISTERED
    desk.settle(hours=1)
    assert state(refused) == State.REJECTED
    assert delivery(refused).stage == Stage.STOPPED


@pytest.mark.parametrize(
    "kind",
    [
        "refuse",
        "rate_limit",
        "http_500",
        "soap_fault",
        "not_ours",
        "lose_answer",
        "http_500_after",
        "malformed",
    ],
)
@pytest.mark.parametrize("operation", ["save", "find"])
def test_whatever_kias_answers_the_receipt_gets_there_once(desk: Desk, kind: str, operation: str) -> None:
    receipt = desk.accept(ask_first="file" if operation == "find" else "")
    for _ in range(3):
        desk.kias.order(kind, only=operation)
    desk.run()
    desk.settle(hours=0.5)
    assert state(receipt) == State.FISCALISED
    assert desk.kias.numbers() == [receipt.number]


def test_a_gateway_that_breaks_its_contract_counts_as_unknown(desk: Desk) -> None:
    receipt = desk.accept()

    def explode() -> None:
        raise ZeroDivisionError

    desk.kias.during = explode
    desk.run()
    assert calls(receipt) == [("save", "unknown")]
    desk.settle(hours=0.1)
    assert state(receipt) == State.FISCALISED


def test_a_refused_question_is_put_off_and_rejects_nothing(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    from sync.kias.gateway import KiasRejectedError

    receipt = desk.accept(ask_first="paper")

    def refuse(**_: Any) -> Any:
        raise KiasRejectedError("777", "Поиск запрещён")

    with monkeypatch.context() as patch:
        patch.setattr(desk.kias, "find", refuse)
        desk.run()
    assert state(receipt) == State.ACCEPTED
    assert delivery(receipt).last_error == "777"
    desk.settle(hours=0.1)
    assert state(receipt) == State.FISCALISED


def test_f09_an_outage_is_not_hammered_and_ends_by_itself(desk: Desk) -> None:
    receipts = [desk.accept() for _ in range(12)]
    desk.kias.outage = True
    for _ in range(30):
        desk.run_after(60)
    tries = Attempt.objects.count()
    assert tries <= 30, "one try a sweep: the runner ends when KIAS is away"
    desk.kias.outage = False
    desk.settle(hours=1)
    assert {state(receipt) for receipt in receipts} == {State.FISCALISED}
    assert sorted(desk.kias.numbers()) == sorted(receipt.number for receipt in receipts)


def test_kias_is_obeyed_when_it_says_how_long_to_wait(desk: Desk) -> None:
    desk.accept()
    desk.kias.order("rate_limit", seconds=120)
    assert desk.run() == "away"
    desk.run_after(119)
    assert desk.kias.saves == 1
    desk.run_after(2)
    assert desk.kias.saves == 2


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
    new = desk.accept(evidence={"server_time": "2026-11-22T07:00:11.000Z"})
    desk.run()
    assert [calls(each)[0][0] for each in (before, offered_again, silent, new)] == [
        "find",
        "find",
        "find",
        "save",
    ]


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
    deliveries.nudge(1, clock=desk.clock)
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
    deliveries.nudge(100, clock=desk.clock)
    assert woken == [4], "never more than KIAS_CONCURRENCY"
    for _ in range(3):
        slots.take(4, 60, desk.clock)
    deliveries.nudge(100, clock=desk.clock)
    slots.take(4, 60, desk.clock)
    deliveries.nudge(100, clock=desk.clock)
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
