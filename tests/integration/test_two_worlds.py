"""The app and the admin never see each other's cookies; every address carries its own strict policy."""

import pytest
from django.test import Client

from accounts.models import User
from kias_offline.middleware import POLICIES
from tests.support.factories import make_phone
from tests.support.office import office_client
from tests.support.pages import english

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("keys")]


def directives(policy: str) -> dict[str, list[str]]:
    parts = (part.split() for part in policy.split(";"))
    return {name: values for name, *values in parts}


def policy_of(address: str) -> dict[str, list[str]]:
    answer = Client().get(address)
    return directives(answer.headers["Content-Security-Policy"])


def test_the_admin_s_cookies_are_for_the_admin_alone() -> None:
    User.objects.create_superuser("office", password="office-demo")
    browser = Client()
    browser.get("/admin/login/")
    answer = browser.post("/admin/login/", {"username": "office", "password": "office-demo"})
    assert answer.status_code == 302
    assert answer.headers["Location"] == "/admin/login/code/?next=%2Fadmin%2F"
    for name in ("kias_admin", "kias_admin_csrf"):
        cookie = browser.cookies[name]
        assert cookie["path"] == "/admin/"
        assert cookie["samesite"] == "Strict"
    assert browser.cookies["kias_admin"]["httponly"]
    assert set(browser.cookies) == {"kias_admin", "kias_admin_csrf"}


def test_a_staff_session_is_nobody_to_the_phone_s_api() -> None:
    office = office_client()
    assert office.get("/api/ping").json()["agent"] is None
    assert office.get("/api/setup").status_code == 401


def test_an_agent_s_session_is_nobody_to_the_admin() -> None:
    phone = make_phone()
    for name, value in dict(phone.client.cookies).items():
        phone.client.cookies.set(name, value, path="/")  # even where a browser would send them
    assert phone.client.get("/admin/").status_code == 302
    assert phone.client.get("/api/setup").status_code == 200


@pytest.mark.parametrize("address", ["/", "/api/ping", "/api/nothing", "/admin/login/", "/nothing/at/all"])
def test_every_answer_carries_a_policy_that_starts_from_nothing(address: str) -> None:
    policy = policy_of(address)
    assert policy["default-src"] == ["'none'"]
    assert policy["frame-ancestors"] == ["'none'"]
    assert policy["base-uri"] == ["'none'"]


def test_no_policy_allows_anything_inline_or_from_elsewhere() -> None:
    for _, text in POLICIES:
        for name, values in directives(text).items():
            if name == "trusted-types":  # names of policies, not sources
                continue
            assert set(values) <= {"'none'", "'self'", "data:", "blob:", "'unsafe-eval'", "'script'"}, name
            assert name not in {"script-src", "style-src"} or not {"data:", "blob:"} & set(values)


def test_evaluation_is_allowed_to_the_admin_s_theme_alone() -> None:
    allowed = [prefix for prefix, text in POLICIES if "'unsafe-eval'" in text]
    assert allowed == ["/admin/"]


@pytest.mark.parametrize(("prefix", "types"), [("/", "kias-worker"), ("/demo/", "'none'")])
def test_the_app_and_the_demo_desk_trust_no_markup_made_by_script(prefix: str, types: str) -> None:
    """The app's one policy names the address of its service worker and nothing else."""
    policy = directives(dict(POLICIES)[prefix])
    assert policy["require-trusted-types-for"] == ["'script'"]
    assert policy["trusted-types"] == [types]
    assert policy["script-src"] == policy["style-src"] == ["'self'"]


def test_the_api_loads_nothing_at_all() -> None:
    assert dict(POLICIES)["/api/"] == (
        "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    )


def test_error_pages_are_ours_and_russian() -> None:
    refused = Client(enforce_csrf_checks=True).post("/admin/login/", {"username": "a"})
    agent = make_phone().client
    answers = [Client().get("/nothing/at/all"), refused]
    assert [answer.status_code for answer in answers] == [404, 403]
    for answer in answers:
        assert english(answer.content) == set()
        assert "КИАС Офлайн" in answer.content.decode()
    assert agent.get("/api/nothing").json()["error"]["code"] == "not_found"


def test_a_server_error_shows_our_page_and_tells_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    office = office_client()
    office.raise_request_exception = False
    monkeypatch.setattr("backoffice.dashboard.to_do", lambda now: 1 / 0)
    answer = office.get("/admin/")
    assert answer.status_code == 500
    assert "Принятые квитанции в сохранности" in answer.content.decode()
    assert english(answer.content) == set()
    assert "ZeroDivisionError" not in answer.content.decode()
