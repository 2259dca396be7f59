"""A session's end and the ways back in: nothing is lost, and after the code everything goes by itself."""

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, Route, expect

from tests.browser import app
from tests.browser.app import Client
from tests.support.browser import Phone
from tests.support.line import Line
from tests.support.stack import Agent, Stack, wait_for

CLIENTS = [Client(policy_number=f"012345678{n}", amount=f"{n + 1}000") for n in range(3)]
ENDED = "Войдите по коду из SMS — и квитанции уйдут сами. Оформлять можно и без входа."
NO_SESSION = "Когда появится связь, войдите по коду из SMS — они уйдут сами."
ENDS_SOON = "Подтвердите вход сейчас, пока есть связь."
INTAKE = "**/api/receipts"

GIVE_OFFICE_CODE = """
import sys
import django
django.setup()
from django.utils import timezone
from accounts import office_codes
from accounts.models import User
asked_by, confirmed_by = (
    User.objects.create_user(f"office-{sign}-{n}", is_staff=True)
    for sign, n in ((sys.argv[1], 1), (sys.argv[1], 2))
)
now = timezone.now()
attempt = office_codes.find_attempt(sys.argv[1], now=now)
given = office_codes.give(
    attempt, asked_by=asked_by, confirmed_by=confirmed_by, reason="SMS не приходит, узнана по голосу", now=now
)
print(office_codes.show(given, now=now))
"""

#: A browser that reads SMS: what it was asked for, and a way to let an SMS come.
WEB_OTP = """
window.OTPCredential = class {};
window.sms = {asked: [], aborted: 0};
navigator.credentials.get = ({otp, signal}) => new Promise((taken, refused) => {
  window.sms.asked.push(otp);
  window.sms.come = (code) => taken({code});
  signal.addEventListener('abort', () => {
    window.sms.aborted += 1;
    refused(signal.reason);
  });
});
"""


@pytest.fixture
def page(stack: Stack, agent: Agent, phone: Phone) -> Page:
    """The list on a phone whose agent has logged in."""
    page = phone.open()
    app.log_in(page, stack, agent)
    app.wait_ready(page)
    return page


def arrived(stack: Stack, numbers: list[str]) -> int:
    """How many of these receipts the server has; more than one row for a number is an error."""
    rows = stack.query(
        "SELECT number, count(*) FROM receipts_receipt WHERE number = ANY(%s) GROUP BY 1", numbers
    )
    assert all(count == 1 for _, count in rows)
    return len(rows)


def say_online(page: Page) -> None:
    page.evaluate("dispatchEvent(new Event('online'))")


def installations(stack: Stack, agent: Agent) -> list[tuple[object, ...]]:
    return stack.query("SELECT id, code FROM accounts_installation WHERE agent_id = %s", agent.id)


def test_f26_a_session_that_ends_without_network_stops_sending_and_not_issuing(
    stack: Stack, line: Line, agent: Agent, page: Page
) -> None:
    """31 days without contact by the server's clock; said on the screen and in the spoken region (P15)."""
    before = installations(stack, agent)
    line.cut()
    stack.execute(
        "UPDATE accounts_agentsession SET last_contact_at = now() - interval '31 days' WHERE agent_id = %s",
        agent.id,
    )
    numbers = [app.issue(page, CLIENTS[0])]
    app.done(page)
    line.restore()
    say_online(page)
    expect(page.get_by_text(ENDED).first).to_be_visible(timeout=40_000)
    expect(page.get_by_role("status").filter(has_text=ENDED)).to_have_count(1, timeout=15_000)
    numbers.append(app.issue(page, CLIENTS[1]))  # with network and without a session
    expect(page.get_by_text("Войдите по коду из SMS — она уйдёт сама").first).to_be_visible()
    app.done(page)
    assert arrived(stack, numbers) == 0

    line.cut()
    say_online(page)
    expect(page.get_by_text(NO_SESSION).first).to_be_visible(timeout=40_000)
    line.restore()
    say_online(page)
    page.get_by_role("button", name="Войти").first.click(timeout=40_000)
    app.log_in(page, stack, agent)
    wait_for(lambda: arrived(stack, numbers) == 2, "both receipts", 60)
    assert installations(stack, agent) == before


