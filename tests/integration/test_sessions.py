"""Agents' sessions: how long they live, who ends them, what they open."""

from datetime import datetime, timedelta
from hashlib import sha256
from typing import Any

import pytest
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries
from rest_framework.permissions import BasePermission
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.test import APIRequestFactory
from rest_framework.views import APIView

from accounts import installations, sessions
from accounts.authentication import AnyBrowser, HasInstallation, HasSession, MayRead, session_of
from accounts.models import AgentSession, AgentStatus, User
from tests.support.factories import make_agent, make_installation
from tests.support.login import Browser, known_browser, refusal

pytestmark = pytest.mark.django_db


def ask_as(browser: Browser, permission: type[BasePermission]) -> Any:
    """GET a view that asks for this permission and tells who came."""

    class View(APIView):
        permission_classes = [permission]

        def get(self, request: Request) -> Response:
            session = request.auth and session_of(request)
            return Response({"agent": str(session.agent.id) if session else None})

    request = APIRequestFactory().get("/api/any")
    request.COOKIES.update({name: morsel.value for name, morsel in browser.client.cookies.items()})
    answer = View.as_view()(request).render()
    answer.json = lambda: answer.data
    return answer


def logged_in(agent: User | None = None) -> Browser:
    """A browser with a session bound to its installation."""
    browser = Browser()
    browser.log_in(agent or make_agent())
    assert browser.register().status_code == 200
    return browser


def test_only_the_hash_of_the_cookies_token_is_kept() -> None:
    session, token = sessions.open_for(make_agent(), now=timezone.now())
    row = AgentSession.objects.filter(pk=session.pk).values().get()
    assert token not in map(str, row.values())
    assert row["token_hash"] == sha256(token.encode()).hexdigest()


@pytest.mark.parametrize(
    ("since_contact", "since_sms", "lives"),
    [(0, 0, True), (29, 29, True), (31, 31, False), (1, 89, True), (1, 91, False), (0, 90, False)],
)
def test_a_session_lives_30_days_from_the_last_contact_and_90_from_the_sms(
    since_contact: int, since_sms: int, lives: bool
) -> None:
    now = timezone.now()
    session, token = sessions.open_for(make_agent(), now=now - timedelta(days=since_sms))
    AgentSession.objects.filter(pk=session.pk).update(last_contact_at=now - timedelta(days=since_contact))
    assert (sessions.find(token, now=now) is not None) is lives


def test_a_contact_is_noted_at_most_once_a_minute(
    django_assert_num_queries: DjangoAssertNumQueries,
) -> None:
    start = timezone.now()
    session, _ = sessions.open_for(make_agent(), now=start)
    with django_assert_num_queries(0):
        sessions.touch(session, now=start + timedelta(seconds=59))
    with django_assert_num_queries(1):
        sessions.touch(session, now=start + timedelta(seconds=60))
    with django_assert_num_queries(0):
        sessions.touch(session, now=start + timedelta(seconds=90))
    session.refresh_from_db()
    assert session.last_contact_at == start + timedelta(seconds=60)


def test_every_call_keeps_the_session_alive() -> None:
    browser = logged_in()
    AgentSession.objects.update(last_contact_at=timezone.now() - timedelta(days=29))
    ask_as(browser, AnyBrowser)
    assert timezone.now() - browser.session.last_contact_at < timedelta(minutes=1)


def test_finding_a_session_is_one_question_to_the_database(
    django_assert_num_queries: DjangoAssertNumQueries,
) -> None:
    browser = logged_in()
    with django_assert_num_queries(1):
        session = sessions.find(browser.cookie("kias_session"), now=timezone.now())
        assert session is not None
        assert session.installation is not None
        assert str(session.agent)


@pytest.mark.parametrize("token", ["", "garbage", "ы" * 43, "0" * 5000])
def test_garbage_instead_of_a_session_is_nobody(token: str) -> None:
    browser = Browser()
    browser.client.cookies["kias_session"] = token
    assert ask_as(browser, AnyBrowser).data == {"agent": None}
    assert refusal(ask_as(browser, HasSession)) == (401, "login_required")


def test_what_each_permission_asks_for() -> None:
    nobody, fresh, whole = Browser(), Browser(), logged_in()
    fresh.log_in(make_agent())
    expected = {
        (nobody, AnyBrowser): 200,
        (nobody, HasSession): 401,
        (nobody, HasInstallation): 401,
        (nobody, MayRead): 401,
        (fresh, HasSession): 200,
        (fresh, HasInstallation): 403,
        (fresh, MayRead): 403,
        (whole, HasSession): 200,
        (whole, HasInstallation): 200,
        (whole, MayRead): 200,
    }
    assert {who: ask_as(*who).status_code for who in expected} == expected
    assert refusal(ask_as(fresh, HasInstallation)) == (403, "installation_required")


