"""«Сверка»: what the office sees of the differences with KIAS, what it may do, and who may (F08)."""

import itertools
from datetime import timedelta
from typing import Any

import pytest
from django.contrib.admin.models import LogEntry
from django.core.cache import cache
from django.core.management import call_command
from django.core.management.base import CommandError
from django.utils import timezone

from backoffice import dashboard, differences
from backoffice.roles import Role
from backoffice.system_state import sections
from receipts.models import Receipt
from receipts.states import State
from sync.figures import collect
from sync.models import Difference, ReconciliationFinding, ReconciliationRun
from tests.support.office import make_receipt, read, staff_client

pytestmark = pytest.mark.django_db
_next = itertools.count(1)
LIST, RUNS = "/admin/sync/reconciliationfinding/", "/admin/sync/reconciliationrun/"


@pytest.fixture
def run() -> ReconciliationRun:
    now, today = timezone.now(), timezone.localdate()
    return ReconciliationRun.objects.create(
        since=today - timedelta(days=6), until=today, reason="nightly", created_at=now, started_at=now,
        ended_at=now + timedelta(seconds=90), end="done", day=today, receipts=1234, documents=1235, found=1,
    )  # fmt: skip


def make_finding(
    run: ReconciliationRun, receipt: Receipt | None = None, **given: Any
) -> ReconciliationFinding:
    isn = str(100_001 + 10 * next(_next))
    receipt = receipt or make_receipt(state=State.FISCALISED, kias_isn=isn)
    side = {
        "id": str(receipt.pk), "number": receipt.number, "date": receipt.receipt_date.isoformat(),
        "amount": receipt.amount, "policy": "ХХХ0123456789", "instalment": 1, "kind": "sale",
        "state": receipt.state, "isn": isn, "check": "",
    }  # fmt: skip
    there = side | {"policy": "ХХХ 0123456789", "state": "saved"}
    fields: dict[str, Any] = {
        "difference": Difference.TWICE,
        "key": str(receipt.pk),
        "receipt": receipt,
        "number": receipt.number,
        "number_folded": receipt.number_folded,
        "isn": isn,
        "amount": receipt.amount,
        "first_day": receipt.receipt_date,
        "last_day": receipt.receipt_date,
        "facts": {"receipt": side, "documents": [there, there | {"isn": f"{isn}7", "amount": 5000}]},
        "found_at": timezone.now(),
        "found_in": run,
        "seen_in": run,
    }
    return ReconciliationFinding.objects.create(**fields | given)


def test_the_page_says_what_a_difference_means_and_shows_both_sides(run: ReconciliationRun) -> None:
    finding = make_finding(run)
    page = read(staff_client(Role.SENIOR), f"{LIST}{finding.pk}/change/")
    for shown in (
        "дважды в КИАС", "сторнируйте в КИАС лишний", f"КИАС, ISN {finding.isn}", f"ISN {finding.isn}7",
        "отличается",
        "наша система", finding.number, "Проверить сейчас", "Разобрано",
    ):  # fmt: skip
        assert shown in page, shown


def test_every_difference_has_words_and_a_page(run: ReconciliationRun) -> None:
    office = staff_client(Role.OPERATOR)
    assert set(differences.WORDS) == set(Difference)
    for difference in Difference:
        finding = make_finding(run, difference=difference)
        _, means, _ = differences.WORDS[difference]
        assert means in read(office, f"{LIST}{finding.pk}/change/")


def test_the_list_finds_by_number_and_isn_and_the_open_ones_stand_first(run: ReconciliationRun) -> None:
    office = staff_client(Role.OPERATOR)
    closed = make_finding(run, closed_at=timezone.now(), closed_text="Закрыто само.")
    old = make_finding(run, found_at=timezone.now() - timedelta(days=9))
    assert [row.pk for row in office.get(LIST).context["cl"].queryset] == [old.pk, closed.pk]
    for query in ({"q": old.number.lower()}, {"ended": "no"}):
        assert [row.pk for row in office.get(LIST, query).context["cl"].queryset] == [old.pk]
    assert [row.pk for row in office.get(LIST, {"ended": "itself"}).context["cl"].queryset] == [closed.pk]
    assert [row.pk for row in office.get(LIST, {"q": old.isn}).context["cl"].queryset] == [old.pk]


