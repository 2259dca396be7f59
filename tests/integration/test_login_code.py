"""The code of a login's SMS: tries, minutes, once, in one browser, sent again."""

from datetime import timedelta

import pytest
from django.db.models import F
from pytest_django import DjangoCaptureOnCommitCallbacks

from accounts import login_codes, nudge
from accounts.models import AgentSession, LoginAttempt
from tests.support.factories import make_agent
from tests.support.login import Browser, refusal

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


def test_login_codes_are_compared_whole() -> None:
    assert login_codes.are_equal("123456", "123456")
    assert not login_codes.are_equal("123457", "123456")
    assert not login_codes.are_equal("１２３４５６", "123456")
