"""F08, P37: receipts and KIAS's documents compared day by day; what differs is one row until it is gone."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from accounts.models import User
from receipts import registry
from receipts.states import State
from sync.kias.document import document_of
from sync.kias.gateway import Listed
from sync.models import Delivery, Difference, Stage
from sync.models.reconciliation import ReconciliationFinding, RunEnd
from sync.reconciliation import findings
from tests.support.reconciling import isn_of, open_findings, reconcile, relayed
from tests.support.relaying import Desk

pytestmark = pytest.mark.django_db


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
    desk.kias.annul(isn_of(gone))
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
    desk.kias.change(isn_of(receipt), **fields)
    reconcile(desk)
    assert open_findings() == {(difference, str(receipt.pk))}


def test_f08_another_date_there_is_one_difference_of_the_date(desk: Desk) -> None:
    """Neither «только у нас» on the one day nor «только в КИАС» on the other."""
    receipt = relayed(desk)
    desk.kias.change(isn_of(receipt), date=receipt.receipt_date + timedelta(days=3))
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
    isn = isn_of(receipt)
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
    desk.kias.change(isn_of(receipt), date=receipt.receipt_date + timedelta(days=2))
    reconcile(desk)
    day = receipt.receipt_date - timedelta(days=5)
    reconcile(desk, since=day, until=day)
    assert open_findings() == {(Difference.DATE, str(receipt.pk))}


def test_what_a_person_has_ended_opens_again_only_when_it_says_something_else(
    desk: Desk, person: User
) -> None:
    receipt = relayed(desk)
    isn = isn_of(receipt)
    desk.kias.change(isn, amount=100)
    reconcile(desk)
    finding = ReconciliationFinding.objects.get()
    findings.end(finding.pk, staff=person, text="Так договорились.", now=timezone.now())
    with pytest.raises(findings.EndedError):
        findings.end(finding.pk, staff=person, text="И ещё раз.", now=timezone.now())
    assert reconcile(desk).found == 0
    assert open_findings() == set()
    desk.kias.change(isn, amount=200)
    assert reconcile(desk).found == 1
    assert open_findings() == {(Difference.AMOUNT, str(receipt.pk))}
