"""The office's list of withdrawals with its tasks (P01), and the directory of KIAS's refusals (P09)."""

import uuid
from datetime import UTC, datetime

import pytest
from django.contrib.admin.models import LogEntry
from django.db import IntegrityError, transaction
from django.test import Client

from backoffice.roles import Role
from receipts import withdrawals
from receipts.models import Withdrawal
from receipts.states import State
from sync.models import KiasRefusal
from sync.relay import refusals
from tests.support.factories import make_agent, make_installation
from tests.support.office import make_receipt, make_withdrawal, read, staff_client

pytestmark = pytest.mark.django_db
LIST = "/admin/receipts/withdrawal/"
REFUSALS = "/admin/sync/kiasrefusal/"


@pytest.fixture
def office() -> Client:
    return staff_client(Role.OPERATOR)


def found(office: Client, **query: str) -> set[uuid.UUID]:
    return {row.pk for row in office.get(LIST, query).context["cl"].queryset}


def test_p01_the_list_tells_what_each_withdrawal_did_and_which_tasks_wait(office: Client) -> None:
    task, held = make_withdrawal(), make_withdrawal(effect="held")
    annulled = make_withdrawal(effect="annulled", reason="other", text="")
    page = read(office, LIST)
    for shown in ("решает офис", "квитанцию проверяет офис", "ошибка в сумме", "другое"):
        assert shown in page
    assert "решил офис" not in page
    assert task.receipt.number in page
    assert found(office, ended="no") == {task.pk}
    assert found(office, effect__exact="held") == {held.pk}
    assert found(office, q=annulled.receipt.number.lower()) == {annulled.pk}
    assert found(office, agent__id__exact=str(held.agent_id)) == {held.pk}


def test_one_page_shows_receipt_and_withdrawal(office: Client) -> None:
    row = make_withdrawal()
    page = read(office, f"{LIST}{row.pk}/change/")
    for shown in (
        row.receipt.number,
        "Сидорова Аглая Потаповна",
        "ошибка в сумме: вместо 3 000 ввёл 30 000",
        "Копию клиент видел",
        "4\u00a0мин",
        "чек готов",
        "Задача решена",
    ):
        assert shown in page
    assert "0411123456" not in page


def test_p01_a_person_ends_the_task_with_words_and_it_is_history(office: Client) -> None:
    row = make_withdrawal()
    assert row.receipt.number in read(office, f"{LIST}{row.pk}/end/")
    assert office.post(f"{LIST}{row.pk}/end/", {"text": "  "}).status_code == 200
    row.refresh_from_db()
    assert row.ended_at is None
    answer = office.post(f"{LIST}{row.pk}/end/", {"text": "Вернули 3 245,50 ₽ клиенту."}, follow=True)
    assert "Задача решена." in answer.content.decode()
    assert "решил офис" in read(office, LIST)
    row.refresh_from_db()
    assert (row.ended_by, row.ended_text) == (office.person, "Вернули 3 245,50 ₽ клиенту.")  # type: ignore[attr-defined]
    assert LogEntry.objects.filter(object_id=str(row.pk), change_message="Задача по отмене решена").exists()
    assert found(office, ended="no") == set()
    again = office.post(f"{LIST}{row.pk}/end/", {"text": "ещё раз"})
    assert "Эту задачу уже закрыли" in again.content.decode()
    row.refresh_from_db()
    assert row.ended_text == "Вернули 3 245,50 ₽ клиенту."


def test_only_tasks_are_ended_and_only_by_whoever_may(office: Client) -> None:
    held = make_withdrawal(effect="held")
    assert f"{LIST}{held.pk}/end/" not in read(office, f"{LIST}{held.pk}/change/")
    assert "Эту задачу уже закрыли" in office.post(f"{LIST}{held.pk}/end/", {"text": "x"}).content.decode()
    auditor = staff_client(Role.AUDITOR)
    task = make_withdrawal()
    assert f"{LIST}{task.pk}/end/" not in read(auditor, f"{LIST}{task.pk}/change/")
    assert auditor.post(f"{LIST}{task.pk}/end/", {"text": "x"}).status_code == 403
    assert office.get(f"{LIST}{uuid.uuid4()}/end/").status_code == 404
    assert office.get(f"{LIST}nothing/change/").status_code == 302


