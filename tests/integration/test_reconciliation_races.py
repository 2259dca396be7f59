"""Reconciliation against the real simulator: people in its ledger, workers and beats at once (F08)."""

import threading
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.core.management import call_command
from django.db import connection
from django.utils import timezone

from receipts.models import Receipt
from receipts.states import State
from sync.clock import database_clock
from sync.kias.document import document_of
from sync.kias.session import SharedSession
from sync.models import Delivery, Difference, KiasSlot
from sync.models.reconciliation import ReconciliationRun, RunEnd, RunReason
from sync.reconciliation import runs
from sync.reconciliation.reconciling import Reconciling
from sync.relay.runner import Relay
from tests.support.elsewhere import Elsewhere
from tests.support.factories import make_agent, make_installation
from tests.support.kias_process import KiasProcess
from tests.support.phone import wait_until
from tests.support.reconciling import open_findings
from tests.support.relaying import TERMS, accept, current_epoch

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow]

TODAY = datetime.now(UTC).date()
QUICK = replace(TERMS, timeout_s=5, lease_s=30, settle_s=0.3)


@pytest.fixture(scope="module")
def running_kias(tmp_path_factory: pytest.TempPathFactory) -> Iterator[KiasProcess]:
    with KiasProcess(tmp_path_factory.mktemp("kias"), check_after=0) as running:
        yield running


@pytest.fixture
def kias(running_kias: KiasProcess) -> KiasProcess:
    running_kias.control(clear=True, clear_ledger=True)
    return running_kias


def worker(kias: KiasProcess) -> Reconciling:
    return Reconciling(gateway=kias.gateway(SharedSession()), terms=QUICK, settle_s=0)


def ask() -> ReconciliationRun:
    day = timedelta(days=1)
    return runs.ask(TODAY - day, TODAY + day, reason=RunReason.ASKED, asked_by=None, now=timezone.now())


def reconcile(kias: KiasProcess) -> ReconciliationRun:
    run = ask()
    assert worker(kias).run(60) == "done"
    run.refresh_from_db()
    return run


def relayed(kias: KiasProcess, count: int) -> list[Receipt]:
    """Receipts that KIAS has, with their checks."""
    installation = make_installation(agent=make_agent())
    receipts = [accept(at=datetime.now(UTC), installation=installation) for _ in range(count)]
    relay = Relay(gateway=kias.gateway(SharedSession()), terms=QUICK)

    def all_done() -> bool:
        relay.run(budget_s=30)
        return set(Receipt.objects.values_list("state", flat=True)) == {State.FISCALISED}

    wait_until(all_done)
    for receipt in receipts:
        receipt.refresh_from_db()
    return receipts


def at_once(*jobs: Callable[[], Any]) -> list[Any]:
    start = threading.Barrier(len(jobs))

    def begin(job: Callable[[], Any]) -> Callable[[], Any]:
        def go() -> Any:
            start.wait()
            return job()

        return go

    return [each.result() for each in [Elsewhere(begin(job)).begin() for job in jobs]]


