"""How many codes may be asked for, and that a stranger's asking costs the agent nothing (F36, F42, P19)."""

from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import pytest
from django.conf import settings
from django.core import signing
from django.db import connections
from django.utils import timezone
from pytest_django import Settings

from accounts import installations, throttles
from accounts.models import LoginAttempt, RateBucket, User
from accounts.throttles import Purse, ThrottledError
from tests.support.factories import make_agent
from tests.support.login import Browser, known_browser, refusal

NOON = datetime(2026, 11, 22, 12, 10, tzinfo=UTC)


@pytest.fixture
def limits(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> dict[str, int]:
    """Small limits for one test, which may change them in place; the hour does not turn while it runs."""
    this_hour = throttles.start_of_window(timezone.now())
    monkeypatch.setattr(throttles, "start_of_window", lambda now: this_hour)
    settings.LOGIN_LIMITS = {"phone_number": 3, "address": 100, "total": 100}
    return settings.LOGIN_LIMITS


def besiege(agent: User, times: int, address: str = "198.51.100.66") -> None:
    """A stranger asks for codes for this agent's number, each time as a new browser."""
    for _ in range(times):
        Browser(address).ask(agent.phone_number)


@pytest.mark.django_db
def test_f36_codes_for_one_number_are_limited_and_the_answer_says_when_to_try_again(
    limits: dict[str, int],
) -> None:
    agent = make_agent()
    besiege(agent, 3)
    answer = Browser("203.0.113.200").ask(agent.phone_number)
    assert refusal(answer) == (429, "throttled")
    error = answer.json()["error"]
    assert 0 < error["retry_after"] <= 3601
    assert answer["Retry-After"] == str(error["retry_after"])
    assert error["message"].startswith("Код запрашивали слишком часто. Попробуйте снова через ")
    assert LoginAttempt.objects.count() == 3


@pytest.mark.django_db
def test_f36_an_unknown_number_is_limited_exactly_alike(limits: dict[str, int]) -> None:
    answers = [Browser().ask("+79990000001").status_code for _ in range(4)]
    assert answers == [202, 202, 202, 429]


@pytest.mark.django_db
def test_f36_codes_from_one_address_are_limited_whatever_the_number(limits: dict[str, int]) -> None:
    limits["address"] = 4
    answers = [Browser("198.51.100.66").ask(f"+7999000000{n}").status_code for n in range(5)]
    assert answers == [202, 202, 202, 202, 429]
    assert Browser("198.51.100.67").ask("+79990000009").status_code == 202


@pytest.mark.django_db
def test_f36_codes_are_limited_in_total(limits: dict[str, int]) -> None:
    limits["total"] = 4
    answers = [Browser(f"198.51.100.{n}").ask(f"+7999000000{n}").status_code for n in range(5)]
    assert answers == [202, 202, 202, 202, 429]


@pytest.mark.django_db
def test_f36_guessing_for_one_number_from_many_addresses_ends_with_its_codes(limits: dict[str, int]) -> None:
    """Three codes an hour, five tries each, whoever asks from wherever: fifteen guesses and no more."""
    agent = make_agent()
    guesses = 0
    for n in range(12):
        stranger = Browser(f"198.51.100.{n}")
        asked = stranger.ask(agent.phone_number).status_code
        for _ in range(7):
            guesses += refusal(stranger.confirm("000000"))[1] == "wrong_code"
        assert asked == (202 if n < 3 else 429)
    assert guesses == 15


@pytest.mark.django_db
def test_a_request_that_one_purse_refuses_takes_nothing_from_the_others(limits: dict[str, int]) -> None:
    agent = make_agent()
    besiege(agent, 10)
    assert RateBucket.objects.get(key="login:total").count == 3


@pytest.mark.django_db
def test_asking_again_too_early_takes_nothing_from_any_purse(limits: dict[str, int]) -> None:
    browser, agent = Browser(), make_agent()
    assert [browser.ask(agent.phone_number).status_code for _ in range(10)] == [202] * 10
    assert RateBucket.objects.get(key="login:total").count == 1


@pytest.mark.django_db
@pytest.mark.parametrize("emptied", ["phone_number", "address", "total"])
def test_f42_a_stranger_who_empties_every_purse_does_not_keep_the_agent_out_of_his_phone(
    limits: dict[str, int], emptied: str
) -> None:
    agent = make_agent()
    his_phone = known_browser(agent, address="203.0.113.7")
    limits[emptied] = 2
    besiege(agent, 20, address="203.0.113.7")  # even from the same address
    assert refusal(Browser().ask(agent.phone_number)) == (429, "throttled")
    his_phone.log_in(agent)
    assert his_phone.session.agent == agent


@pytest.mark.slow
@pytest.mark.django_db
def test_f42_under_a_thousand_requests_a_minute_for_his_number_an_agent_logs_in_on_his_phone() -> None:
    """With the limits of production, from many addresses and from his own; every fifth also guesses (P19)."""
    agent = make_agent()
    his_phone = known_browser(agent, address="203.0.113.7")
    asked_before = LoginAttempt.objects.count()
    answers: Counter[int] = Counter()
    for n in range(1_000):
        stranger = Browser("203.0.113.7" if n % 10 == 0 else f"198.51.{n // 250}.{n % 250}")
        answers[stranger.ask(agent.phone_number).status_code] += 1
        if n % 5 == 0:
            stranger.confirm("123456")
        if n == 500:
            his_phone.log_in(agent)
    assert answers[202] <= 2 * settings.LOGIN_LIMITS["phone_number"]  # the hour may turn meanwhile
    assert answers[429] == 1_000 - answers[202]
    assert LoginAttempt.objects.count() - asked_before == answers[202] + 1
    his_phone.log_in(agent)
    assert his_phone.session.agent == agent


@pytest.mark.django_db
def test_f42_a_strangers_wrong_codes_do_not_touch_the_agents_attempt() -> None:
    agent = make_agent()
    browser, stranger = Browser(), Browser()
    browser.ask(agent.phone_number)
    stranger.ask(agent.phone_number)
    for _ in range(6):
        stranger.confirm(stranger.wrong_code())
    assert browser.attempt.tries_left == 5
    assert browser.confirm(browser.read_code()).status_code == 200


@pytest.mark.django_db
def test_a_known_browser_has_a_limit_too(limits: dict[str, int]) -> None:
    agent = make_agent()
    browser = known_browser(agent)
    for _ in range(3):
        browser.log_in(agent)
    assert refusal(browser.ask(agent.phone_number)) == (429, "throttled")


@pytest.mark.django_db
def test_a_browser_is_known_only_for_its_own_agent(limits: dict[str, int]) -> None:
    other = known_browser(make_agent())
    agent = make_agent()
    besiege(agent, 3)
    assert refusal(other.ask(agent.phone_number)) == (429, "throttled")


@pytest.mark.django_db
def test_a_phone_two_agents_share_is_known_for_both(limits: dict[str, int]) -> None:
    first, second = make_agent(), make_agent()
    shared = known_browser(first)
    shared.key = Browser().key  # the second agent's installation has a key of its own
    shared.log_in(second)
    assert shared.register().status_code == 200
    for agent in (first, second):
        besiege(agent, 5)
        shared.log_in(agent)


@pytest.mark.django_db
def test_f35_a_revoked_phone_is_known_no_more(limits: dict[str, int]) -> None:
    agent = make_agent()
    lost = known_browser(agent)
    installations.revoke(agent.installations.get(), now=timezone.now())
    besiege(agent, 3)
    assert refusal(lost.ask(agent.phone_number)) == (429, "throttled")


@pytest.mark.django_db
@pytest.mark.parametrize("cookie", ["", "garbage", "a:b:c", "null", "signed by another", "signed nonsense"])
def test_a_forged_mark_of_a_known_browser_makes_nobody_known(limits: dict[str, int], cookie: str) -> None:
    agent = make_agent()
    known_browser(agent)
    mine = [str(agent.installations.get().id)]
    forged = {
        "signed by another": signing.dumps(mine, key="another", salt="accounts.known"),
        "signed nonsense": signing.dumps({"a": 1}, salt="accounts.known"),
    }.get(cookie, cookie)
    browser = Browser()
    browser.client.cookies["kias_known"] = forged
    besiege(agent, 3)
    assert refusal(browser.ask(agent.phone_number)) == (429, "throttled")


# --- the purses themselves


@pytest.mark.django_db
def test_a_purse_is_full_again_in_the_next_hour() -> None:
    purse = [Purse("test", 1)]
    throttles.take(purse, now=NOON)
    with pytest.raises(ThrottledError) as refused:
        throttles.take(purse, now=NOON + timedelta(minutes=20))
    assert refused.value.extra == {"retry_after": 30 * 60 + 1}
    throttles.take(purse, now=NOON + timedelta(minutes=50))


@pytest.mark.django_db
def test_old_hours_are_forgotten() -> None:
    for day in range(5):
        throttles.take([Purse("test", 1)], now=NOON + timedelta(days=day))
    assert RateBucket.objects.filter(key="test").count() == 3


@pytest.mark.django_db(transaction=True)
def test_parallel_requests_never_take_more_than_there_is() -> None:
    def take() -> bool:
        try:
            throttles.take([Purse("mine", 5), Purse("shared", 7)], now=NOON)
        except ThrottledError:
            return False
        return True

    def take_some(_: int) -> int:
        try:
            return sum(take() for _ in range(5))
        finally:
            connections.close_all()

    with ThreadPoolExecutor(max_workers=8) as crowd:
        assert sum(crowd.map(take_some, range(8))) == 5
    assert dict(RateBucket.objects.values_list("key", "count")) == {"mine": 5, "shared": 5}
