"""A run of reconciliation is a row: who asks for it, what it waits for, who goes on with it (F08, P37)."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.db.models import Q
from django.utils import timezone

from accounts.models import User
from sync.kias.gateway import KiasRejectedError
from sync.models import KiasCircuit, KiasPause, KiasSlot
from sync.models.reconciliation import ReconciliationRun, RunEnd, RunReason
from sync.reconciliation import runs
from sync.reconciliation.reconciling import Reconciling
from sync.reconciliation.runs import PeriodError
from sync.relay import slots
from tests.support.kias_twin import WorkerKilled
from tests.support.reconciling import SETTLE_S, isn_of, open_findings, reconcile, reconciling, relayed
from tests.support.relaying import Desk

pytestmark = pytest.mark.django_db


def test_p37_a_run_waits_for_the_end_of_the_maintenance_and_then_runs(desk: Desk) -> None:
    relayed(desk)
    now = desk.clock.moment
    KiasPause.objects.create(started_at=now, ended_at=now + timedelta(hours=2), reason="Ночь", calendar="w")
    run = reconcile(desk)
    assert (run.end, run.waits) == ("", "КИАС на обслуживании.")
    assert desk.kias.lists == 0
    desk.clock.turn(3600)
    assert reconciling(desk).run(60) == "waits"
    assert desk.kias.lists == 0
    desk.clock.turn(3601)
    assert reconciling(desk).run(60) == "done"
    run.refresh_from_db()
    assert (run.end, run.documents) == (RunEnd.DONE, 1)


def test_a_run_rests_with_the_circuit_and_in_a_pause(desk: Desk) -> None:
    relayed(desk)
    until = desk.clock.moment + timedelta(seconds=40)
    KiasCircuit.objects.update_or_create(
        pk=1, defaults={"opened_at": desk.clock.moment, "not_before": until, "allowed": 1}
    )
    assert reconcile(desk).waits == "КИАС не отвечает."
    assert desk.kias.lists == 0
    KiasCircuit.objects.update(opened_at=None, not_before=None, allowed=None)
    KiasPause.objects.create(started_at=desk.clock.moment, reason="Человек")
    desk.clock.turn(41)
    assert reconciling(desk).run(60) == "waits"
    assert ReconciliationRun.objects.get().waits == "Идёт пауза КИАС."


@pytest.mark.parametrize("fault", ["refuse", "rate_limit", "http_500", "malformed", "not_ours"])
def test_a_call_that_fails_puts_the_run_off_and_it_goes_on_with_its_day(desk: Desk, fault: str) -> None:
    relayed(desk)
    desk.kias.order(fault, seconds=30, only="list")
    run = reconcile(desk)
    assert (run.end, run.failures) == ("", 1)
    assert KiasSlot.objects.filter(claim__isnull=False).count() == 0
    desk.clock.turn(60)
    assert reconciling(desk).run(60) == "done"


def test_a_worker_killed_in_the_middle_of_a_day_leaves_it_to_the_next(desk: Desk) -> None:
    """F05: the lease runs out by the database's clock, the day begins anew, nothing is counted twice."""
    receipt = relayed(desk)
    desk.kias.change(isn_of(receipt), amount=100)
    desk.kias.order("kill_before", only="find")  # the page is read, the question is not answered any more
    with pytest.raises(WorkerKilled):
        reconcile(desk)
    assert reconciling(desk).run(60) == "nothing_due"
    desk.clock.turn(3600)
    assert reconciling(desk).run(60) == "done"
    run = ReconciliationRun.objects.get()
    assert (run.end, run.receipts, run.documents, run.found) == (RunEnd.DONE, 1, 1, 1)


def test_a_run_that_lost_its_lease_writes_nothing(desk: Desk) -> None:
    receipt = relayed(desk)
    desk.kias.change(isn_of(receipt), amount=100)
    desk.kias.during = lambda: ReconciliationRun.objects.update(lease_until=desk.clock.moment) and None
    reconcile(desk)
    assert open_findings() == set()