def test_f08_what_people_do_in_kias_is_found_over_pages_and_over_the_wire(kias: KiasProcess) -> None:
    kias.control(page_size=2)
    same, gone, taken_back, changed, moved = relayed(kias, 5)
    theirs = {each["external_id"]: each["isn"] for each in kias.documents()}
    assert reconcile(kias).documents == 5
    assert open_findings() == set()
    kias.control(remove=theirs[str(gone.pk)])
    kias.control(annul=theirs[str(taken_back.pk)])
    kias.control(change={"isn": theirs[str(changed.pk)], "fields": {"Sum": "1.00"}})
    tomorrow = f"{TODAY + timedelta(days=1):%d.%m.%Y}"
    kias.control(change={"isn": theirs[str(moved.pk)], "fields": {"Date": tomorrow}})
    kias.control(write={"Number": "БС-К7М3Т-00042-9", "Date": f"{TODAY:%d.%m.%Y}", "Sum": "10.00"})
    run = reconcile(kias)
    by_hand = next(each["isn"] for each in kias.documents() if each["by_hand"])
    assert (run.found, run.receipts) == (6, 5)
    assert open_findings() == {
        (Difference.ONLY_OURS, str(gone.pk)),
        (Difference.ONLY_OURS, str(taken_back.pk)),
        (Difference.AMOUNT, str(changed.pk)),
        (Difference.CHECK, str(changed.pk)),  # the simulator's check follows its sum
        (Difference.DATE, str(moved.pk)),
        (Difference.BY_HAND, f"isn:{by_hand}"),
    }
    assert str(same.pk) not in {key for _, key in open_findings()}
    kias.control(change={"isn": theirs[str(changed.pk)], "fields": {"Sum": "3245.50"}})
    assert reconcile(kias).closed == 2


def test_f08_a_commit_later_than_the_settle_time_makes_a_double_and_is_found(kias: KiasProcess) -> None:
    receipt = accept(at=datetime.now(UTC))
    kias.control(faults=[{"kind": "commit_late", "seconds": 7, "only": "save"}])
    impatient = Relay(gateway=kias.gateway(SharedSession()), terms=replace(QUICK, timeout_s=1.0))

    def settled() -> bool:
        Delivery.objects.filter(claim=None, due_at__isnull=False).update(due_at=timezone.now())
        impatient.run(budget_s=10)
        receipt.refresh_from_db()
        return receipt.state == State.FISCALISED

    wait_until(settled)
    wait_until(lambda: len(kias.documents()) == 2)
    reconcile(kias)
    assert open_findings() == {(Difference.TWICE, str(receipt.pk))}
    unwanted = kias.documents()[-1]["isn"]
    kias.control(annul=unwanted)
    assert reconcile(kias).closed == 1


def test_two_workers_at_once_do_one_run_and_every_call_has_a_slot(kias: KiasProcess) -> None:
    receipts = relayed(kias, 6)
    kias.gateway().save(document_of(receipts[0]), within=5)
    kias.control(clear=True, slow_s=0.05, page_size=1)
    run = ask()
    ended = at_once(*[lambda: worker(kias).run(60)] * 3)
    assert sorted(ended) == ["done", "nothing_due", "nothing_due"]
    run.refresh_from_db()
    assert (run.end, run.receipts, run.documents, run.found) == (RunEnd.DONE, 6, 7, 1)
    assert kias.control()["most_at_once"] == 1
    assert not KiasSlot.objects.filter(claim__isnull=False).exists()
    kias.control(slow_s=0)


def test_two_beats_make_one_night_and_two_people_one_run(settings: Any) -> None:
    settings.RECONCILE_HOUR = 3
    night = datetime(2026, 11, 23, 0, 30, tzinfo=UTC)
    at_once(*[lambda: runs.begin_nightly(night)] * 4)
    assert ReconciliationRun.objects.filter(reason=RunReason.NIGHTLY).count() == 1
    asked = at_once(*[ask] * 4)
    assert len({run.pk for run in asked}) == 1


def test_two_claims_at_once_are_one(kias: KiasProcess) -> None:
    current_epoch(datetime.now(UTC))
    ask()
    claims = at_once(*[lambda: runs.claim(60, database_clock)] * 5)
    assert len([each for each in claims if each]) == 1


def test_the_command_compares_and_says_what_it_came_to(
    kias: KiasProcess, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    relayed(kias, 2)
    command = "sync.management.commands.reconcile.kias_gateway"
    monkeypatch.setattr(command, lambda: kias.gateway(SharedSession()))
    call_command("reconcile", str(TODAY), str(TODAY))
    said = capsys.readouterr().out
    assert "квитанций 2, документов КИАС 2" in said
    assert "всего открыто 0" in said
    assert connection.in_atomic_block is False
