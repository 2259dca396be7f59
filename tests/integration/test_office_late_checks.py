"""Late checks are found in the registry and on the first page; what pages tell before anybody acts."""

import ast
import re
import uuid
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.test import Client
from django.utils import timezone

from backoffice import call_words, dashboard, reasons, system_state
from backoffice.models import Action, Approval
from backoffice.roles import Role
from backoffice.system_line import ALARM, FACT, LOOK, Line
from receipts.models import OfficeReceipt, PaidBy, Purpose, Receipt, Source
from receipts.states import State
from sync.figures import Figures
from sync.models import ReconciliationFinding, ReconciliationRun
from sync.relay import deadlines
from tests.support.office import (
    make_attempt,
    make_delivery,
    make_receipt,
    make_staff,
    make_withdrawal,
    read,
    staff_client,
)

pytestmark = pytest.mark.django_db
LIST = "/admin/receipts/receipt/"
WITHDRAWALS = "/admin/receipts/withdrawal/"
#: a Wednesday noon in Moscow: a working day before it is Tuesday
NOON = datetime(2026, 11, 25, 9, 0, tzinfo=UTC)


@pytest.fixture
def office() -> Client:
    return staff_client(Role.OPERATOR)


def listed(office: Client, **query: str) -> list[uuid.UUID]:
    return [row.pk for row in office.get(LIST, query).context["cl"].queryset]


def issued(days: float, **given: Any) -> Receipt:
    at = timezone.now() - timedelta(days=days)
    return make_receipt(issued_at=at, accepted_at=timezone.now(), **given)


def given_back(receipt: Receipt, purpose: Purpose = Purpose.REFUND) -> Receipt:
    """The office's refund of a receipt, as a row."""
    refund = make_receipt(
        installation=receipt.installation, kind="refund", refund_of=receipt, source=Source.OFFICE,
        number=f"АВ-{uuid.uuid4().int % 10**8:08}",
    )  # fmt: skip
    paid = {"paid_by": PaidBy.values[0], "paid_name": "Орлов П. И.", "paid_on": date(2026, 11, 22)}
    OfficeReceipt.objects.create(
        receipt=refund, purpose=purpose, follows=receipt, **paid if purpose == Purpose.REFUND else {}
    )
    return refund


def differing(receipt: Receipt, **given: object) -> ReconciliationFinding:
    now, day = timezone.now(), date(2026, 11, 22)
    run = ReconciliationRun.objects.create(
        since=day, until=day, day=day, reason="asked", created_at=now, ended_at=now, end="done"
    )
    fields: dict[str, object] = {
        "difference": "twice", "key": str(receipt.pk), "receipt": receipt, "number": receipt.number,
        "amount": receipt.amount, "first_day": day, "last_day": day, "found_at": now, "found_in": run,
        "seen_in": run, "facts": {"receipt": None, "documents": []},
    }  # fmt: skip
    return ReconciliationFinding.objects.create(**fields | given)


@pytest.mark.parametrize("state", [State.ACCEPTED, State.HELD, State.REGISTERED, State.REJECTED])
def test_the_registry_finds_late_checks_whatever_they_wait_for(office: Client, state: State) -> None:
    isn: dict[str, Any] = {"kias_isn": "770001"} if state == State.REGISTERED else {}
    late, fresh = issued(4, state=state, **isn), issued(0, state=state)
    assert listed(office, check="late") == [late.pk]
    assert set(listed(office)) == {late.pk, fresh.pk}


def test_a_check_that_is_there_is_never_late_and_an_overdue_one_is_both(office: Client) -> None:
    issued(30, state=State.FISCALISED)
    issued(30, state=State.ANNULLED)
    overdue, late = issued(30, state=State.HELD), issued(4)
    assert listed(office, check="late") == [overdue.pk, late.pk]  # the longest without a check first
    assert listed(office, check="overdue") == [overdue.pk]
    assert len(listed(office, check="nonsense")) == 4


def test_the_list_of_late_checks_says_for_how_long_and_why(office: Client) -> None:
    issued(9, state=State.REJECTED, reason="closed_period")
    page = read(office, f"{LIST}?check=late")
    for shown in ("Чек опаздывает", "КИАС отказал: Период в КИАС закрыт", "9\u00a0дней", "Чего ждёт чек"):
        assert shown in page
    assert "больше 1\u00a0рабочего дня" in page


