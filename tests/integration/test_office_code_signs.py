"""The four signs by which the office finds the login that asks for its code (P16)."""

from datetime import timedelta

import pytest
from django.utils import timezone

from accounts import attempts, office_codes, signs
from accounts.codes import ALPHABET
from accounts.models import LoginAttempt, User
from tests.support.factories import make_agent
from tests.support.login import Browser

pytestmark = pytest.mark.django_db


@pytest.fixture
def agent() -> User:
    return make_agent()


@pytest.fixture
def browser(agent: User) -> Browser:
    """The agent's, with a code asked for that no SMS brought."""
    browser = Browser()
    browser.ask(agent.phone_number)
    return browser


def test_every_attempt_has_four_signs_whoever_asks() -> None:
    known, unknown = Browser(), Browser()
    answers = [known.ask(make_agent().phone_number).json(), unknown.ask("+79990000001").json()]
    for answer in answers:
        assert len(answer["sign"]) == 4
        assert set(answer["sign"]) <= set(ALPHABET)
    assert answers[0]["sign"] != answers[1]["sign"]


def test_asking_again_keeps_the_signs(browser: Browser, agent: User) -> None:
    assert browser.ask(agent.phone_number).json()["sign"] == browser.attempt.sign


def test_signs_are_never_those_of_another_open_attempt(
    browser: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    drawn = iter([browser.attempt.sign, browser.attempt.sign, "К7М3"])
    monkeypatch.setattr(signs, "_drawn", lambda: next(drawn))
    assert signs.free(now=timezone.now()) == "К7М3"


@pytest.mark.parametrize("typed", ["К7АМ", "к7ам", "K7AM", "k7am", " к7-ам ", "K 7 A M", "k7–am"])
def test_the_office_finds_an_attempt_however_its_signs_were_heard(browser: Browser, typed: str) -> None:
    LoginAttempt.objects.filter(pk=browser.attempt.pk).update(sign="К7АМ")
    assert office_codes.find_attempt(typed, now=timezone.now()) == browser.attempt


@pytest.mark.parametrize(
    "changed",
    [
        {"valid_until": timezone.now() - timedelta(seconds=1)},
        {"used_at": timezone.now()},
        {"throttling_failure_count": 5},
        {"purpose": attempts.NEW_NUMBER},
        {"sign": "ХХХХ"},
    ],
    ids=["expired", "used", "no tries left", "for a new number", "another"],
)
def test_only_an_open_login_with_these_signs_is_found(browser: Browser, changed: dict[str, object]) -> None:
    sign = browser.attempt.sign
    LoginAttempt.objects.filter(pk=browser.attempt.pk).update(**changed)
    with pytest.raises(office_codes.NoSuchAttemptError):
        office_codes.find_attempt(sign, now=timezone.now())


def test_two_attempts_that_drew_the_same_signs_get_no_code(browser: Browser) -> None:
    other = Browser()
    other.ask(make_agent().phone_number)
    LoginAttempt.objects.filter(pk=other.attempt.pk).update(sign=browser.attempt.sign)
    with pytest.raises(office_codes.DoubleSignError):
        office_codes.find_attempt(browser.attempt.sign, now=timezone.now())
