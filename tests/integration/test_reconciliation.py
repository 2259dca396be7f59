"""F08, P37: receipts and KIAS's documents compared day by day; what differs is one row until it is gone."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.db.models import Q
from django.utils import timezone

from accounts.models import User
from backoffice.roles import Role
from receipts import registry
from receipts.models import Receipt
from receipts.states import State
from sync.kias.document import document_of
from sync.kias.gateway import KiasRejectedError, Listed
from sync.models import Delivery, Difference, KiasCircuit, KiasPause, KiasSlot, Stage
from sync.models.reconciliation import ReconciliationFinding, ReconciliationRun, RunEnd, RunReason
from sync.reconciliation import findings, runs
from sync.reconciliation.reconciling import Reconciling
from sync.reconciliation.runs import PeriodError
from sync.relay import slots
from tests.support.kias_twin import WorkerKilled
from tests.support.office import make_staff
from tests.support.reconciling import open_findings, reconcile, reconciling
from tests.support.relaying import Desk

pytestmark = pytest.mark.django_db
SETTLE_S = 900


@pytest.fixture
def staff() -> User:
    return make_staff(Role.SENIOR)


def relayed(desk: Desk, **given: Any) -> Receipt:
    """A receipt that KIAS has and whose check we know, long enough ago."""
    receipt = desk.accept(**given)
    desk.settle(1)
    receipt.refresh_from_db()
    assert receipt.state == State.FISCALISED
    return receipt


def isn_of(desk: Desk, receipt: Receipt) -> str:
    receipt.refresh_from_db()
    return receipt.kias_isn


# --- what is found


def test_f08_books_that_agree_raise_nothing(desk: Desk) -> None:
    for _ in range(5):
        relayed(desk)
    run = reconcile(desk)
    assert (run.end, run.receipts, run.documents, run.found) == (RunEnd.DONE, 5, 5, 0)
    assert open_findings() == set()


def test_f08_a_double_beyond_any_settle_time_is_found(desk: Desk) -> None:
    """KIAS commits an hour after our time-out: the question said no, a second save made a second one."""
    receipt = desk.accept()
    desk.kias.order("commit_late", seconds=3600, only="save")
    desk.run()
    desk.settle(3)
    assert len(desk.kias.documents) == 2
    assert reconcile(desk).found == 1
    assert open_findings() == {(Difference.TWICE, str(receipt.pk))}
    finding = ReconciliationFinding.objects.get()
    assert finding.receipt_id == receipt.pk
    assert {each["isn"] for each in finding.facts["documents"]} == {each.isn for each in desk.kias.documents}


def test_f08_a_document_that_is_gone_there_is_only_ours(desk: Desk) -> None:
    kept, gone = relayed(desk), relayed(desk)
    desk.kias.annul(isn_of(desk, gone))
    reconcile(desk)
    assert open_findings() == {(Difference.ONLY_OURS, str(gone.pk))}
    assert kept.pk != gone.pk


@pytest.mark.parametrize(
    ("difference", "fields"),
    [
        (Difference.AMOUNT, {"amount": 100}),
        (Difference.NUMBER, {"number": "АВ-7"}),
        (Difference.POLICY, {"policy_number": "1"}),
        (Difference.SALE, {"kind": "refund"}),
    ],
)
def test_f08_what_a_person_changes_in_kias_is_found(
    desk: Desk, difference: Difference, fields: dict[str, Any]
) -> None:
    receipt = relayed(desk)
    desk.kias.change(isn_of(desk, receipt), **fields)
    reconcile(desk)
    assert open_findings() == {(difference, str(receipt.pk))}


def test_f08_another_date_there_is_one_difference_of_the_date(desk: Desk) -> None:
    """Neither «только у нас» on the one day nor «только в КИАС» on the other."""
    receipt = relayed(desk)
    desk.kias.change(isn_of(desk, receipt), date=receipt.receipt_date + timedelta(days=3))
    reconcile(desk)
    reconcile(desk)
    assert open_findings() == {(Difference.DATE, str(receipt.pk))}


def test_f08_held_here_and_yet_in_kias_is_found(desk: Desk) -> None:
    receipt = desk.accept()
    registry.hold(receipt.pk, reason="hostile_text")
    desk.kias.write_by_hand(document_of(receipt))
    desk.clock.turn(3600)
    reconcile(desk)
    assert open_findings() == {(Difference.HELD_HERE, str(receipt.pk))}


def test_p04_typed_by_hand_under_a_number_that_has_not_come_from_its_phone(desk: Desk) -> None:
    known = relayed(desk)
    theirs = replace(document_of(known), external_id="", number="БС-К7М3Т-00042-9", policy_number="17")
    isn = desk.kias.write_by_hand(theirs)
    desk.kias.write_by_hand(replace(theirs, number="ДОГ-17"))  # none of ours
    reconcile(desk)
    assert open_findings() == {(Difference.BY_HAND, f"isn:{isn}")}


def test_f08_a_check_that_waits_in_kias_is_fetched_by_the_usual_path(desk: Desk) -> None:
    receipt = desk.accept()
    desk.kias.check_after = timedelta(minutes=20)
    desk.run()
    Delivery.objects.update(due_at=desk.clock.moment + timedelta(days=2))
    desk.clock.turn(3600)
    run = reconcile(desk)
    assert (run.woken, open_findings()) == (1, set())
    desk.run()
    receipt.refresh_from_db()
    assert receipt.state == State.FISCALISED


def test_a_check_that_no_delivery_will_fetch_is_a_finding(desk: Desk) -> None:
    receipt = desk.accept()
    desk.kias.check_after = timedelta(minutes=20)
    desk.run()
    Delivery.objects.update(due_at=None, stage=Stage.STOPPED)
    desk.clock.turn(3600)
    reconcile(desk)
    assert open_findings() == {(Difference.CHECK_MISSING, str(receipt.pk))}


# --- no false alarms


def test_p31_another_letter_that_kias_got_for_one_it_lacks_is_no_difference(
    desk: Desk, settings: Any
) -> None:
    settings.KIAS_REPERTOIRE = "windows-1251"
    relayed(desk, policy_series="ӘҖ")
    assert desk.kias.documents[0].policy_series != "ӘҖ"
    assert reconcile(desk).found == 0


def test_f08_the_relay_at_work_raises_no_alarm(desk: Desk) -> None:
    """Nothing but a double is believed of what has moved within the settle time."""
    desk.accept()
    desk.run()
    desk.kias.annul(desk.kias.documents[0].isn)
    recent = reconcile(desk)
    assert (recent.found, open_findings()) == (0, set())


def test_f08_a_receipt_saved_while_the_pages_are_turned_raises_no_alarm(desk: Desk) -> None:
    relayed(desk)

    def meanwhile() -> None:
        desk.accept()
        desk.run()

    desk.kias.during = meanwhile
    assert reconcile(desk).found == 0


def after_each_page(desk: Desk, happens: Callable[[int], None]) -> None:
    """What people do in KIAS between one call of ours and the next; told how many pages were read."""
    read_page = desk.kias.list

    def then(**asked: Any) -> Listed:
        page = read_page(**asked)
        happens(desk.kias.lists)
        return page

    desk.kias.list = then  # type: ignore[method-assign]


def test_f08_a_document_that_slipped_between_two_pages_is_asked_for_before_it_is_called_missing(
    desk: Desk,
) -> None:
    """One of page 1 is removed: the first of page 2 moves to page 1, which was read already."""
    gone, slipped, _ = relayed(desk), relayed(desk), relayed(desk)
    desk.kias.page_size = 1
    today = slipped.receipt_date

    def remove(pages: int) -> None:
        if pages == 1:
            desk.kias.remove(gone.kias_isn)

    after_each_page(desk, remove)
    reconcile(desk, since=today, until=today)
    assert open_findings() == set(), "page 1 still had the one that is gone: the next run finds it"
    reconcile(desk, since=today, until=today)
    assert open_findings() == {(Difference.ONLY_OURS, str(gone.pk))}


def test_f08_a_double_taken_back_while_the_list_was_read_is_none(desk: Desk) -> None:
    receipt = relayed(desk)
    second = desk.kias.write_by_hand(document_of(receipt))
    desk.clock.turn(3600)
    after_each_page(desk, lambda _: desk.kias.annul(second))
    today = receipt.receipt_date
    assert reconcile(desk, since=today, until=today).found == 0
    assert desk.kias.lists == 1


def test_f08_a_receipt_whose_answer_was_lost_is_left_to_the_relay(desk: Desk) -> None:
    desk.kias.order("lose_answer", only="save")
    desk.accept()
    desk.run()
    Delivery.objects.update(due_at=desk.clock.moment + timedelta(hours=2))
    desk.clock.turn(3600)
    assert reconcile(desk).found == 0


# --- one row for a difference


def test_a_difference_is_one_row_however_often_it_is_seen_and_closes_when_gone(desk: Desk) -> None:
    receipt = relayed(desk)
    isn = isn_of(desk, receipt)
    desk.kias.change(isn, amount=100)
    assert [reconcile(desk).found for _ in range(3)] == [1, 0, 0]
    desk.kias.change(isn, amount=receipt.amount)
    assert reconcile(desk).closed == 1
    finding = ReconciliationFinding.objects.get()
    assert finding.closed_by is None
    assert "больше не видит" in finding.closed_text
    desk.kias.change(isn, amount=100)
    assert reconcile(desk).found == 1
    assert open_findings() == {(Difference.AMOUNT, str(receipt.pk))}


def test_a_run_that_did_not_look_at_its_days_closes_nothing(desk: Desk) -> None:
    receipt = relayed(desk)
    desk.kias.change(isn_of(desk, receipt), date=receipt.receipt_date + timedelta(days=2))
    reconcile(desk)
    day = receipt.receipt_date - timedelta(days=5)
    reconcile(desk, since=day, until=day)
    assert open_findings() == {(Difference.DATE, str(receipt.pk))}


def test_what_a_person_has_ended_opens_again_only_when_it_says_something_else(
    desk: Desk, staff: User
) -> None:
    receipt = relayed(desk)
    isn = isn_of(desk, receipt)
    desk.kias.change(isn, amount=100)
    reconcile(desk)
    finding = ReconciliationFinding.objects.get()
    findings.end(finding.pk, staff=staff, text="Так договорились.", now=timezone.now())
    with pytest.raises(findings.EndedError):
        findings.end(finding.pk, staff=staff, text="И ещё раз.", now=timezone.now())
    assert reconcile(desk).found == 0
    assert open_findings() == set()
    desk.kias.change(isn, amount=200)
    assert reconcile(desk).found == 1
    assert open_findings() == {(Difference.AMOUNT, str(receipt.pk))}


# --- a run is a row


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
    desk.kias.change(isn_of(desk, receipt), amount=100)
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
    desk.kias.change(isn_of(desk, receipt), amount=100)
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


# --- who asks


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


def test_the_same_days_asked_for_twice_are_one_run_and_nonsense_is_refused(staff: User) -> None:
    now = timezone.now()
    today = now.date()
    one, other = (runs.ask(today, today, reason=RunReason.ASKED, asked_by=staff, now=now) for _ in range(2))
    assert one.pk == other.pk
    with pytest.raises(PeriodError):
        runs.ask(today, today - timedelta(days=1), reason=RunReason.ASKED, asked_by=staff, now=now)
    with pytest.raises(PeriodError):
        runs.ask(today - timedelta(days=400), today, reason=RunReason.ASKED, asked_by=staff, now=now)