def test_an_operator_sees_and_asks_and_only_a_senior_ends(run: ReconciliationRun) -> None:
    finding = make_finding(run)
    operator, senior = staff_client(Role.OPERATOR), staff_client(Role.SENIOR)
    assert f"{LIST}{finding.pk}/end/" not in read(operator, f"{LIST}{finding.pk}/change/")
    assert operator.post(f"{LIST}{finding.pk}/end/", {"reason": "Сам."}).status_code == 403
    answer = senior.post(f"{LIST}{finding.pk}/end/", {"reason": "Документ 100002 сторнирован."})
    assert answer.status_code == 302
    finding.refresh_from_db()
    assert finding.closed_by == senior.person  # type: ignore[attr-defined]
    assert "100002 сторнирован" in read(operator, f"{LIST}{finding.pk}/change/")
    entry = LogEntry.objects.get(user=senior.person)  # type: ignore[attr-defined]
    assert entry.object_id == str(finding.pk)
    again = senior.post(f"{LIST}{finding.pk}/end/", {"reason": "Ещё раз."})
    assert "уже закрыто" in again.content.decode()


def test_it_is_asked_for_by_days_and_again_for_one_difference(run: ReconciliationRun) -> None:
    operator = staff_client(Role.OPERATOR)
    assert "Сверить сейчас" in read(operator, LIST)
    days = {"since": "20.11.2026", "until": "22.11.2026"}
    assert operator.post(f"{LIST}ask/", days).status_code == 302
    asked = ReconciliationRun.objects.get(ended_at=None)
    assert (asked.asked_by, str(asked)) == (operator.person, "20.11.2026 — 22.11.2026")  # type: ignore[attr-defined]
    wrong = operator.post(f"{RUNS}ask/", {"since": "22.11.2026", "until": "20.11.2026"})
    assert list(wrong.context["form"].errors) == ["until"]
    assert "Последний день раньше первого" in wrong.content.decode()
    finding = make_finding(run)
    assert operator.post(f"{LIST}{finding.pk}/again/", {"go": "1"}).status_code == 302
    assert ReconciliationRun.objects.filter(ended_at=None, since=finding.first_day).count() == 1
    assert LogEntry.objects.filter(user=operator.person).count() == 2  # type: ignore[attr-defined]


def test_ops_see_the_runs_and_no_receipt(run: ReconciliationRun) -> None:
    finding, ops = make_finding(run), staff_client(Role.OPS)
    assert "Ход сверок" in read(ops, RUNS)
    assert ops.get(f"{LIST}{finding.pk}/change/").status_code == 403


def test_p04_held_here_and_in_kias_leads_to_linking(run: ReconciliationRun) -> None:
    receipt = make_receipt(state=State.HELD, reason="doubtful_date")
    finding = make_finding(run, receipt, difference=Difference.HELD_HERE)
    page = read(staff_client(Role.OPERATOR), f"{LIST}{finding.pk}/change/")
    assert "Уже есть в КИАС — связать" in page
    assert f"/admin/receipts/receipt/{receipt.pk}/act/link/" in page


def test_f08_a_double_is_red_on_the_first_page_in_the_figures_and_for_ops(run: ReconciliationRun) -> None:
    def card() -> dashboard.Card:
        return next(each for each in dashboard.to_do(timezone.now()) if each.title == "Расхождения с КИАС")

    assert (card().figure, card().tone) == ("0", "done")
    make_finding(run, difference=Difference.DATE)
    assert (card().figure, card().tone) == ("1", "registered")
    make_finding(run)
    assert (card().figure, card().tone) == ("2", "rejected")
    assert "дважды в КИАС: 1" in card().note
    cache.clear()
    found = collect(timezone.now())
    assert found.one("kias_reconciliation_findings", difference="twice") == 1
    assert found.one("kias_reconciliation_refused") == 0
    lines = dict(sections(found))["Сверка с КИАС"]
    assert next(line for line in lines if line.name == "Квитанций дважды в КИАС").level == "rejected"


def test_the_command_refuses_what_is_no_period() -> None:
    with pytest.raises(CommandError, match="не день"):
        call_command("reconcile", "вчера", "2026-11-22")
    with pytest.raises(CommandError, match="раньше первого"):
        call_command("reconcile", "2026-11-22", "2026-11-20")