def test_the_database_ends_no_task_without_a_person_and_words() -> None:
    row = make_withdrawal()
    for given in ({"ended_at": datetime.now(UTC)}, {"ended_text": "сделано"}):
        with pytest.raises(IntegrityError), transaction.atomic():
            Withdrawal.objects.filter(pk=row.pk).update(**given)
    with pytest.raises(withdrawals.NoAnswerError):
        withdrawals.end_task(row.pk, staff=make_agent(), text=" ", now=datetime.now(UTC))


def test_the_first_page_counts_the_open_tasks(office: Client) -> None:
    make_withdrawal()
    page = read(office, "/admin/")
    assert "Агент отменил, а квитанция уже в КИАС." in page
    assert f"{LIST}?ended=no" in page


def test_p08_the_receipts_page_shows_withdrawal_and_chain_and_what_does_not_count(office: Client) -> None:
    installation = make_installation(agent=make_agent())
    old = make_receipt(installation=installation, state=State.REJECTED, acts="agent")
    new = make_receipt(installation=installation, replaces=old.pk)
    make_withdrawal(receipt=new, effect="nothing")
    page = read(office, f"/admin/receipts/receipt/{old.pk}/change/")
    assert new.number in page
    assert page.count("не считается") == 1
    page = read(office, f"/admin/receipts/receipt/{new.pk}/change/")
    assert old.number in page
    assert "вместо 3 000 ввёл 30 000" in page


def test_p01_whoever_lets_a_withdrawn_receipt_go_reads_that_its_agent_took_it_back(office: Client) -> None:
    receipt = make_receipt(state="held", reason="doubtful_date")
    address = f"/admin/receipts/receipt/{receipt.pk}/act/release/"
    assert "Агент отменил" not in read(office, address)
    make_withdrawal(receipt=receipt, effect="held", reason="policy")
    assert "Агент отменил эту квитанцию: не тот полис." in read(office, address)


@pytest.mark.parametrize("text", ["<script>alert(1)</script>", "\u202eоборот", "=1+1"])
def test_p31_what_an_agent_wrote_is_only_text(office: Client, text: str) -> None:
    row = make_withdrawal(text=text, reason="other")
    for address in (LIST, f"{LIST}{row.pk}/change/", f"{LIST}{row.pk}/end/"):
        page = read(office, address)
        assert "<script>alert" not in page
        assert "\u202e" not in page


def test_p09_seniors_keep_the_directory_of_refusals_and_operators_read_it(office: Client) -> None:
    refusals.fill()
    assert "bad_policy" in read(office, REFUSALS)
    assert office.post(f"{REFUSALS}bad_policy/change/", {"acts": "office", "text": "x"}).status_code == 403
    senior = staff_client(Role.SENIOR)
    read(senior, f"{REFUSALS}bad_policy/change/")
    given = {"acts": "agent", "text": "Проверьте полис: {reason}", "field": "policy_series"}
    assert senior.post(f"{REFUSALS}bad_policy/change/", given).status_code == 302
    assert KiasRefusal.objects.get(pk="bad_policy").field == "policy_series"
    wrong = senior.post(f"{REFUSALS}sum_limit/change/", {"acts": "office", "text": "x", "field": "amount"})
    assert "Поле отмечается, только если действует агент" in wrong.content.decode()
    foreign = senior.post(f"{REFUSALS}bad_policy/change/", given | {"field": "password"})
    assert foreign.status_code == 200
    made = senior.post(f"{REFUSALS}add/", given | {"code": "Z-17"})
    assert made.status_code == 302
    assert refusals.lookup("Z-17", "нет").text == "Проверьте полис: нет"
