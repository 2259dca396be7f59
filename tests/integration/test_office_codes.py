"""The office's code: given by two, shown once, entered like the one by SMS (P16)."""

from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta

import pytest
from django.db import IntegrityError, connections
from django.utils import timezone
from pytest_django import Settings

from accounts import login_codes, login_figures, office_codes
from accounts.models import AgentNotice, AgentStatus, LoginAttempt, OfficeCode, User
from tests.support.factories import make_agent, make_installation
from tests.support.login import Browser, known_browser, refusal

pytestmark = pytest.mark.django_db


@pytest.fixture
def staff() -> tuple[User, User]:
    """The one who asks and the one who confirms."""
    return make_agent(status="", is_staff=True), make_agent(status="", is_staff=True)


@pytest.fixture
def agent() -> User:
    return make_agent()


@pytest.fixture
def browser(agent: User) -> Browser:
    """The agent's, with a code asked for that no SMS brought."""
    browser = Browser()
    browser.ask(agent.phone_number)
    return browser


def given(browser: Browser, staff: tuple[User, User], now: datetime | None = None) -> OfficeCode:
    asked_by, confirmed_by = staff
    return office_codes.give(
        browser.attempt,
        asked_by=asked_by,
        confirmed_by=confirmed_by,
        reason="узнала по голосу, номер договора назвал",
        now=now or timezone.now(),
    )


def shown(browser: Browser, staff: tuple[User, User]) -> str:
    return office_codes.show(given(browser, staff), now=timezone.now())


# --- giving and showing


def test_an_agent_without_an_sms_logs_in_with_the_offices_code(
    browser: Browser, agent: User, staff: tuple[User, User]
) -> None:
    code = shown(browser, staff)
    assert code != browser.read_code()
    assert browser.confirm(code).json()["agent"]["id"] == str(agent.id)
    row = OfficeCode.objects.get()
    assert (row.asked_by, row.confirmed_by) == staff
    assert row.shown_at
    assert row.used_at
    assert code not in {str(value) for value in OfficeCode.objects.values().get().values()}


def test_the_sms_that_comes_after_all_is_good_too(browser: Browser, staff: tuple[User, User]) -> None:
    sms = browser.read_code()
    shown(browser, staff)
    assert browser.confirm(sms).status_code == 200
    assert OfficeCode.objects.get().used_at is None


def test_it_is_good_once(browser: Browser, staff: tuple[User, User]) -> None:
    cookie, code = browser.cookie("kias_attempt"), shown(browser, staff)
    assert browser.confirm(code).status_code == 200
    browser.client.cookies["kias_attempt"] = cookie
    assert refusal(browser.confirm(code)) == (400, "code_expired")


def test_it_is_good_in_the_asking_browser_only(
    browser: Browser, agent: User, staff: tuple[User, User]
) -> None:
    other = Browser()
    other.ask(agent.phone_number)
    assert refusal(other.confirm(shown(browser, staff))) == (400, "wrong_code")


def test_it_gives_the_attempt_ten_minutes_from_now(browser: Browser, staff: tuple[User, User]) -> None:
    almost_over = timezone.now() + timedelta(seconds=5)
    LoginAttempt.objects.filter(pk=browser.attempt.pk).update(valid_until=almost_over)
    now = timezone.now()
    code = given(browser, staff, now)
    assert browser.attempt.valid_until == code.valid_until == now + timedelta(minutes=10)


def test_a_code_that_nobody_has_shown_opens_nothing(browser: Browser, staff: tuple[User, User]) -> None:
    given(browser, staff)
    assert refusal(browser.confirm(login_codes.derive_office(browser.attempt.attempt))) == (400, "wrong_code")


def test_without_the_office_its_code_opens_nothing(browser: Browser) -> None:
    assert refusal(browser.confirm(login_codes.derive_office(browser.attempt.attempt))) == (400, "wrong_code")


def test_f36_wrong_guesses_of_the_offices_code_count_as_tries(
    browser: Browser, staff: tuple[User, User]
) -> None:
    code = shown(browser, staff)
    for _ in range(5):
        assert refusal(browser.confirm(browser.wrong_code())) == (400, "wrong_code")
    assert refusal(browser.confirm(code)) == (400, "code_expired")


def test_it_is_over_when_its_attempt_is(browser: Browser, staff: tuple[User, User]) -> None:
    code = shown(browser, staff)
    past = timezone.now() - timedelta(seconds=1)
    LoginAttempt.objects.filter(pk=browser.attempt.pk).update(valid_until=past)
    assert refusal(browser.confirm(code)) == (400, "code_expired")


def test_it_is_shown_once(browser: Browser, staff: tuple[User, User]) -> None:
    code = given(browser, staff)
    office_codes.show(code, now=timezone.now())
    with pytest.raises(office_codes.AlreadyShownError):
        office_codes.show(code, now=timezone.now())


def test_it_is_not_shown_after_its_time_or_use(browser: Browser, staff: tuple[User, User]) -> None:
    code = given(browser, staff)
    with pytest.raises(office_codes.OverError):
        office_codes.show(code, now=code.valid_until)
    browser.confirm(browser.read_code())
    with pytest.raises(office_codes.OverError):
        office_codes.show(code, now=timezone.now())


@pytest.mark.django_db(transaction=True)
def test_two_tabs_of_the_office_see_it_once(browser: Browser, staff: tuple[User, User]) -> None:
    code = given(browser, staff)

    def show(_: int) -> bool:
        try:
            office_codes.show(code, now=timezone.now())
        except office_codes.AlreadyShownError:
            return False
        finally:
            connections.close_all()
        return True

    with ThreadPoolExecutor(max_workers=4) as tabs:
        assert sum(tabs.map(show, range(8))) == 1