def test_f28_a_session_that_ends_between_two_batches_keeps_the_rest_and_goes_on_by_itself(
    stack: Stack, line: Line, agent: Agent, page: Page
) -> None:
    line.cut()
    numbers = []
    for client in CLIENTS:
        numbers.append(app.issue(page, client))
        app.done(page)
    calls = []

    def fail_then_end_the_session(route: Route) -> None:
        calls.append(route.request)
        if len(calls) == 1:
            route.abort()  # a stumble of the line: the batch gets smaller
            return
        answer = route.fetch()
        if len(calls) == 2:
            stack.execute("UPDATE accounts_agentsession SET ended_at = now() WHERE agent_id = %s", agent.id)
        route.fulfill(response=answer)

    page.route(INTAKE, fail_then_end_the_session)
    line.restore()
    say_online(page)
    expect(page.get_by_text(ENDED).first).to_be_visible(timeout=40_000)
    assert len(calls) == 3
    assert arrived(stack, numbers) == 1
    app.open_unsent(page)
    waiting = page.get_by_role("region", name="На этом телефоне")
    expect(waiting.get_by_role("link")).to_have_count(2)

    page.unroute(INTAKE)
    page.get_by_role("button", name="Войти").first.click()
    app.log_in(page, stack, agent)
    wait_for(lambda: arrived(stack, numbers) == 3, "all three receipts", 60)
    app.open_unsent(page)
    expect(page.get_by_text("Всё отправлено")).to_be_visible(timeout=60_000)


def test_p16_before_the_90_days_are_over_the_app_asks_ahead_and_nothing_is_lost(
    stack: Stack, agent: Agent, page: Page
) -> None:
    before = installations(stack, agent)
    page.goto("/new")
    number = app.number_shown(page)
    page.get_by_label("Страхователь", exact=True).fill("Сидорова Аглая Потаповна")
    page.wait_for_timeout(1500)  # the draft is written a moment after the last key
    stack.execute(
        "UPDATE accounts_agentsession SET confirmed_at = now() - interval '88 days' WHERE agent_id = %s",
        agent.id,
    )
    page.goto("/")
    expect(page.get_by_text(ENDS_SOON).first).to_be_visible()
    seen = len(stack.sms(agent.phone_number))
    page.get_by_role("button", name="Получить код").click()
    expect(page.get_by_role("heading", name="Код из SMS")).to_be_visible()
    page.get_by_label("Код из SMS").fill(stack.sms_code(agent.phone_number, after=seen))
    page.get_by_role("button", name="Войти").click()
    expect(page.get_by_role("heading", name="Квитанции")).to_be_visible()
    expect(page.get_by_text(ENDS_SOON)).to_have_count(0)

    assert installations(stack, agent) == before
    living = stack.query(
        "SELECT confirmed_at > now() - interval '1 hour' FROM accounts_agentsession"
        " WHERE agent_id = %s AND ended_at IS NULL",
        agent.id,
    )
    assert living == [(True,)]
    page.goto("/new")
    expect(page.get_by_label("Страхователь", exact=True)).to_have_value("Сидорова Аглая Потаповна")
    assert app.number_shown(page) == number


@pytest.fixture
def asking(agent: Agent, phone: Phone) -> Page:
    """A fresh phone that has asked for its code; its clock can be put forward."""
    page = phone.open(None)
    page.clock.install()
    page.goto("/")
    ask(page, agent)
    return page


def ask(page: Page, agent: Agent) -> None:
    page.get_by_label("Телефон", exact=True).fill(agent.phone_number)
    page.get_by_role("button", name="Получить код").click()
    expect(page.get_by_label("Код из SMS")).to_be_visible()


