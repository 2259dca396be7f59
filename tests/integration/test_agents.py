"""Agents silent, dismissed, closed (P17, P25)."""

from datetime import timedelta
from typing import Any

import pytest
from django.conf import settings as configured
from django.utils import timezone

from accounts import agents
from accounts.models import AgentSession, AgentStatus, Installation, User
from receipts.models import Receipt
from tests.support.factories import installation_id, make_agent, make_installation, make_phone
from tests.support.login import Browser, refusal
from tests.support.phone import moment

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("keys")]
LONG_AGO = timedelta(days=400)


def silent_agent(**given: Any) -> User:
    """Nothing was heard of him since long ago."""
    then = timezone.now() - LONG_AGO
    return make_agent(**{"status_since": then, "date_joined": then} | given)


def test_p25_a_silent_agent_s_right_code_is_refused_with_the_office_s_telephone() -> None:
    agent = silent_agent()
    make_installation(agent=agent, last_contact_at=timezone.now() - timedelta(days=90))
    browser = Browser()
    assert browser.ask(agent.phone_number).status_code == 202
    assert refusal(browser.confirm(browser.wrong_code())) == (400, "wrong_code")  # tells a stranger nothing
    answer = browser.confirm(browser.read_code())
    assert refusal(answer) == (400, "locked")
    assert configured.OFFICE_PHONE in answer.json()["error"]["message"]
    assert not AgentSession.objects.exists()
    agents.open_again(agent, by=make_agent(), now=timezone.now())
    assert browser.confirm(browser.read_code()).status_code == 200  # the same code: he is on the telephone


@pytest.mark.parametrize(
    "heard_of",
    [
        {"opened_at": timedelta(days=89)},
        {"date_joined": timedelta(days=89)},
        {"status_since": timedelta(days=89)},
    ],
    ids=str,
)
def test_p25_being_opened_or_made_an_agent_counts_as_heard_of(heard_of: dict[str, timedelta]) -> None:
    now = timezone.now()
    agent = silent_agent(**{name: now - ago for name, ago in heard_of.items()})
    assert not agents.is_silent(agent, now=now)
    assert agents.is_silent(agent, now=now + timedelta(days=1))
    assert not User.objects.filter(agents.silent(now)).exists()
    assert User.objects.filter(agents.silent(now + timedelta(days=1))).get() == agent


def test_p25_a_contact_of_any_of_his_phones_or_sessions_counts() -> None:
    now = timezone.now()
    by_phone, by_session = silent_agent(), silent_agent()
    make_installation(agent=by_phone, last_contact_at=now - timedelta(days=89))
    make_installation(agent=by_phone, last_contact_at=now - LONG_AGO)
    AgentSession.objects.create(token_hash="x", agent=by_session, last_contact_at=now - timedelta(days=89))
    for agent in (by_phone, by_session):
        assert not agents.is_silent(agent, now=now)
        read = agents.with_last_contact(User.objects.all()).get(pk=agent.pk)
        assert agents.last_contact(read) == agents.last_contact(agent) == now - timedelta(days=89)
    assert not User.objects.filter(agents.silent(now)).exists()
    assert agents.last_contact(agents.with_last_contact(User.objects.all()).get(pk=silent_agent().pk)) is None


def test_p17_a_dismissed_agent_logs_in_and_hands_over_but_reads_and_changes_nothing() -> None:
    phone = make_phone()
    agent = Installation.objects.get(pk=installation_id(phone)).agent
    before = phone.issue()
    dismissed_at = timezone.now()
    agents.set_status(agent, "handover_only", by=make_agent(), reason="Уволен", now=dismissed_at)
    after = phone.issue(issued_at=moment(dismissed_at + timedelta(seconds=1)))
    assert [(row["result"], row.get("reason")) for row in phone.send(before, after)] == [
        ("accepted", None),
        ("held", "agent_closed"),
    ]
    assert phone.ping()["agent"]["status"] == "handover_only"
    assert phone.get("states").status_code == 403
    assert Browser().log_in(agent).json()["agent"]["status"] == "handover_only"


def test_p17_what_a_closed_agent_issued_before_is_held_too_and_never_refused() -> None:
    phone, carrier = make_phone(), make_phone()
    agent = Installation.objects.get(pk=installation_id(phone)).agent
    issued = phone.issue()
    agents.set_status(agent, "closed", by=make_agent(), reason="", now=timezone.now())
    assert phone.get("setup").status_code == 401
    (answer,) = carrier.send(issued)
    assert (answer["result"], answer["reason"]) == ("held", "agent_closed")
    assert Receipt.objects.get(pk=issued.id).agent == agent


def test_p17_closing_is_refused_while_his_phones_reported_unsent_receipts() -> None:
    agent, operator = make_agent(), make_agent()
    make_installation(agent=agent, waiting_count=2, waiting_sum=649_100)
    make_installation(agent=agent, waiting_count=1, waiting_sum=100, revoked_at=timezone.now())
    now = timezone.now()
    for status in ("closed", ""):
        with pytest.raises(agents.UnsentLeftError) as refused:
            agents.set_status(agent, status, by=operator, reason="Надо", now=now)
        assert "3 шт." in refused.value.message
    agents.set_status(agent, "handover_only", by=operator, reason="", now=now)  # handing over stays open
    agent.refresh_from_db()
    assert (agent.agent_status, agent.status_since) == ("handover_only", now)


def test_p17_a_senior_closes_him_all_the_same_with_a_reason_but_never_himself() -> None:
    agent, senior = make_agent(), make_agent(is_superuser=True)
    now = timezone.now()
    for each in (agent, senior):
        make_installation(agent=each, waiting_count=1, waiting_sum=100)
    with pytest.raises(agents.UnsentLeftError):
        agents.set_status(agent, "closed", by=senior, reason="  ", now=now)
    with pytest.raises(agents.UnsentLeftError):
        agents.set_status(senior, "closed", by=senior, reason="Сам себя", now=now)
    agents.set_status(agent, "closed", by=senior, reason="Телефон утонул", now=now)
    assert User.objects.get(pk=agent.pk).agent_status == AgentStatus.CLOSED


def test_p17_the_lists_of_the_dismissed() -> None:
    now = timezone.now()
    due = make_agent(agent_status="handover_only", status_since=now - timedelta(days=90))
    with_unsent = make_agent(agent_status="handover_only", status_since=now - timedelta(days=89))
    make_installation(agent=with_unsent, waiting_count=1)
    working = make_agent(status_since=now - LONG_AGO)
    make_installation(agent=working, waiting_count=1)
    assert list(User.objects.filter(agents.due_to_close(now))) == [due]
    assert [agents.is_due_to_close(each, now) for each in (due, with_unsent, working)] == [True, False, False]
    assert list(User.objects.filter(agents.dismissed_with_unsent())) == [with_unsent]


def test_a_status_that_stays_keeps_its_date() -> None:
    since = timezone.now() - LONG_AGO
    agent = make_agent(status_since=since)
    agents.set_status(agent, "working", by=make_agent(), reason="", now=timezone.now())
    assert User.objects.get(pk=agent.pk).status_since == since
