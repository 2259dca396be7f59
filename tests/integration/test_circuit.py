"""KIAS is away, or asks for patience: what the one circuit of all workers lets through (F09, P37)."""

from datetime import timedelta
from typing import Any

import pytest

from receipts import registry
from receipts.states import State
from sync.models import Attempt, Delivery, KiasCircuit, KiasPause, KiasSlot, Outcome
from sync.relay import circuit, deliveries, slots
from sync.relay.kias_rest import Rest, rest
from tests.support.factories import make_agent, make_installation
from tests.support.relaying import Desk, calls, state

pytestmark = pytest.mark.django_db


def row() -> KiasCircuit:
    return KiasCircuit.objects.get(pk=1)


def takes(desk: Desk) -> int:
    """How many runners could be at work now."""
    taken = []
    while slot := slots.take(desk.terms.concurrency, 60, desk.clock):
        taken.append(slot)
    for slot in taken:
        slots.give_back(slot)
    return len(taken)


def answer(desk: Desk, times: int = 1) -> None:
    for _ in range(times):
        circuit.answered(circuit.look(), desk.terms.concurrency, desk.clock)


def away(desk: Desk) -> None:
    circuit.failed(circuit.look(), desk.clock, dice=0.99)


def test_f09_the_first_unavailable_stops_every_runner_and_not_only_the_one_that_met_it(desk: Desk) -> None:
    for _ in range(5):
        desk.accept()
    desk.kias.outage = True
    assert desk.run() == "away"
    assert row().opened_at == desk.clock.moment
    for _ in range(4):
        assert desk.run() == "no_slot"
    assert desk.kias.saves == 1
    assert rest(desk.clock) == Rest("circuit", row().not_before)


def test_f09_probes_come_one_at_a_time_and_further_and_further_apart(desk: Desk) -> None:
    for _ in range(30):
        desk.accept()
    desk.kias.outage = True
    tried = []
    for _ in range(900):  # half an hour
        before = desk.kias.saves + desk.kias.finds
        desk.run_after(2)
        assert desk.kias.saves + desk.kias.finds - before <= 1
        if desk.kias.saves + desk.kias.finds > before:
            tried.append(desk.clock.moment)
    assert 27 <= len(tried) <= 42, "about one a minute at last"
    assert tried[1] - tried[0] < timedelta(seconds=10)
    assert tried[-1] - tried[-2] >= timedelta(seconds=55)


def test_f09_however_often_it_failed_the_next_probe_is_no_further_than_ops_allow(
    desk: Desk, settings: Any
) -> None:
    settings.KIAS_PROBE_CAP_S = 7.0
    for _ in range(20):
        away(desk)
        next_try = row().not_before
        assert next_try is not None
        desk.clock.moment, gap = next_try, next_try - desk.clock.moment
    assert timedelta(seconds=6) <= gap <= timedelta(seconds=7)


def test_f09_while_it_is_open_one_slot_alone_is_given_and_a_second_runner_gets_none(desk: Desk) -> None:
    away(desk)
    assert takes(desk) == 0
    desk.clock.moment = row().not_before  # type: ignore[assignment]
    probe = slots.take(4, 60, desk.clock)
    assert probe is not None
    assert KiasSlot.objects.get(claim=probe).number == 1
    assert slots.take(4, 60, desk.clock) is None
    desk.clock.turn(61)
    assert takes(desk) == 1, "the killed probe's lease has run out"


def test_f09_after_the_outage_everything_goes_out_in_order_of_age(desk: Desk) -> None:
    installation = make_installation(agent=make_agent())
    receipts = []
    for _ in range(20):
        receipts.append(desk.accept(installation=installation))
        desk.clock.turn(1)
    desk.kias.outage = True
    for _ in range(20):
        desk.run_after(60)
    desk.kias.outage = False
    desk.clock.turn(60)
    desk.settle(hours=0.2)
    assert desk.kias.numbers() == [receipt.number for receipt in receipts]
    assert {state(receipt) for receipt in receipts} == {State.FISCALISED}


def test_f09_it_comes_back_slowly_one_two_four(desk: Desk) -> None:
    away(desk)
    desk.clock.turn(60)
    answer(desk)
    assert (row().opened_at, takes(desk)) == (None, 1)
    answer(desk, 50)
    assert takes(desk) == 1, "answers alone are not enough: so many may come within a second"
    desk.clock.turn(5)
    assert takes(desk) == 1, "nor is time alone"
    answer(desk)
    assert takes(desk) == 2
    desk.clock.turn(5)
    answer(desk, 2)
    assert takes(desk) == 4
    assert row().allowed is None
    assert row().failures == 0


def test_f09_a_failure_while_coming_back_opens_it_again_for_longer(desk: Desk) -> None:
    away(desk)
    first = row().not_before - desk.clock.moment  # type: ignore[operator]
    desk.clock.turn(60)
    answer(desk)
    away(desk)
    assert row().opened_at == desk.clock.moment
    assert row().not_before - desk.clock.moment > first  # type: ignore[operator]


def test_what_was_begun_before_the_opening_says_nothing_about_now(desk: Desk) -> None:
    early = circuit.look()
    away(desk)
    until = row().not_before
    circuit.answered(early, 4, desk.clock)
    circuit.failed(early, desk.clock, dice=0.99)
    assert row().opened_at is not None
    assert row().failures == 1, "four calls that failed together count once"
    assert row().not_before == until


