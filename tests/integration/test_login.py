"""Login by SMS code, from the browser's side."""

from datetime import timedelta

import pytest
from django.db import connection
from django.db.models import F
from django.http import HttpResponse
from django.test import RequestFactory
from django.test.utils import CaptureQueriesContext
from django_otp import devices_for_user
from pytest_django import DjangoCaptureOnCommitCallbacks, Settings

from accounts import csrf, login_codes, nudge
from accounts.models import AgentSession, AgentStatus, LoginAttempt, User
from tests.support.factories import make_agent
from tests.support.login import Browser, known_browser, refusal

pytestmark = pytest.mark.django_db


def later(browser: Browser, seconds: float) -> None:
    """Let time pass for the browser's login attempt."""
    passed = timedelta(seconds=seconds)
    LoginAttempt.objects.filter(pk=browser.attempt.pk).update(
        valid_until=F("valid_until") - passed,
        last_generated_timestamp=F("last_generated_timestamp") - passed,
    )


@pytest.fixture
def sent(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The attempts whose code was to be sent, in their order."""
    attempts: list[str] = []
    monkeypatch.setattr(nudge, "send_soon", lambda attempt_id: attempts.append(str(attempt_id)))
    return attempts


def test_an_agent_logs_in_with_the_code_of_his_sms() -> None:
    agent = make_agent(last_name="Сидоров", first_name="Пётр", middle_name="Ильич")
    browser = Browser()
    asked = browser.ask(agent.phone_number)
    assert asked.status_code == 202
    assert asked.json() == {
        "attempt": str(browser.attempt.attempt),
        "sign": browser.attempt.sign,
        "office_phone": "+7 800 000-00-00",
        "resend_after": 60,
        "valid_for": 600,
        "tries_left": 5,
    }
    answer = browser.confirm(browser.read_code())
    assert answer.status_code == 200
    assert answer.json() == {
        "agent": {
            "id": str(agent.id),
            "name": "Сидоров Пётр Ильич",
            "phone_number": agent.phone_number,
            "status": "working",
            "contract": agent.agent_contract,
        }
    }
    assert browser.session.agent == agent
    assert browser.session.installation is None
    assert browser.cookie("kias_attempt") == ""


@pytest.mark.parametrize("typed", ["8 (912) 000-11-22", "9120001122", "+7 912 000 11 22"])
def test_the_number_may_be_typed_in_any_usual_way(typed: str) -> None:
    make_agent(phone_number="+79120001122")
    browser = Browser()
    assert browser.ask(typed).status_code == 202
    assert browser.confirm(browser.read_code()).status_code == 200


def test_the_code_may_be_typed_with_a_space() -> None:
    browser = Browser()
    browser.ask(make_agent().phone_number)
    code = browser.read_code()
    assert browser.confirm(f" {code[:3]} {code[3:]} ").status_code == 200


def test_a_wrong_code_says_what_to_do_and_how_many_tries_are_left() -> None:
    browser = Browser()
    browser.ask(make_agent().phone_number)
    browser.confirm(browser.wrong_code())
    answer = browser.confirm(browser.wrong_code())
    assert answer.status_code == 400
    assert answer.json()["error"] == {
        "code": "wrong_code",
        "message": "Код не подошёл. Возьмите код из последней SMS. Осталось попыток: 3.",
        "field": "code",
        "tries_left": 3,
    }
    assert not AgentSession.objects.exists()


def test_a_right_code_right_after_a_wrong_one_is_not_called_wrong() -> None:
    browser = Browser()
    browser.ask(make_agent().phone_number)
    for _ in range(4):
        assert refusal(browser.confirm(browser.wrong_code())) == (400, "wrong_code")
    assert browser.confirm(browser.read_code()).status_code == 200


def test_five_wrong_codes_end_the_attempt_even_for_the_right_one(sent: list[str]) -> None:
    agent = make_agent()
    browser = Browser()
    browser.ask(agent.phone_number)
    first = browser.attempt
    answers = [browser.confirm(browser.wrong_code()).json()["error"] for _ in range(5)]
    assert [error["tries_left"] for error in answers] == [4, 3, 2, 1, 0]
    assert "Запросите новый код" in answers[-1]["message"]
    assert refusal(browser.confirm(browser.read_code())) == (400, "code_expired")
    assert browser.ask(agent.phone_number).status_code == 202  # a new attempt, no waiting
    assert browser.attempt != first
    assert browser.confirm(browser.read_code()).status_code == 200


@pytest.mark.parametrize("typed", ["12345", "1234567", "abcdef", "12345О", "１２３４５６", "-------"])
def test_what_is_no_code_at_all_costs_no_try(typed: str) -> None:
    browser = Browser()
    browser.ask(make_agent().phone_number)
    answer = browser.confirm(typed)
    assert refusal(answer) == (400, "invalid")
    assert answer.json()["error"]["field"] == "code"
    assert browser.attempt.tries_left == 5


def test_a_code_is_good_once() -> None:
    browser = Browser()
    browser.ask(make_agent().phone_number)
    attempt_cookie, code = browser.cookie("kias_attempt"), browser.read_code()
    assert browser.confirm(code).status_code == 200
    browser.client.cookies["kias_attempt"] = attempt_cookie
    assert refusal(browser.confirm(code)) == (400, "code_expired")
    assert AgentSession.objects.count() == 1


def test_a_code_is_good_for_ten_minutes() -> None:
    browser = Browser()
    browser.ask(make_agent().phone_number)
    later(browser, 599)
    assert refusal(browser.confirm(browser.wrong_code())) == (400, "wrong_code")
    later(browser, 2)
    assert refusal(browser.confirm(browser.read_code())) == (400, "code_expired")


def test_a_code_works_only_in_the_browser_that_asked_for_it() -> None:
    agent = make_agent()
    asking, other = Browser(), Browser()
    asking.ask(agent.phone_number)
    assert refusal(other.confirm(asking.read_code())) == (400, "no_attempt")
    other.ask(agent.phone_number)
    assert refusal(other.confirm(asking.read_code())) == (400, "wrong_code")
    assert asking.confirm(asking.read_code()).status_code == 200


def test_asking_again_within_a_minute_sends_nothing_and_says_how_long_to_wait(
    sent: list[str], django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks
) -> None:
    agent = make_agent()
    browser = Browser()
    with django_capture_on_commit_callbacks(execute=True):
        first = browser.ask(agent.phone_number).json()
        later(browser, 20)
        again = browser.ask(agent.phone_number).json()
    assert again == first | {"resend_after": 40, "valid_for": 580}
    assert sent == [first["attempt"]]


def test_resending_after_a_minute_repeats_the_same_code_and_keeps_the_tries(
    sent: list[str], django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks
) -> None:
    agent = make_agent()
    browser = Browser()
    with django_capture_on_commit_callbacks(execute=True):
        browser.ask(agent.phone_number)
        code = browser.read_code()
        browser.confirm(browser.wrong_code())
        later(browser, 61)
        again = browser.ask(agent.phone_number).json()
    assert (again["resend_after"], again["valid_for"], again["tries_left"]) == (60, 539, 4)
    assert sent == [again["attempt"]] * 2
    assert browser.read_code() == code
    assert browser.confirm(code).status_code == 200


def test_a_code_about_to_expire_is_not_sent_again_but_replaced() -> None:
    agent = make_agent()
    browser = Browser()
    browser.ask(agent.phone_number)
    old = browser.attempt
    later(browser, 545)
    assert browser.ask(agent.phone_number).json()["valid_for"] == 600
    assert browser.attempt != old


def test_typing_another_number_begins_another_attempt() -> None:
    first, second = make_agent(), make_agent()
    browser = Browser()
    browser.ask(first.phone_number)
    code_of_first = browser.read_code()
    browser.ask(second.phone_number)
    assert browser.read_code() != code_of_first
    assert browser.confirm(browser.read_code()).json()["agent"]["id"] == str(second.id)


@pytest.mark.parametrize("who", ["nobody", "staff only", "closed", "inactive"])
def test_a_number_that_nobody_may_log_in_with_is_answered_exactly_alike_and_gets_no_sms(
    who: str, sent: list[str], django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks
) -> None:
    number = "+79990000001"
    if who != "nobody":
        status = {"closed": AgentStatus.CLOSED, "inactive": AgentStatus.WORKING}.get(who, "")
        make_agent(phone_number=number, status=status, is_active=who != "inactive", is_staff=True)
    theirs, stranger = Browser(), Browser()
    with django_capture_on_commit_callbacks(execute=True):
        known = theirs.ask(make_agent().phone_number)
        unknown = stranger.ask(number)
    assert unknown.status_code == known.status_code == 202
    own = {"attempt": str(stranger.attempt.attempt), "sign": stranger.attempt.sign}
    assert unknown.json() == known.json() | own
    assert unknown.cookies.keys() == known.cookies.keys()
    assert sent == [known.json()["attempt"]]
    wrong = theirs.confirm(theirs.wrong_code())
    assert stranger.confirm(stranger.read_code()).json() == wrong.json()  # even the right guess
    assert not AgentSession.objects.exists()


def test_known_and_unknown_numbers_cost_the_same_questions_to_the_database() -> None:
    def questions(number: str | None) -> list[str]:
        with CaptureQueriesContext(connection) as asked:
            Browser().ask(number)
        return [query["sql"].split()[0] for query in asked.captured_queries]

    questions("+79990000000")  # the first of the hour also cleans up
    assert questions(make_agent().phone_number) == questions("+79990000001")


def test_an_agent_who_only_hands_over_logs_in_p17() -> None:
    browser = Browser()
    browser.log_in(make_agent(status=AgentStatus.HANDOVER_ONLY))
    assert browser.session


def test_an_agent_closed_after_asking_does_not_get_in() -> None:
    agent = make_agent()
    browser = Browser()
    browser.ask(agent.phone_number)
    User.objects.filter(pk=agent.pk).update(agent_status=AgentStatus.CLOSED)
    assert refusal(browser.confirm(browser.read_code())) == (400, "wrong_code")


def test_p25_a_new_number_opens_the_same_person_and_the_old_one_nothing() -> None:
    agent = make_agent(phone_number="+79120000001")
    old_number = Browser()
    old_number.ask("+79120000001")
    agent.phone_number = "+79120000002"
    agent.save()
    assert refusal(old_number.confirm(old_number.read_code())) == (400, "wrong_code")
    browser = Browser()
    assert browser.log_in(agent).json()["agent"]["id"] == str(agent.id)
    # The recycled number is another person's now.
    heir = make_agent(phone_number="+79120000001")
    assert Browser().log_in(heir).json()["agent"]["id"] == str(heir.id)


@pytest.mark.parametrize(
    "typed", ["", "912", "+1 202 555 0143", "+375291234567", "телефон", "9" * 41, None, 5]
)
def test_a_foreign_or_impossible_number_is_refused_with_the_field(typed: object) -> None:
    answer = Browser().post("login/code", {"phone_number": typed})
    assert refusal(answer) == (400, "invalid")
    assert answer.json()["error"]["field"] == "phone_number"
    assert not LoginAttempt.objects.exists()


@pytest.mark.parametrize("body", [[], '"text"', "5", {"code": ["1"]}, {"code": {"a": 1}}, {"code": "\0" * 6}])
def test_any_json_is_answered_by_a_coded_refusal(body: object) -> None:
    for path in ("login/code", "login/confirm"):
        assert refusal(Browser().post(path, body)) == (400, "invalid")


def test_confirming_without_having_asked_says_so() -> None:
    assert refusal(Browser().confirm("123456")) == (400, "no_attempt")


def test_the_code_stands_in_no_column() -> None:
    agent = make_agent()
    browser = Browser()
    browser.ask(agent.phone_number)
    row = LoginAttempt.objects.filter(pk=browser.attempt.pk).values().get()
    code = browser.read_code()
    # (the attempt's own id is random hex: it may hold any six digits by chance)
    texts = [str(row[key]) for key in row if key not in {"attempt", "browser_hash", "user_id"}]
    assert not any(code in text for text in texts)
    assert "token" not in row
    assert browser.cookie("kias_attempt") not in row.values()


def test_a_login_attempt_is_never_a_second_factor_of_the_admin() -> None:
    agent = make_agent(is_staff=True)
    browser = Browser()
    browser.ask(agent.phone_number)
    assert browser.attempt.user == agent
    assert list(devices_for_user(agent)) == []


def test_logging_in_again_ends_the_browsers_former_session() -> None:
    agent = make_agent()
    browser = Browser()
    browser.log_in(agent)
    former = browser.session
    browser.log_in(agent)
    former.refresh_from_db()
    assert former.ended_at is not None
    assert browser.session.ended_at is None


# --- cookies and CSRF


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


# --- two worlds


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


def test_login_codes_are_compared_whole() -> None:
    assert login_codes.are_equal("123456", "123456")
    assert not login_codes.are_equal("123457", "123456")
    assert not login_codes.are_equal("１２３４５６", "123456")