@pytest.mark.parametrize(
    ("now", "since"),
    [
        ("2026-11-25T12:00", "2026-11-24T12:00"),  # Wednesday
        ("2026-11-23T00:01", "2026-11-20T00:01"),  # a Monday's first minute makes no Friday's evening late
        ("2026-11-23T12:00", "2026-11-20T12:00"),
        ("2026-11-21T12:00", "2026-11-20T00:00"),  # through a weekend time stands
        ("2026-11-22T23:59", "2026-11-20T00:00"),
    ],
)
def test_a_weekend_makes_no_check_late(now: str, since: str) -> None:
    moscow = ZoneInfo("Europe/Moscow")
    moment = datetime.fromisoformat(now).replace(tzinfo=moscow)
    assert deadlines.working_days_ago(1, moment, moscow) == datetime.fromisoformat(since).replace(
        tzinfo=moscow
    )


def test_the_first_page_counts_late_checks_and_turns_red_with_the_first_overdue() -> None:
    def card() -> dashboard.Card:
        return next(each for each in dashboard.to_do(NOON) if each.title == "Чек опаздывает")

    assert (card().figure, card().tone) == ("0", "done")
    make_receipt(issued_at=NOON - timedelta(days=2))
    assert (card().figure, card().tone) == ("1", "held")
    make_receipt(issued_at=NOON - timedelta(days=6), state=State.HELD)
    assert (card().figure, card().tone) == ("2", "rejected")
    assert "Просрочено: 1." in card().note
    assert card().address.endswith("?check=late")


def test_lists_that_are_worked_off_begin_with_what_waits_longest(office: Client) -> None:
    now = timezone.now()
    new = make_receipt(state=State.HELD, accepted_at=now)
    old = make_receipt(state=State.HELD, accepted_at=now - timedelta(days=3))
    assert listed(office, state__exact="held") == [old.pk, new.pk]
    assert listed(office) == [new.pk, old.pk]


def test_p08_a_receipt_that_was_given_back_says_so_above_everything(office: Client) -> None:
    receipt = make_receipt(state=State.FISCALISED)
    assert "уже возвращены" not in read(office, f"{LIST}{receipt.pk}/change/")
    refund = given_back(receipt)
    page = read(office, f"{LIST}{receipt.pk}/change/")
    assert "Деньги уже возвращены клиенту" in page
    assert f"{LIST}{refund.pk}/change/" in page
    Receipt.objects.filter(pk=refund.pk).update(state=State.ANNULLED)
    assert "уже возвращены" not in read(office, f"{LIST}{receipt.pk}/change/")


def test_p01_a_withdrawal_of_a_refunded_receipt_says_that_the_money_is_back(office: Client) -> None:
    receipt = make_receipt(state=State.FISCALISED)
    row = make_withdrawal(receipt=receipt)
    page = read(office, f"{WITHDRAWALS}{row.pk}/change/")
    assert f"{LIST}{receipt.pk}/act/refund/" in page
    assert f"{LIST}{receipt.pk}/act/correct/" in page
    given_back(receipt)
    page = read(office, f"{WITHDRAWALS}{row.pk}/change/")
    assert "Деньги уже возвращены клиенту" in page
    assert "Второй раз возвращать нечего" in page
    assert "/act/refund/" not in page
    assert "деньги уже возвращены" in read(office, f"{WITHDRAWALS}{row.pk}/end/")


def test_p01_a_task_whose_refund_waits_for_a_senior_leads_there(office: Client) -> None:
    receipt = make_receipt(state=State.FISCALISED)
    row = make_withdrawal(receipt=receipt)
    asked = Approval.objects.create(
        action=Action.REFUND, subject=str(receipt.pk), agent=receipt.agent,
        asked_by=make_staff(Role.OPERATOR), asked_at=timezone.now(),
    )  # fmt: skip
    page = read(office, f"{WITHDRAWALS}{row.pk}/change/")
    assert f"/admin/backoffice/approval/{asked.pk}/change/" in page
    assert "/act/refund/" not in page


