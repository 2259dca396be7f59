"""Agents' work and phones as the office keeps them: status, silence, numbers, gaps, revoking (P17, P25)."""

from datetime import timedelta
from typing import Any

import pytest
from django.contrib.admin.models import LogEntry
from django.test import Client
from django.utils import timezone

from accounts.models import AgentNotice, Installation, User
from backoffice import counters, dashboard, html
from backoffice.roles import Role
from receipts import spoiled
from receipts.numbers import format_number
from tests.support.factories import installation_id, make_agent, make_installation, make_phone
from tests.support.office import office_client, staff_client

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("keys")]


@pytest.fixture
def office() -> Client:
    return office_client()


def changed(person: User, **given: Any) -> dict[str, Any]:
    known = {
        name: getattr(person, name) or ""
        for name in ("last_name", "first_name", "middle_name", "agent_status", "username")
    }
    return known | {"agent_contract": person.agent_contract} | given


def last_words() -> str:
    return str(LogEntry.objects.latest("id").get_change_message())


def test_p20_nobody_changes_a_number_alone_once_it_is_set(office: Client) -> None:
    agent = make_agent()
    page = html.page_of(agent)
    form = office.get(page).context["adminform"].form
    assert "phone_number" not in form.fields
    assert office.post(page, changed(agent, phone_number="+79120007788")).status_code == 302
    assert User.objects.get(pk=agent.pk).phone_number == agent.phone_number


def test_a_number_is_set_freely_where_there_is_none(office: Client) -> None:
    person = make_agent(phone_number=None, agent_status="")
    page = html.page_of(person)
    posted = changed(person, phone_number="8 912 000-77-88", agent_status="working")
    assert office.post(page, posted).status_code == 302
    assert User.objects.get(pk=person.pk).phone_number == "+79120007788"


def test_p17_closing_with_unsent_receipts_is_refused_at_its_field() -> None:
    agent = make_agent()
    make_installation(agent=agent, waiting_count=3, waiting_sum=973_500)
    operator = staff_client(Role.OPERATOR)
    answer = operator.post(html.page_of(agent), changed(agent, agent_status="closed", status_reason="Надо"))
    assert "3 шт." in answer.context["adminform"].form.errors["agent_status"][0]
    assert User.objects.get(pk=agent.pk).agent_status == "working"
    assert "3\u00a0квитанции на 9\u202f735\u00a0₽" in answer.content.decode()


def test_p17_a_senior_closes_with_a_reason_that_stands_in_the_history() -> None:
    agent = make_agent()
    make_installation(agent=agent, waiting_count=3, waiting_sum=973_500)
    senior = staff_client(Role.SENIOR)
    page = html.page_of(agent)
    answer = senior.post(page, changed(agent, agent_status="closed"))
    assert "Напишите причину" in answer.context["adminform"].form.errors["status_reason"][0]
    assert senior.post(page, changed(agent, agent_status="closed", status_reason="Утонул")).status_code == 302
    closed = User.objects.get(pk=agent.pk)
    assert closed.agent_status == "closed"
    assert closed.status_since is not None
    assert any("закрыт. Причина: Утонул" in str(row.get_change_message()) for row in LogEntry.objects.all())


def test_p17_who_was_dismissed_long_ago_is_shown_as_due_to_be_closed(office: Client) -> None:
    agent = make_agent(
        last_name="Увольнев", agent_status="handover_only", status_since=timezone.now() - timedelta(days=91)
    )
    make_agent(last_name="Работник")
    listed = office.get("/admin/accounts/user/", {"care": "due"})
    assert list(listed.context["cl"].queryset) == [agent]
    assert "пора закрыть" in listed.content.decode()


def test_p17_the_dashboard_and_the_filter_show_the_dismissed_with_unsent_receipts(office: Client) -> None:
    title = "Уволены, есть неотправленные"
    assert title not in {card.title for card in dashboard.to_do(timezone.now())}
    agent = make_agent(agent_status="handover_only")
    make_installation(agent=agent, waiting_count=3, waiting_sum=973_500)
    make_installation(agent=make_agent(), waiting_count=1, waiting_sum=1)
    (card,) = (card for card in dashboard.to_do(timezone.now()) if card.title == title)
    assert card.figure == "1"
    assert "3\u00a0квитанции на 9\u202f735\u00a0₽" in card.note
    assert list(office.get(card.address).context["cl"].queryset) == [agent]


def test_p25_a_silent_agent_is_opened_again_by_the_office(office: Client) -> None:
    then = timezone.now() - timedelta(days=200)
    agent = make_agent(status_since=then, date_joined=then)
    assert list(office.get("/admin/accounts/user/", {"care": "silent"}).context["cl"].queryset) == [agent]
    address = html.page_of(agent).replace("/change/", "/open-again/")
    assert "Открыть вход" in office.get(html.page_of(agent)).content.decode()
    done = office.post(address, {"_form_submitted": "True"})
    assert done.headers["HX-Redirect"] == html.page_of(agent)
    agent.refresh_from_db()
    assert agent.opened_at is not None
    assert last_words() == "Вход открыт после долгого молчания"
    assert office.post(address, {"_form_submitted": "True"}).status_code == 403  # nothing to open any more
    assert staff_client(Role.AUDITOR).post(address, {"_form_submitted": "True"}).status_code == 403


def test_f20_gaps_are_what_neither_a_receipt_nor_a_report_nor_an_exception_accounts_for() -> None:
    phone = make_phone()
    first, _, third, _ = (phone.issue() for _ in range(4))
    phone.send(first, third)
    strange = phone.issue(amount="сто")  # cannot become a receipt: kept as an exception
    assert phone.send(strange)[0]["reason"] == "malformed_content"
    installation = Installation.objects.get(pk=installation_id(phone))
    spoiled.record(installation.pk, [format_number(installation.code, 2)], now=timezone.now())
    phone.contact()
    installation.refresh_from_db()
    assert counters.gaps_of(installation) == [(installation.code, [(4, 4)])]
    phone.counter = 8
    phone.contact()
    installation.refresh_from_db()
    assert counters.gaps_of(installation) == [(installation.code, [(4, 4), (6, 8)])]


def test_f20_the_gaps_of_a_former_code_stand_beside_the_present_one_s(office: Client) -> None:
    phone = make_phone()
    former = phone.installation["code"]
    phone.issue()
    second = phone.issue()
    phone.send(second)
    phone.contact()
    phone.contact(contact_token="a clone's")
    page = office.get(html.page_of(Installation.objects.get(pk=installation_id(phone)))).content.decode()
    assert f"{former}: 00001" in page
    assert former != phone.installation["code"]


def test_f35_revoking_takes_a_reason_and_tells_his_other_phones(office: Client) -> None:
    agent = make_agent()
    lost, other = make_installation(agent=agent), make_installation(agent=agent)
    address = html.page_of(lost).replace("/change/", "/revoke/")
    refused = office.post(address, {"_form_submitted": "True", "reason": " "})
    assert "HX-Redirect" not in refused.headers
    assert Installation.objects.get(pk=lost.pk).revoked_at is None
    done = office.post(address, {"_form_submitted": "True", "reason": "Украден, звонил сам"})
    assert done.headers["HX-Redirect"] == html.page_of(lost)
    assert last_words() == "Установка отозвана. Причина: Украден, звонил сам"
    notice = AgentNotice.objects.get()
    assert notice.installation == other
    assert "отозван офисом" in notice.text
    assert "отозван офисом" in office.get(html.page_of(other)).content.decode()
