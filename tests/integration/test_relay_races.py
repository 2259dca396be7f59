"""Several runners at once, each with a connection of its own, against the real simulator process."""

import threading
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import pytest
from django.db import connection

from receipts.models import Receipt
from receipts.states import State
from sync.clock import database_clock
from sync.kias.session import SharedSession
from sync.models import AgentTurn, Attempt, Delivery, KiasCircuit
from sync.relay import deliveries, slots
from sync.relay.runner import Relay
from tests.support.factories import make_agent, make_installation
from tests.support.kias_process import KiasProcess
from tests.support.phone import wait_until
from tests.support.relaying import TERMS, accept

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow]

QUICK = replace(TERMS, timeout_s=5, lease_s=30, settle_s=0.5)


def all_at_once(*jobs: Callable[[], Any]) -> list[Any]:
    """Run every job in a thread with its own connection, started together; their results."""
    results: list[Any] = [None] * len(jobs)
    start = threading.Barrier(len(jobs))

    def work(place: int, job: Callable[[], Any]) -> None:
        try:
            start.wait()
            results[place] = job()
        except Exception as error:
            results[place] = error
        finally:
            connection.close()

    threads = [threading.Thread(target=work, args=each) for each in enumerate(jobs)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    for result in results:
        if isinstance(result, Exception):
            raise result
    return results


def numbers(kias: KiasProcess) -> list[str]:
    return sorted(document["number"] for document in kias.documents())


def states() -> set[str]:
    return set(Receipt.objects.values_list("state", flat=True))


def test_runners_never_claim_the_same_delivery() -> None:
    installation = make_installation(agent=make_agent())
    for _ in range(24):
        accept(at=datetime.now(UTC), installation=installation)

    def claim_all() -> list[UUID]:
        claimed = []
        while deliveries.due(database_clock).exists():
            for delivery in deliveries.claim(60, database_clock, runners=6, most=3):
                claimed.append(delivery.pk)
        return claimed

    claims = [each for result in all_at_once(*[claim_all] * 6) for each in result]
    assert len(claims) == 24
    assert len(set(claims)) == 24


def test_slots_are_never_held_by_more_runners_than_the_setting_says() -> None:
    taken = all_at_once(*[lambda: slots.take(3, 60, database_clock)] * 9)
    assert len([slot for slot in taken if slot]) == 3


def test_no_more_calls_run_at_once_than_kias_concurrency_and_each_receipt_goes_once(
    kias: KiasProcess,
) -> None:
    installations = [make_installation(agent=make_agent()) for _ in range(3)]
    receipts = [accept(at=datetime.now(UTC), installation=installations[n % 3]) for n in range(30)]
    kias.control(slow_s=0.03)
    terms = replace(QUICK, concurrency=2)

    def runner() -> str:
        return Relay(gateway=kias.gateway(SharedSession()), terms=terms).run(budget_s=60)

    ended = all_at_once(*[runner] * 6)
    assert ended.count("no_slot") == 4
    wait_until(lambda: bool(runner()) and states() == {State.FISCALISED})
    told = kias.control()
    assert told["most_at_once"] == 2
    assert numbers(kias) == sorted(receipt.number for receipt in receipts)
    assert told["calls"]["save"] == 30
    assert AgentTurn.objects.count() == 3


def test_f10_parallel_runners_share_one_login_when_the_session_expires(kias: KiasProcess) -> None:
    receipts = [accept(at=datetime.now(UTC)) for _ in range(12)]

    def runner() -> str:
        return Relay(gateway=kias.gateway(SharedSession()), terms=QUICK).run(budget_s=60)

    before = kias.control()["logins"]
    all_at_once(*[runner] * 4)
    assert kias.control()["logins"] == before + 1, "four runners without a session: one login"
    more = [accept(at=datetime.now(UTC)) for _ in range(12)]
    kias.control(end_sessions=True)
    all_at_once(*[runner] * 4)
    assert kias.control()["logins"] == before + 2, "one more when it expired, nobody threw another out"
    assert numbers(kias) == sorted(receipt.number for receipt in [*receipts, *more])
    assert not Attempt.objects.exclude(outcome="ok").exists()


def test_f10_a_refused_login_is_not_tried_again_and_again(kias: KiasProcess) -> None:
    accept(at=datetime.now(UTC))
    accept(at=datetime.now(UTC))
    before = kias.control()["calls"]["auth"]
    gateway = kias.gateway(SharedSession(), password="wrong")
    for _ in range(5):
        Relay(gateway=gateway, terms=QUICK).run(budget_s=5)
        Delivery.objects.update(due_at=datetime.now(UTC))
        KiasCircuit.objects.update(not_before=None)
    assert Attempt.objects.count() == 5
    assert kias.control()["calls"]["auth"] == before + 1
    assert set(Attempt.objects.values_list("outcome", flat=True)) == {"unavailable"}
    assert states() == {State.ACCEPTED}


def test_f07_f13_lost_answers_under_many_runners_still_make_one_document_each(kias: KiasProcess) -> None:
    receipts = [accept(at=datetime.now(UTC)) for _ in range(20)]
    kias.control(
        faults=[{"kind": kind, "only": "save"} for kind in ("lose_answer", "malformed", "http_500") * 2]
        + [{"kind": "commit_late", "seconds": 0.3, "only": "save"}, {"kind": "expire"}]
    )

    def runner() -> str:
        return Relay(gateway=kias.gateway(SharedSession()), terms=QUICK).run(budget_s=10)

    def everything_arrived() -> bool:
        all_at_once(*[runner] * 5)
        return states() == {State.FISCALISED}

    wait_until(everything_arrived)
    assert numbers(kias) == sorted(receipt.number for receipt in receipts)
    assert Attempt.objects.filter(outcome="unknown").count() >= 7


def test_the_request_carries_the_receipts_id_as_its_correlation(kias: KiasProcess) -> None:
    receipt = accept(at=datetime.now(UTC))
    Relay(gateway=kias.gateway(SharedSession()), terms=QUICK).run(budget_s=5)
    assert str(receipt.pk) in kias.control()["correlation_ids"]
