"""Two people (P20): one asks, another confirms with a fresh code; both stand in the history."""

from datetime import timedelta
from functools import partial
from typing import Any

import pytest
from django.contrib.admin.models import LogEntry
from django.db import IntegrityError, transaction
from django.test import Client
from django.utils import timezone

from accounts.models import AgentStatus, OfficeCode
from backoffice import approvals, html
from backoffice.approvals import Wish
from backoffice.models import Action, Approval, Decision
from backoffice.roles import Role
from receipts.models import Receipt
from receipts.states import State
from tests.support.elsewhere import Elsewhere
from tests.support.factories import make_agent, make_installation
from tests.support.login import Browser
from tests.support.office import make_delivery, make_receipt, make_staff, staff_client, token
from tests.support.phone import wait_until

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("first_epoch")]


def act(browser: Client, receipt: Receipt, name: str, **typed: str) -> Any:
    address = html.page_of(receipt).replace("/change/", f"/act/{name}/")
    return browser.post(address, {"reason": "Агент ошибся в сумме"} | typed)


def decide(browser: Client, asked: Approval, verb: str, **typed: str) -> Any:
    return browser.post(html.page_of(asked).replace("/change/", f"/{verb}/"), typed)


def confirm(browser: Client, asked: Approval) -> Any:
    return decide(browser, asked, "confirm", token=token(browser.person))  # type: ignore[attr-defined]


def annulling(**given: Any) -> Receipt:
    return make_receipt(**{"state": State.HELD, "reason": "doubtful_date"} | given)


def test_p20_annulling_waits_for_a_senior_and_both_stand_in_the_history(
    operator: Client, senior: Client
) -> None:
    receipt = annulling()
    assert act(operator, receipt, "annul").status_code == 302
    receipt.refresh_from_db()
    assert receipt.state == State.HELD
    asked = Approval.objects.get()
    assert "Ждёт подтверждения" in operator.get(html.page_of(receipt)).content.decode()
    assert confirm(senior, asked).status_code == 302
    receipt.refresh_from_db()
    assert receipt.state == State.ANNULLED
    event = receipt.events.last()
    assert event.staff == senior.person  # type: ignore[attr-defined]
    assert (
        event.text == "Агент ошибся в сумме. Решили: Орлов\u00a0П.\u00a0И. и Седова\u00a0И.\u00a0Л."
    )  # what the agent reads
    page = senior.get(html.page_of(receipt)).content.decode()
    assert "Решения офиса" in page
    assert "Орлов\u00a0П.\u00a0И. и Седова\u00a0И.\u00a0Л." in page
    notes = LogEntry.objects.filter(action_flag=2).values_list("user_id", flat=True)
    assert set(notes) == {operator.person.pk, senior.person.pk}  # type: ignore[attr-defined]


def test_p20_nobody_confirms_what_he_asked_for_himself(senior: Client) -> None:
    receipt = annulling()
    act(senior, receipt, "annul")
    asked = Approval.objects.get()
    assert "Решает старший, который не просил" in confirm(senior, asked).content.decode()
    assert ">Подтвердить<" not in senior.get(html.page_of(asked)).content.decode()
    receipt.refresh_from_db()
    assert receipt.state == State.HELD


def test_p20_the_agent_concerned_never_confirms_even_as_a_senior(operator: Client, senior: Client) -> None:
    agent = senior.person  # type: ignore[attr-defined]
    agent.agent_status, agent.phone_number = AgentStatus.WORKING, "+79120000001"
    agent.save()
    receipt = annulling(installation=make_installation(agent=agent))
    act(operator, receipt, "annul")
    assert "Решает старший, который не просил" in confirm(senior, Approval.objects.get()).content.decode()


def test_p20_the_database_refuses_equal_people() -> None:
    person, now = make_staff(Role.SENIOR), timezone.now()
    fields = {"action": Action.ANNUL, "subject": "1", "asked_by": person, "asked_at": now, "decided_at": now}
    for wrong in (
        {"decided_by": person, "decision": Decision.CONFIRMED},
        {"decided_by": make_staff(Role.SENIOR), "agent": None, "decision": ""},  # decided without a decision
        {"decided_by": None, "decision": Decision.CONFIRMED},  # a decision without its person
    ):
        with pytest.raises(IntegrityError), transaction.atomic():
            Approval.objects.create(**fields | wrong)
    other = make_staff(Role.SENIOR)
    with pytest.raises(IntegrityError), transaction.atomic():
        Approval.objects.create(**fields, agent=other, decided_by=other, decision=Decision.CONFIRMED)


