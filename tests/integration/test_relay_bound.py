"""Two worker processes, four runners each, one bound: KIAS never sees more calls at once than it says.

And races for slot, probe, page and claim between two connections on real PostgreSQL.
"""

import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import pytest
from django.db import connection, transaction
from django.utils import timezone

from receipts.models import Receipt
from receipts.states import State
from sync.clock import database_clock
from sync.kias.session import SharedSession
from sync.models import Delivery, KiasCircuit, KiasPause, KiasSlot
from sync.relay import checks, circuit, deliveries, slots, turns
from sync.relay.runner import Relay
from tests.support.elsewhere import Elsewhere
from tests.support.factories import make_agent, make_installation
from tests.support.kias_documents import make_document
from tests.support.kias_process import ROOT, KiasProcess
from tests.support.phone import wait_until
from tests.support.relaying import TERMS, accept

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow]

CONCURRENCY = 3
WORKER = """
import os, threading, time
import django
django.setup()
from django.db import connection
from sync.kias.connect import kias_gateway
from sync.relay.runner import Relay
from sync.relay.terms import Terms

def runner():
    while True:
        Relay(gateway=kias_gateway(), terms=Terms.from_settings()).run(budget_s=5)
        time.sleep(0.05)

for _ in range(4):
    threading.Thread(target=runner, daemon=True).start()
print("works", flush=True)
threading.Event().wait()
"""


@pytest.fixture
def kias(tmp_path: Any) -> Iterator[KiasProcess]:
    with KiasProcess(tmp_path) as running:
        yield running


@pytest.fixture
def worker(kias: KiasProcess) -> Iterator[Callable[[], subprocess.Popen[str]]]:
    """Starts a worker process on the test's own database."""
    made: list[subprocess.Popen[str]] = []
    place = connection.settings_dict
    url = f"postgres://{place['USER']}:{place['PASSWORD']}@{place['HOST']}:{place['PORT']}/{place['NAME']}"
    env = os.environ | {
        "DJANGO_SETTINGS_MODULE": "kias_offline.settings",
        "DEPLOYMENT": "test",
        "DATABASE_URL": url,
        "KIAS_URL": f"{kias.address}/kias",
        "KIAS_CONCURRENCY": str(CONCURRENCY),
        "KIAS_TIMEOUT_S": "2",
        "KIAS_LEASE_S": "9",
        "KIAS_SETTLE_S": "0.5",
        "KIAS_SLOW_START_STEP_S": "0.2",
    }

    def start() -> subprocess.Popen[str]:
        process = subprocess.Popen(
            [sys.executable, "-c", WORKER], env=env, cwd=ROOT, stdout=subprocess.PIPE, text=True
        )
        made.append(process)
        return process

    yield start
    for process in made:
        process.kill()
        process.wait()
        assert process.stdout is not None
        process.stdout.close()


def test_f05_f13_two_worker_processes_never_exceed_the_bound_one_killed_in_between(
    kias: KiasProcess, worker: Callable[[], subprocess.Popen[str]]
) -> None:
    installations = [make_installation(agent=make_agent()) for _ in range(3)]
    receipts = [accept(at=timezone.now(), installation=installations[n % 3]) for n in range(45)]
    kias.control(slow_s=0.1)
    first, second = worker(), worker()
    for process in (first, second):
        assert process.stdout is not None
        assert process.stdout.readline() == "works\n"
    wait_until(lambda: len(kias.documents()) >= 10)
    os.kill(first.pid, signal.SIGKILL)

    def all_there() -> bool:
        return set(Receipt.objects.values_list("state", flat=True)) == {State.FISCALISED}

    wait_until(all_there, seconds=60)
    told = kias.control()
    assert told["most_at_once"] <= CONCURRENCY
    assert told["most_at_once"] >= 2, "they did work side by side"
    numbers = sorted(document["number"] for document in kias.documents())
    assert numbers == sorted(receipt.number for receipt in receipts)


def test_f09_two_connections_one_probe() -> None:
    """The slot of the probe is claimed in its UPDATE: a second runner, meanwhile or afterwards, gets none."""
    circuit.failed(circuit.look(), database_clock, dice=0.0)
    KiasCircuit.objects.update(not_before=None)
    slots.free(4, database_clock)  # makes the rows
    with transaction.atomic():
        mine = slots.take(4, 60, database_clock)
        assert mine is not None
        assert Elsewhere(lambda: slots.take(4, 60, database_clock)).begin().result() is None
    assert Elsewhere(lambda: slots.take(4, 60, database_clock)).begin().result() is None
    assert KiasSlot.objects.filter(claim__isnull=False).count() == 1