def test_f08_receipt_and_difference_lead_to_each_other(office: Client) -> None:
    receipt = make_receipt(state=State.FISCALISED)
    make_delivery(receipt=receipt, stage="done", due_at=None)
    row = differing(receipt)
    page = read(office, f"{LIST}{receipt.pk}/change/")
    assert "Сверка нашла расхождение с КИАС" in page
    assert f"/admin/sync/reconciliationfinding/{row.pk}/change/" in page
    assert f"/admin/sync/delivery/{receipt.pk}/change/" in page
    assert f"{LIST}{receipt.pk}/change/" in read(
        office, f"/admin/sync/reconciliationfinding/{row.pk}/change/"
    )
    ReconciliationFinding.objects.update(closed_at=timezone.now(), closed_text="Лишний сторнирован.")
    page = read(office, f"{LIST}{receipt.pk}/change/")
    assert "Сверка нашла расхождение" not in page
    assert "Лишний сторнирован." in page


def test_p09_where_the_period_is_closed_the_accounting_date_is_the_first_button() -> None:
    senior = staff_client(Role.SENIOR)
    receipt = make_receipt(state=State.REJECTED, reason="closed_period", acts="office")
    page = read(senior, f"{LIST}{receipt.pk}/change/")
    assert page.index("Задать дату проводки") < page.index("Передать снова")


def test_a_refusal_that_nobody_has_met_is_said_to_be_one() -> None:
    assert reasons.of(State.REJECTED, "E_77") == "КИАС отказал, код незнакомый: E_77"
    assert reasons.of(State.REJECTED, "closed_period") == "Период в КИАС закрыт"
    assert reasons.of(State.HELD, "withdrawn") == "Отменена агентом"


def _said_by_the_adapter() -> list[str]:
    """Every sentence that the adapter to KIAS writes down of a failed call, a figure or word in its gaps."""
    found = []
    for path in Path("sync/kias").glob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if not (isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.args):
                continue
            if node.func.id not in {"KiasUnavailableError", "KiasUnknownError"}:
                continue
            said = node.args[0]
            if isinstance(said, ast.Constant):
                found.append(str(said.value))
            elif isinstance(said, ast.JoinedStr):
                parts = [part.value if isinstance(part, ast.Constant) else "503" for part in said.values]
                found.append("".join(str(part) for part in parts))
    return found


def test_every_failed_call_is_told_in_russian() -> None:
    said = _said_by_the_adapter()
    assert len(said) > 12
    for detail in said:
        assert re.search("[а-яё]{3}", call_words.words(detail)), detail
    assert call_words.words("нет в КИАС") == "нет в КИАС"
    assert call_words.words("login: answer lost: ReadTimeout") == "вход: ответ КИАС потерялся (ReadTimeout)"


def _line(name: str, *samples: tuple[str, float]) -> Line:
    found = Figures([(key, {}, value) for key, value in samples])
    return next(line for line in dict(system_state.sections(found))["Передача в КИАС"] if line.name == name)


def test_p37_while_kias_is_maintained_what_waits_for_it_alarms_nobody() -> None:
    waiting = [("kias_deliveries_waiting", 40.0), ("kias_deliveries_oldest_seconds", 7200.0)]
    assert _line("Ждут КИАС", *waiting).level == LOOK
    for rest in ("kias_maintenance", "kias_pause"):
        line = _line("Ждут КИАС", *waiting, (rest, 1.0))
        assert line.level == FACT
        assert "уйдут сами" in line.note


def test_ops_read_where_late_checks_are_listed_and_that_the_database_is_older() -> None:
    found = Figures(
        [
            ("kias_checks_late", {"level": "warn"}, 3.0),
            ("kias_checks_late", {"level": "alarm"}, 1.0),
            ("kias_database_behind", {}, 1.0),
        ]
    )
    lines = {line.name: line for _, part in system_state.sections(found) for line in part}
    assert lines["Чека нет дольше срока"].level == ALARM
    assert "«Чек опаздывает»" in lines["Чека нет дольше срока"].note
    assert lines["База данных"].level == ALARM


def test_titles_and_columns_of_the_office_begin_with_a_capital(office: Client) -> None:
    row = differing(make_receipt(state=State.FISCALISED))
    assert str(row).startswith("Дважды в КИАС: ")
    make_attempt(delivery=make_delivery(receipt=make_receipt()))
    assert "Что делали" in read(office, "/admin/sync/attempt/")