def test_the_run_takes_a_slot_for_each_call_and_waits_while_all_are_taken(desk: Desk) -> None:
    relayed(desk)
    held = [slots.take(desk.terms.concurrency, 600, desk.clock) for _ in range(desk.terms.concurrency)]
    run = reconcile(desk)
    assert (run.waits, desk.kias.lists) == ("КИАС занят квитанциями.", 0)
    for slot in held:
        assert slot is not None
        slots.give_back(slot)
    desk.clock.turn(60)
    assert reconciling(desk).run(60) == "done"


def test_kias_that_refuses_the_list_ends_the_run_visibly(desk: Desk) -> None:
    from_kias = Reconciling(gateway=Refusing(), terms=desk.terms, settle_s=SETTLE_S, clock=desk.clock)  # type: ignore[arg-type]
    today = desk.clock.moment.date()
    run = runs.ask(today, today, reason=RunReason.ASKED, asked_by=None, now=desk.clock.moment)
    assert from_kias.run(60) == "refused"
    run.refresh_from_db()
    assert run.end == RunEnd.REFUSED
    assert "404" in run.waits


class Refusing:
    """A KIAS that does not know the procedure."""

    def list(self, **_: Any) -> None:
        raise KiasRejectedError("404", "Нет такой процедуры.")


def test_many_days_go_page_by_page_and_a_budget_ends_between_two_days(desk: Desk) -> None:
    for ago in range(4):
        for _ in range(3):
            relayed(desk, receipt_date=(desk.clock.moment - timedelta(days=ago)).date())
    desk.kias.page_size = 2
    today = desk.clock.moment.date()
    runs.ask(today - timedelta(days=5), today, reason=RunReason.ASKED, asked_by=None, now=desk.clock.moment)
    assert reconciling(desk).run(0) == "budget"
    assert ReconciliationRun.objects.get().day == today - timedelta(days=4)
    while reconciling(desk).run(0) == "budget":
        pass
    run = ReconciliationRun.objects.get()
    assert (run.end, run.receipts, run.documents, run.found) == (RunEnd.DONE, 12, 12, 0)


def test_the_night_begins_one_run_at_its_hour_and_takes_the_place_of_the_last(settings: Any) -> None:
    settings.RECONCILE_HOUR, settings.RECONCILE_DAYS = 3, 35
    before, night = datetime(2026, 11, 22, 23, 59, tzinfo=UTC), datetime(2026, 11, 23, 0, 30, tzinfo=UTC)
    assert runs.begin_nightly(before) is None  # 02:59 in Moscow
    first = runs.begin_nightly(night)
    assert first is not None
    assert (first.since.isoformat(), first.until.isoformat()) == ("2026-10-20", "2026-11-24")
    assert runs.begin_nightly(night) is None
    assert runs.begin_nightly(night + timedelta(hours=9)) is None  # not at noon
    second = runs.begin_nightly(night + timedelta(days=1))
    assert second is not None
    first.refresh_from_db()
    assert first.end == RunEnd.REPLACED
    assert list(ReconciliationRun.objects.filter(Q(ended_at=None))) == [second]


def test_the_night_may_be_switched_off(settings: Any) -> None:
    settings.RECONCILE_HOUR = -1
    assert runs.begin_nightly(datetime(2026, 11, 23, 0, 30, tzinfo=UTC)) is None


def test_the_same_days_asked_for_twice_are_one_run_and_nonsense_is_refused(person: User) -> None:
    now = timezone.now()
    today = now.date()
    one, other = (runs.ask(today, today, reason=RunReason.ASKED, asked_by=person, now=now) for _ in range(2))
    assert one.pk == other.pk
    with pytest.raises(PeriodError):
        runs.ask(today, today - timedelta(days=1), reason=RunReason.ASKED, asked_by=person, now=now)
    with pytest.raises(PeriodError):
        runs.ask(today - timedelta(days=400), today, reason=RunReason.ASKED, asked_by=person, now=now)
