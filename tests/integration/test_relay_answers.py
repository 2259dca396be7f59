"""What KIAS can answer, and where each answer leads."""

from datetime import timedelta
from typing import Any

import pytest

from receipts.states import State
from sync.models import Attempt, Stage
from tests.support.relaying import Desk, calls, delivery, state

pytestmark = pytest.mark.django_db


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
    assert "Полис не найден. Этим занимается офис" in refused.events.last().text  # type: ignore[union-attr]
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