@pytest.mark.django_db(transaction=True)
def test_two_operators_give_one_code(browser: Browser, staff: tuple[User, User]) -> None:
    def give(_: int) -> bool:
        try:
            given(browser, staff)
        except office_codes.AlreadyGivenError:
            return False
        finally:
            connections.close_all()
        return True

    with ThreadPoolExecutor(max_workers=4) as operators:
        assert sum(operators.map(give, range(8))) == 1
    assert OfficeCode.objects.count() == 1


# --- who may


def test_p20_it_takes_two_people_and_neither_is_the_agent(
    browser: Browser, agent: User, staff: tuple[User, User], settings: Settings
) -> None:
    first, second = staff
    for asked_by, confirmed_by in [(first, None), (first, first), (agent, second), (first, agent)]:
        with pytest.raises(office_codes.TwoPeopleError):
            office_codes.give(
                browser.attempt,
                asked_by=asked_by,
                confirmed_by=confirmed_by,
                reason="узнала по голосу",
                now=timezone.now(),
            )
    settings.TWO_PEOPLE = False
    alone = office_codes.give(
        browser.attempt, asked_by=first, confirmed_by=None, reason="узнала", now=timezone.now()
    )
    assert alone.confirmed_by is None


def test_p20_the_database_refuses_one_person_twice(browser: Browser, staff: tuple[User, User]) -> None:
    with pytest.raises(IntegrityError):
        OfficeCode.objects.create(
            attempt=browser.attempt,
            asked_by=staff[0],
            confirmed_by=staff[0],
            reason="сама себе",
            valid_until=timezone.now(),
        )


def test_with_two_people_off_nobody_gives_himself_a_code(
    browser: Browser, agent: User, settings: Settings
) -> None:
    settings.TWO_PEOPLE = False
    with pytest.raises(office_codes.TwoPeopleError):
        office_codes.give(
            browser.attempt, asked_by=agent, confirmed_by=None, reason="сам", now=timezone.now()
        )


@pytest.mark.parametrize("reason", ["", "  \n"])
def test_it_takes_a_reason(browser: Browser, staff: tuple[User, User], reason: str) -> None:
    with pytest.raises(office_codes.ReasonError):
        office_codes.give(
            browser.attempt,
            asked_by=staff[0],
            confirmed_by=staff[1],
            reason=reason,
            now=timezone.now(),
        )


def test_nobodys_number_gets_no_code(staff: tuple[User, User]) -> None:
    stranger = Browser()
    stranger.ask("+79990000001")
    with pytest.raises(office_codes.NobodysAttemptError):
        given(stranger, staff)


def test_p17_an_agent_closed_meanwhile_gets_no_code(
    browser: Browser, agent: User, staff: tuple[User, User]
) -> None:
    User.objects.filter(pk=agent.pk).update(agent_status=AgentStatus.CLOSED)
    with pytest.raises(office_codes.NobodysAttemptError):
        given(browser, staff)


def test_an_attempt_that_is_over_gets_no_code(browser: Browser, staff: tuple[User, User]) -> None:
    with pytest.raises(office_codes.OverError):
        given(browser, staff, timezone.now() + timedelta(minutes=11))


# --- who hears of it


def test_the_agents_other_phones_hear_of_it_and_the_asking_one_does_not(
    agent: User, staff: tuple[User, User]
) -> None:
    asking = known_browser(agent)
    other = make_installation(agent=agent)
    make_installation(agent=make_agent())
    AgentNotice.objects.all().delete()
    asking.ask(agent.phone_number)
    asking.confirm(shown(asking, staff))
    notice = AgentNotice.objects.get()
    assert notice.installation == other
    assert notice.text.startswith("Вход по коду из офиса.")


def test_all_his_phones_hear_of_it_from_a_browser_that_none_of_them_is(
    agent: User, browser: Browser, staff: tuple[User, User]
) -> None:
    phones = {make_installation(agent=agent).pk for _ in range(2)}
    browser.confirm(shown(browser, staff))
    told = AgentNotice.objects.filter(kind="office_code").values_list("installation", flat=True)
    assert set(told) == phones


def test_a_login_by_sms_says_nothing_of_the_office(agent: User, staff: tuple[User, User]) -> None:
    make_installation(agent=agent)
    Browser().log_in(agent)
    assert not AgentNotice.objects.filter(kind="office_code").exists()


# --- figures


def test_codes_sent_and_entered_are_counted_by_attempt(agent: User, staff: tuple[User, User]) -> None:
    now = timezone.now()
    since = now - timedelta(minutes=10)

    def row(minutes_ago: float, **changed: object) -> LoginAttempt:
        browser = Browser()
        browser.ask(agent.phone_number if changed.pop("known", True) else "+79990000001")
        attempt = browser.attempt
        LoginAttempt.objects.filter(pk=attempt.pk).update(
            created_at=now - timedelta(minutes=minutes_ago), **changed
        )
        return attempt

    row(1, sent_count=1)
    row(2, sent_count=2, used_at=now)
    row(3, sent_count=0)  # its SMS never left
    row(4, known=False)
    row(11, sent_count=1, used_at=now)  # before
    by_office = row(5, sent_count=1)
    code = office_codes.give(
        by_office, asked_by=staff[0], confirmed_by=staff[1], reason="нет SMS", now=timezone.now()
    )
    OfficeCode.objects.filter(pk=code.pk).update(used_at=now)
    LoginAttempt.objects.filter(pk=by_office.pk).update(used_at=now)
    row(6, sent_count=1, used_at=now)
    assert login_figures.sent_and_entered(since=since, now=now) == (4, 2)
    assert login_figures.sent_and_entered(since=now, now=now) == (0, 0)