def test_f09_eight_runners_against_a_dead_kias_make_one_call_each_time(kias: KiasProcess) -> None:
    for _ in range(12):
        accept(at=datetime.now(UTC))
    circuit.failed(circuit.look(), database_clock, dice=0.0)
    kias.control(outage=True)
    terms = replace(TERMS, timeout_s=2, lease_s=9)
    for _ in range(3):
        KiasCircuit.objects.update(not_before=None)
        before = kias.control()["calls"]
        runners = [
            Elsewhere(
                lambda: Relay(gateway=kias.gateway(SharedSession()), terms=terms).run(budget_s=5)
            ).begin()
            for _ in range(8)
        ]
        ended = [runner.result() for runner in runners]
        assert ended.count("away") == 1
        assert ended.count("no_slot") == 7
        after = kias.control()["calls"]
        assert sum(after.values()) - sum(before.values()) <= 1


def test_a_slot_s_claim_waits_for_no_other_and_none_is_given_twice() -> None:
    slots.give_back(slots.take(2, 60, database_clock) or UUID(int=0))  # makes the rows
    with transaction.atomic():
        mine = [slots.take(2, 60, database_clock) for _ in range(2)]
        assert all(mine)
        assert Elsewhere(lambda: slots.take(2, 60, database_clock)).begin().result() is None
    assert KiasSlot.objects.filter(claim__in=[each for each in mine if each]).count() == 2


def test_a_claim_beside_an_uncommitted_one_takes_others_and_never_the_same() -> None:
    installation = make_installation(agent=make_agent())
    for _ in range(6):
        accept(at=datetime.now(UTC), installation=installation)

    def claim() -> list[UUID]:
        return [each.pk for each in deliveries.claim(60, database_clock, runners=2, most=3)]

    with transaction.atomic():
        mine = claim()
        assert len(mine) == 3
        # The upsert of the agent's turn makes the second wait until the first has committed.
        other = Elsewhere(claim).begin()
        wait_until(lambda: other.waits_for_a_lock() or not other.is_alive())
    theirs = other.result()
    assert len(theirs) == 3
    assert not set(mine) & set(theirs)


def test_f13_still_due_stands_in_the_update_itself(monkeypatch: pytest.MonkeyPatch) -> None:
    """Read, then write, would take what another has claimed in between."""
    accept(at=datetime.now(UTC))
    real, seen = turns.in_order, []

    def meanwhile(*given: Any) -> Any:
        found = real(*given)
        if not seen:
            seen.append(True)
            seen.extend(Elsewhere(lambda: deliveries.claim(60, database_clock)).begin().result())
        return found

    monkeypatch.setattr(turns, "in_order", meanwhile)
    assert deliveries.claim(60, database_clock) == []
    assert len(seen) == 2


def test_two_connections_turn_one_page_each() -> None:
    day = timezone.now().date()
    with transaction.atomic():
        assert checks.take_page([day], 60, database_clock)
        other = Elsewhere(lambda: checks.take_page([day], 60, database_clock)).begin()
        wait_until(other.waits_for_a_lock)
    assert other.result() is None


def test_p04_f39_a_person_types_into_kias_while_a_pause_is_on(kias: KiasProcess) -> None:
    pause = KiasPause.objects.create(started_at=timezone.now(), reason="КИАС недоступен, вносим руками")
    receipt = accept(at=datetime.now(UTC))

    def runner() -> str:
        return Relay(gateway=kias.gateway(SharedSession()), terms=replace(TERMS, timeout_s=5)).run(
            budget_s=10
        )

    assert runner() == "nothing_due"
    same = {
        "number": receipt.number,
        "date": receipt.receipt_date,
        "amount": receipt.amount,
        "policy_series": receipt.policy_series,
        "policy_number": receipt.policy_number,
        "instalment": receipt.instalment,
    }
    saved = kias.gateway().save(make_document(external_id="", **same), within=5)
    pause.ended_at = timezone.now()
    pause.save()
    wait_until(lambda: bool(runner()) and Receipt.objects.get().state == State.FISCALISED)
    assert Receipt.objects.get().kias_isn == saved.isn
    assert len(kias.documents()) == 1
    assert Delivery.objects.get().stage == "done"
