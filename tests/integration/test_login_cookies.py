"""The app's cookies and CSRF, and that its world and the office's stay apart (ADR 0007)."""

import pytest
from django.http import HttpResponse
from django.test import RequestFactory
from pytest_django import Settings

from accounts import csrf
from tests.support.factories import make_agent
from tests.support.login import Browser, known_browser, refusal

pytestmark = pytest.mark.django_db


def test_every_cookie_of_the_app_is_http_only_strict_and_for_the_api_alone(settings: Settings) -> None:
    settings.COOKIES_SECURE = True
    agent = make_agent()
    browser = Browser()
    given = browser.ask(agent.phone_number).cookies | browser.confirm(browser.read_code()).cookies
    given = given | browser.register().cookies
    assert {"kias_session", "kias_attempt", "kias_known"} <= set(given)
    browsers_first = Browser().client.cookies
    for name, cookie in (given | browsers_first).items():
        assert cookie["path"] == "/api/", name
        assert cookie["samesite"] == "Strict", name
        if cookie.value:
            assert cookie["httponly"], name
            assert cookie["secure"], name
    assert int(given["kias_session"]["max-age"]) == 90 * 24 * 3600


@pytest.mark.parametrize("path", ["login/code", "login/confirm", "installation", "logout"])
@pytest.mark.parametrize("token", ["", "0" * 64, "ы", None])
def test_without_the_right_csrf_token_nothing_is_done(path: str, token: str | None) -> None:
    browser = Browser()
    browser.log_in(make_agent())
    client, headers = browser.client, {} if token is None else {"X-CSRF-Token": token}
    answer = client.post(f"/api/{path}", {}, content_type="application/json", headers=headers)
    assert refusal(answer) == (403, "csrf")
    assert browser.session.ended_at is None


def test_the_token_of_another_browser_is_refused() -> None:
    browser = Browser()
    browser.csrf = Browser().csrf
    assert refusal(browser.ask("+79120000001")) == (403, "csrf")


def test_a_browser_keeps_its_csrf_cookie_and_token() -> None:
    browser = Browser()
    request = RequestFactory().get("/api/ping")
    request.COOKIES["kias_csrf"] = browser.cookie("kias_csrf")
    response = HttpResponse()
    assert csrf.token_for(request, response) == browser.csrf
    assert not response.cookies


def test_the_first_ping_gives_what_every_post_needs() -> None:
    browser = Browser()
    browser.client.cookies.clear()
    first = browser.client.get("/api/ping")
    browser.csrf = first.json()["csrf"]
    assert first.cookies["kias_csrf"].value
    browser.log_in(make_agent())
    again = browser.client.get("/api/ping")
    assert again.json()["csrf"] == browser.csrf
    assert "kias_csrf" not in again.cookies


def test_a_staff_session_is_never_an_agents() -> None:
    staff = make_agent(is_staff=True, is_superuser=True)
    browser = Browser()
    browser.client.force_login(staff)
    assert refusal(browser.post("logout")) == (401, "login_required")
    assert refusal(browser.register()) == (401, "login_required")


def test_an_agents_session_never_opens_the_admin() -> None:
    staff = make_agent(is_staff=True, is_superuser=True)
    browser = Browser()
    browser.log_in(staff)
    opened = browser.client.get("/admin/")
    assert opened.status_code == 302
    assert "/admin/login/" in opened["Location"]


def test_the_two_worlds_share_no_cookie_name_and_no_path(settings: Settings) -> None:
    theirs = {settings.SESSION_COOKIE_NAME, settings.CSRF_COOKIE_NAME}
    assert settings.SESSION_COOKIE_PATH == settings.CSRF_COOKIE_PATH == "/admin/"
    assert not theirs & set(known_browser(make_agent()).client.cookies)