@pytest.mark.parametrize("role", [Role.OPERATOR, Role.AUDITOR, Role.OPS])
def test_p20_only_a_senior_confirms(operator: Client, role: Role) -> None:
    act(operator, annulling(), "annul")
    asked = Approval.objects.get()
    other = staff_client(role)
    assert confirm(other, asked).status_code == 403
    assert decide(other, asked, "decline", reason="нет").status_code == 403


def test_p20_confirming_asks_for_a_fresh_code(operator: Client, senior: Client) -> None:
    act(operator, annulling(), "annul")
    asked = Approval.objects.get()
    assert decide(senior, asked, "confirm", token="000000").status_code == 200
    assert decide(senior, asked, "confirm").status_code == 200
    asked.refresh_from_db()
    assert asked.decision == ""


def test_p20_a_code_once_used_confirms_nothing(operator: Client, senior: Client) -> None:
    first, second = annulling(), annulling()
    for receipt in (first, second):
        act(operator, receipt, "annul")
    code = token(senior.person)  # type: ignore[attr-defined]
    one, two = Approval.objects.order_by("pk")
    assert decide(senior, one, "confirm", token=code).status_code == 302
    assert decide(senior, two, "confirm", token=code).status_code == 200
    second.refresh_from_db()
    assert second.state == State.HELD


def test_a_request_needs_a_reason_and_is_asked_once(operator: Client) -> None:
    receipt = annulling()
    assert act(operator, receipt, "annul", reason=" ").status_code == 200
    assert not Approval.objects.exists()
    act(operator, receipt, "annul")
    again = act(operator, receipt, "annul", reason="Ещё раз")
    assert "Об этом уже попросили" in again.content.decode()
    assert "Ещё раз" in again.content.decode()  # nothing typed is lost by a refusal
    assert Approval.objects.count() == 1


def test_a_senior_declines_with_a_reason_that_the_asker_reads(operator: Client, senior: Client) -> None:
    receipt = annulling()
    act(operator, receipt, "annul")
    asked = Approval.objects.get()
    assert decide(senior, asked, "decline", reason="").status_code == 200
    assert decide(senior, asked, "decline", reason="Чек уже ждёт клиент").status_code == 302
    assert "Чек уже ждёт клиент" in operator.get(html.page_of(asked)).content.decode()
    assert "уже решили" in confirm(senior, asked).content.decode()
    act(operator, receipt, "annul")  # and may be asked again
    assert Approval.objects.filter(decision="").count() == 1


def test_the_asker_takes_his_request_back_and_nobody_else_does(operator: Client, senior: Client) -> None:
    act(operator, annulling(), "annul")
    asked = Approval.objects.get()
    decide(senior, asked, "withdraw")
    asked.refresh_from_db()
    assert asked.decision == ""
    assert operator.get(html.page_of(asked).replace("/change/", "/withdraw/")).status_code == 403
    decide(operator, asked, "withdraw")
    asked.refresh_from_db()
    assert asked.decision == Decision.WITHDRAWN


def test_what_can_no_longer_be_done_lapses_and_says_why(operator: Client, senior: Client) -> None:
    receipt = annulling()
    act(operator, receipt, "annul")
    Receipt.objects.filter(pk=receipt.pk).update(state=State.REGISTERED, kias_isn="1700001", reason="")
    asked = Approval.objects.get()
    confirm(senior, asked)
    asked.refresh_from_db()
    assert asked.decision == Decision.LAPSED
    assert asked.outcome.startswith("Не выполнено. Эта квитанция уже в КИАС")


@pytest.mark.parametrize(("amount", "state"), [(1_500_000, State.ACCEPTED), (1_500_001, State.HELD)])
def test_p20_a_release_above_the_limit_waits_for_a_senior(operator: Client, amount: int, state: str) -> None:
    receipt = annulling(amount=amount)
    act(operator, receipt, "release")
    receipt.refresh_from_db()
    assert receipt.state == state
    assert Approval.objects.get().decision == ("" if state == State.HELD else Decision.ALONE)


def test_p20_one_person_is_enough_where_the_setting_says_so(operator: Client, settings: Any) -> None:
    settings.TWO_PEOPLE = False
    receipt = annulling()
    act(operator, receipt, "annul")
    receipt.refresh_from_db()
    assert receipt.state == State.ANNULLED
    assert receipt.events.last().text == "Агент ошибся в сумме."