def test_p17_a_dismissed_agent_hands_over_and_reads_nothing() -> None:
    agent = make_agent()
    browser = logged_in(agent)
    User.objects.filter(pk=agent.pk).update(agent_status=AgentStatus.HANDOVER_ONLY)
    assert ask_as(browser, HasInstallation).status_code == 200
    assert refusal(ask_as(browser, MayRead)) == (403, "not_allowed")


@pytest.mark.parametrize("change", [{"agent_status": AgentStatus.CLOSED}, {"is_active": False}])
def test_p17_a_closed_agents_session_opens_nothing_until_he_is_put_right(change: dict[str, Any]) -> None:
    agent = make_agent()
    browser = logged_in(agent)
    User.objects.filter(pk=agent.pk).update(**change)
    assert refusal(ask_as(browser, HasInstallation)) == (401, "login_required")
    User.objects.filter(pk=agent.pk).update(agent_status=AgentStatus.WORKING, is_active=True)
    assert ask_as(browser, HasInstallation).status_code == 200


def test_f35_a_revoked_phones_session_ends_at_its_next_request() -> None:
    agent = make_agent()
    lost, other = logged_in(agent), logged_in(agent)
    installation = lost.session.installation
    assert installation is not None
    installations.revoke(installation, now=timezone.now())
    assert refusal(ask_as(lost, HasInstallation)) == (401, "login_required")
    assert lost.session.ended_at is not None
    assert ask_as(other, HasInstallation).status_code == 200


def test_f35_also_a_session_that_was_bound_while_the_phone_was_being_revoked_ends() -> None:
    agent = make_agent()
    installation = make_installation(agent=agent, revoked_at=timezone.now())
    session, token = sessions.open_for(agent, now=timezone.now())
    AgentSession.objects.filter(pk=session.pk).update(installation=installation)
    assert sessions.find(token, now=timezone.now()) is None
    session.refresh_from_db()
    assert session.ended_at is not None


def test_logout_ends_the_session_and_touches_nothing_else_on_the_phone() -> None:
    agent = make_agent()
    browser = logged_in(agent)
    session_cookie = browser.cookie("kias_session")
    answer = browser.post("logout")
    assert (answer.status_code, answer.json()) == (200, {})
    assert answer.cookies["kias_session"]["max-age"] == 0
    assert "Clear-Site-Data" not in answer.headers
    browser.client.cookies["kias_session"] = session_cookie
    assert refusal(browser.post("logout")) == (401, "login_required")
    assert agent.installations.filter(revoked_at=None).count() == 1


def test_p21_no_login_call_ever_clears_what_lies_on_the_phone() -> None:
    browser = known_browser(make_agent())
    for path in ("login/code", "login/confirm", "installation", "logout"):
        assert "Clear-Site-Data" not in browser.post(path).headers


def test_f02_a_new_login_on_the_same_phone_is_the_same_installation() -> None:
    """Receipts hang on the installation's key and their own ids, never on a session."""
    agent = make_agent()
    browser = logged_in(agent)
    first = browser.session
    browser.log_in(agent)
    assert browser.register().status_code == 200
    second = browser.session
    assert first != second
    assert first.installation == second.installation


@pytest.mark.parametrize(("since_sms", "asks"), [(0, False), (86, False), (88, True), (89, True)])
def test_p16_fewer_than_three_days_before_the_end_the_ping_asks_ahead(since_sms: int, asks: bool) -> None:
    browser = logged_in()
    confirmed_at = timezone.now() - timedelta(days=since_sms)
    AgentSession.objects.filter(pk=browser.session.pk).update(confirmed_at=confirmed_at)
    told = browser.client.get("/api/ping").json()["session"]
    assert told["ask_ahead"] is asks
    assert datetime.fromisoformat(told["ends_at"]) <= confirmed_at + timedelta(days=90, seconds=1)


def test_p16_a_login_asked_ahead_begins_the_90_days_anew_on_the_same_installation() -> None:
    agent = make_agent()
    browser = logged_in(agent)
    former, installation = browser.session, browser.session.installation
    AgentSession.objects.filter(pk=former.pk).update(confirmed_at=timezone.now() - timedelta(days=88))
    browser.log_in(agent)
    assert browser.register().json()["installation"]["id"] == str(installation and installation.pk)
    told = browser.client.get("/api/ping").json()
    assert told["session"]["ask_ahead"] is False
    former.refresh_from_db()
    assert former.ended_at
    assert agent.installations.count() == 1