def test_p16_without_an_sms_the_agent_gets_in_with_the_offices_code(stack: Stack, asking: Page) -> None:
    expect(asking.get_by_text("Отправить ещё раз через")).to_be_visible()
    expect(asking.get_by_role("button", name="Код из офиса")).to_have_count(0)
    asking.reload()  # what was typed and asked for survives it
    asking.clock.fast_forward(61_000)
    asking.get_by_role("button", name="Код из офиса").click()
    expect(asking.get_by_text("и продиктуйте эти знаки")).to_be_visible()
    sign = asking.locator("strong").inner_text().replace(" ", "")
    assert re.fullmatch(r"[0-9АВЕКМНРСТУХ]{4}", sign)

    code = stack.python(GIVE_OFFICE_CODE, sign).strip()
    asking.get_by_label("Код из SMS").fill(code)
    asking.get_by_role("button", name="Войти").click()
    expect(asking.get_by_role("heading", name="Квитанции")).to_be_visible()


def test_p16_after_a_minute_the_same_code_is_sent_again_and_the_office_stays_at_hand(
    stack: Stack, agent: Agent, asking: Page
) -> None:
    first = stack.sms_code(agent.phone_number)
    stack.execute(
        "UPDATE accounts_loginattempt SET last_generated_timestamp = now() - interval '61 seconds'"
        " WHERE phone_number = %s",
        agent.phone_number,
    )
    asking.clock.fast_forward(61_000)
    asking.get_by_role("button", name="Отправить ещё раз").click()
    assert stack.sms_code(agent.phone_number, after=1) == first
    expect(asking.get_by_text("Отправить ещё раз через")).to_be_visible()
    expect(asking.get_by_role("button", name="Код из офиса")).to_be_visible()


def test_p16_a_code_that_comes_late_is_typed_after_the_app_was_closed(
    stack: Stack, agent: Agent, phone: Phone
) -> None:
    page = phone.open()
    ask(page, agent)
    page.get_by_label("Код из SMS").fill("12")
    page = phone.reopen("/login")
    expect(page.get_by_label("Код из SMS")).to_have_value("12")
    page.get_by_label("Код из SMS").fill(stack.sms_code(agent.phone_number))
    page.get_by_role("button", name="Войти").click()
    expect(page.get_by_role("heading", name="Квитанции")).to_be_visible()


@pytest.fixture
def reading(agent: Agent, phone: Phone) -> Callable[[], Page]:
    """Opens a phone whose browser reads SMS, and asks for the code."""

    def opened() -> Page:
        page = phone.open(None)
        page.add_init_script(WEB_OTP)
        page.goto("/")
        ask(page, agent)
        return page

    return opened


def test_p19_a_browser_that_reads_sms_fills_the_code_in_and_logs_in(
    stack: Stack, agent: Agent, reading: Callable[[], Page]
) -> None:
    page = reading()
    message = stack.sms(agent.phone_number) or wait_for(lambda: stack.sms(agent.phone_number), "the SMS")
    code = stack.sms_code(agent.phone_number)
    assert message[-1]["text"].splitlines()[-1] == f"@127.0.0.1 #{code}"
    assert page.evaluate("sms.asked") == [{"transport": ["sms"]}]
    page.evaluate("code => sms.come(code)", code)
    expect(page.get_by_role("heading", name="Квитанции")).to_be_visible()
    assert page.evaluate("sms.aborted") == 1  # left behind


def test_p19_leaving_the_code_stops_the_reading_of_sms(reading: Callable[[], Page]) -> None:
    page = reading()
    page.get_by_role("button", name="Изменить").click()
    expect(page.get_by_role("button", name="Получить код")).to_be_visible()
    assert page.evaluate("sms.aborted") == 1
    code = page.locator("input[autocomplete=one-time-code]")
    expect(code).to_have_count(0)