def test_p16_an_office_code_is_asked_by_one_confirmed_by_another_and_shown_once(
    operator: Client, senior: Client
) -> None:
    agent, phone = make_agent(last_name="Антонова"), Browser()
    phone.ask(agent.phone_number)
    find = f"/admin/accounts/officecode/find/?sign={phone.attempt.sign.lower()}"
    ask = operator.get(find).headers["Location"]  # of the attempt: signs are given out anew
    assert str(phone.attempt.attempt) in ask
    page = operator.get(ask).content.decode()
    assert "Антонова" in page
    assert agent.phone_number not in page  # masked
    assert operator.post(ask, {"reason": "узнал по голосу"}).status_code == 302
    assert not OfficeCode.objects.exists()
    confirm(senior, Approval.objects.get())
    code = OfficeCode.objects.get()
    show = html.page_of(code).replace("/change/", "/show/")
    assert operator.get(show).status_code == 403
    assert senior.post(show).status_code == 403  # who asked holds the agent on the line
    digits = operator.post(show).context["digits"].replace(" ", "")
    assert "уже показан" in operator.post(show).content.decode()
    assert phone.post("login/confirm", {"code": digits}).status_code == 200
    assert "Показан код для входа" in LogEntry.objects.filter(action_flag=4).latest("pk").change_message


def test_p16_unknown_signs_are_told_kindly(operator: Client) -> None:
    page = operator.get("/admin/accounts/officecode/find/?sign=ХХХХ").content.decode()
    assert "Входа с такими знаками сейчас нет" in page
    assert staff_client(Role.AUDITOR).get("/admin/accounts/officecode/find/").status_code == 403


def test_p25_a_new_number_takes_two_people(operator: Client, senior: Client) -> None:
    agent = make_agent(phone_number="+79120000001")
    address = html.page_of(agent).replace("/change/", "/number/")
    taken = make_agent(phone_number="+79120000009").phone_number
    for typed, words in (
        ("123", "телефон"),
        (taken, "за другим человеком"),
        ("8 912 000-00-01", "и есть номер"),
    ):
        assert (
            words in operator.post(address, {"phone_number": typed, "reason": "новая SIM"}).content.decode()
        )
    assert (
        operator.post(address, {"phone_number": "8 912 000-00-02", "reason": "новая SIM"}).status_code == 302
    )
    agent.refresh_from_db()
    assert agent.phone_number == "+79120000001"
    asked = Approval.objects.get()
    assert "+79120000002" not in senior.get(html.page_of(asked)).content.decode()
    confirm(senior, asked)
    agent.refresh_from_db()
    assert agent.phone_number == "+79120000002"


def test_p17_closing_an_agent_with_unsent_receipts_takes_a_senior(operator: Client, senior: Client) -> None:
    agent = make_agent()
    make_installation(agent=agent, waiting_count=3, waiting_sum=973_500)
    page = html.page_of(agent)
    assert "Закрыть, хотя есть неотправленные" in operator.get(page).content.decode()
    operator.post(page.replace("/change/", "/close/"), {"reason": "телефон утонул"})
    agent.refresh_from_db()
    assert agent.agent_status == AgentStatus.WORKING
    confirm(senior, Approval.objects.get())
    agent.refresh_from_db()
    assert agent.agent_status == AgentStatus.CLOSED


def test_the_list_says_what_who_why_and_since_when(operator: Client, senior: Client) -> None:
    receipt = annulling()
    act(operator, receipt, "annul")
    Approval.objects.update(asked_at=timezone.now() - timedelta(days=9))
    page = senior.get("/admin/backoffice/approval/?open=yes").content.decode()
    for words in (
        receipt.number,
        "просит Орлов\u00a0П.\u00a0И.",
        "Агент ошибся в сумме",
        "9\u00a0дней",
        "Аннулировать",
    ):
        assert words in page
    card = next(c for c in senior.get("/admin/").context["cards"] if c.title == "Ждут подтверждения")
    assert (card.figure, card.tone) == ("1", "rejected")


@pytest.mark.django_db(transaction=True)
def test_p20_two_seniors_at_once_do_it_once() -> None:
    """The second waits for the first and hears that it is decided."""
    receipt, now = annulling(), timezone.now()
    make_delivery(receipt=receipt)
    operator, one, other = (make_staff(role) for role in (Role.OPERATOR, Role.SENIOR, Role.SENIOR))
    wish = Wish(Action.ANNUL, str(receipt.pk), receipt.agent, {}, receipt.amount)
    asked = approvals.ask(wish, by=operator, reason="ошибка", now=now)
    with transaction.atomic():
        approvals.confirm(asked.pk, by=one, now=now)
        second = Elsewhere(partial(approvals.confirm, asked.pk, by=other, now=now)).begin()
        wait_until(second.waits_for_a_lock)
    with pytest.raises(approvals.DecidedAlreadyError):
        second.result()
    assert receipt.events.filter(state=State.ANNULLED).count() == 1
    assert Approval.objects.get().decided_by == one