def test_a_rate_limit_met_by_one_is_obeyed_by_all_and_capped(desk: Desk) -> None:
    early = circuit.look()
    away(desk)
    circuit.failed(early, desk.clock, dice=0.5, retry_after=120)
    assert row().not_before == desk.clock.moment + timedelta(seconds=120), (
        "a late answer, obeyed all the same"
    )
    circuit.failed(circuit.look(), desk.clock, dice=0.5, retry_after=10**9)
    assert row().not_before == desk.clock.moment + timedelta(hours=1)
    desk.clock.turn(3599)
    assert takes(desk) == 0
    desk.clock.turn(1)
    assert takes(desk) == 1


def test_a_call_is_dropped_when_the_circuit_opens_between_question_and_save(desk: Desk) -> None:
    receipt = desk.accept(ask_first="file")
    desk.kias.during = lambda: away(desk)
    desk.run()
    assert calls(receipt) == [("find", "ok"), ("save", "dropped")]
    assert desk.kias.saves == 0


def test_five_unknown_in_a_row_open_it_and_an_answer_between_them_starts_anew(desk: Desk) -> None:
    def unknown() -> None:
        circuit.unknown(circuit.look(), desk.clock, dice=0.5)

    for _ in range(4):
        unknown()
    answer(desk)
    for _ in range(4):
        unknown()
    assert row().opened_at is None
    unknown()
    assert row().opened_at is not None
    desk.clock.turn(60)
    unknown()
    assert row().failures == 2, "a probe whose outcome is unknown is no good sign"


def test_a_refusal_is_an_answer(desk: Desk) -> None:
    away(desk)
    desk.clock.turn(60)
    desk.accept(policy_series="НЕТ")
    desk.run()
    assert row().opened_at is None


def test_p37_after_a_pause_and_after_a_window_it_starts_slowly_once(desk: Desk) -> None:
    assert takes(desk) == 4
    for calendar in ("", "window:1"):
        KiasPause.objects.create(
            started_at=desk.clock.moment - timedelta(hours=1),
            ended_at=desk.clock.moment,
            reason="работы",
            calendar=calendar,
        )
        assert takes(desk) == 1
        desk.clock.turn(5)
        answer(desk)
        assert takes(desk) == 2, "the same pause does not slow it down again"
        desk.clock.turn(5)
        answer(desk, 2)
        assert takes(desk) == 4
        desk.clock.turn(60)


def test_trouble_of_any_call_makes_receipts_be_asked_for(desk: Desk) -> None:
    """Reconciliation's calls leave no attempt, but what they met counts (spec «Ask before save»)."""
    with pytest.raises(ZeroDivisionError), circuit.counted(4, desk.clock):
        raise ZeroDivisionError
    receipt = desk.accept()
    desk.run()
    assert calls(receipt) == [("find", "ok"), ("save", "ok")]


def test_a_delivery_that_alone_meets_unavailable_steps_aside_for_the_others(desk: Desk) -> None:
    """A receipt whose very content some gateway refuses must not stand before all others for ever."""
    installation = make_installation(agent=make_agent())
    poison = desk.accept(installation=installation)
    desk.clock.turn(1)
    others = [desk.accept(installation=installation) for _ in range(3)]
    real = desk.kias.save, desk.kias.find

    def refusing(call: Any) -> Any:
        def made(*given: Any, **named: Any) -> Any:
            about = given[0].number if given else named["number"]
            if about == poison.number:
                desk.kias.order("rate_limit")
            return call(*given, **named)

        return made

    desk.kias.save, desk.kias.find = map(refusing, real)  # type: ignore[method-assign]
    for _ in range(60):
        desk.run_after(60)
    assert {state(receipt) for receipt in others} <= {State.REGISTERED, State.FISCALISED}
    assert state(poison) == State.ACCEPTED
    assert Delivery.objects.get(pk=poison.pk).last_error == "rate_limit"


# --- claims for several at once


def test_a_claim_takes_a_fair_share_and_agents_in_turn(desk: Desk) -> None:
    ivan, olga = (make_installation(agent=make_agent()) for _ in range(2))
    his = [desk.accept(installation=ivan) for _ in range(6)]
    hers = [desk.accept(installation=olga) for _ in range(2)]
    taken = deliveries.claim(60, desk.clock, runners=4, most=8)
    assert len(taken) == 2, "eight are due and four runners may be at work"
    assert {each.agent_id for each in taken} == {ivan.agent_id, olga.agent_id}
    rest_of_them = deliveries.claim(60, desk.clock, runners=1, most=8)
    assert len({each.pk for each in taken + rest_of_them}) == len(his + hers)
    assert deliveries.claim(60, desk.clock) == []


def test_what_was_claimed_and_not_begun_goes_back_at_once_when_kias_is_away(desk: Desk) -> None:
    for _ in range(12):
        desk.accept()
    desk.kias.outage = True
    desk.run()
    assert not Delivery.objects.filter(claim__isnull=False).exists()
    assert Attempt.objects.count() == 1


def test_a_claimed_receipt_that_was_held_while_it_waited_its_turn_is_not_sent(desk: Desk) -> None:

    receipts = [desk.accept() for _ in range(8)]
    first_save = desk.kias.save

    def save(*given: Any, **named: Any) -> Any:
        desk.kias.save = first_save  # type: ignore[method-assign]
        for receipt in receipts:
            if receipt.number != given[0].number:
                registry.hold(receipt.pk, reason="doubtful_date")
        return first_save(*given, **named)

    desk.kias.save = save  # type: ignore[method-assign]
    desk.run()
    assert desk.kias.saves == 1
    assert Attempt.objects.exclude(outcome=Outcome.OK).filter(operation="save").count() <= 1
