"""The PIN: who opens the receipts on this phone, and what happens to those who cannot (P27, F25, F35)."""

import re
import time
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.browser import app
from tests.browser.app import Client
from tests.support.browser import Phone
from tests.support.line import Line
from tests.support.stack import Agent, Stack, wait_for

PIN = "246810"
WRONG = "112358"
NAME = "Сидорова Аглая Потаповна"


def type_pin(page: Page, pin: str, *, label: str = "PIN-код") -> None:
    field = page.get_by_label(label, exact=True)
    field.fill(pin)
    field.press("Enter")


def log_in(page: Page, stack: Stack, agent: Agent) -> None:
    """As far as the PIN."""
    page.get_by_label("Телефон", exact=True).fill(agent.phone_number)
    seen = len(stack.sms(agent.phone_number))
    page.get_by_role("button", name="Получить код").click()
    page.get_by_label("Код из SMS").fill(stack.sms_code(agent.phone_number, after=seen))
    page.get_by_role("button", name="Войти").click()


def set_pin(page: Page, pin: str = PIN) -> None:
    type_pin(page, pin, label="Придумайте PIN-код")
    type_pin(page, pin, label="Повторите PIN-код")
    expect(page.get_by_role("heading", name="Квитанции")).to_be_visible()


def close_now(page: Page) -> None:
    page.get_by_role("button", name="Меню").click()
    page.get_by_role("button", name="Закрыть PIN-кодом").click()
    expect(page.get_by_role("heading", name="PIN-код", exact=True)).to_be_visible()


@pytest.fixture
def phone(new_phone: Callable[..., Phone]) -> Phone:
    return new_phone(pin=None)


@pytest.fixture
def page(stack: Stack, agent: Agent, phone: Phone) -> Page:
    page = phone.open()
    log_in(page, stack, agent)
    set_pin(page)
    return page


def test_p27_a_pin_is_chosen_with_care_and_wrong_ones_make_it_wait_over_a_kill_and_a_changed_clock(
    stack: Stack, agent: Agent, phone: Phone, line: Line
) -> None:
    page = phone.open()
    log_in(page, stack, agent)
    for weak in ("123456", "111111", "654321", "121212"):
        type_pin(page, weak, label="Придумайте PIN-код")
        expect(page.get_by_text("Такой PIN-код подберут первым").first).to_be_visible()
    type_pin(page, PIN, label="Придумайте PIN-код")
    type_pin(page, WRONG, label="Повторите PIN-код")
    expect(page.get_by_text("PIN-коды не совпали").first).to_be_visible()
    set_pin(page)
    app.wait_ready(page)
    line.cut()
    app.issue(page, Client())

    page = phone.reopen()
    expect(page.get_by_text("1 квитанция на 3 245,50 ₽ ждёт отправки")).to_be_visible()
    expect(page.get_by_text(agent.name)).to_be_visible()
    for _ in range(3):
        type_pin(page, WRONG)
        expect(page.get_by_text("PIN-код не подошёл").first).to_be_visible()
        expect(page.get_by_label("PIN-код", exact=True)).to_have_value("")
    expect(page.get_by_text(re.compile("Ещё раз можно через 0:2")).first).to_be_visible()
    phone.kill()

    page = phone.open(None)
    page.clock.install()
    page.clock.pause_at(time.time() + 86_400)
    page.goto("/")
    expect(page.get_by_text(re.compile("Ещё раз можно через 0:[123]")).first).to_be_visible()
    type_pin(page, PIN)
    expect(page.get_by_label("PIN-код", exact=True)).to_be_visible()
    page.clock.run_for(31_000)
    type_pin(page, PIN)
    expect(page.get_by_text(NAME).or_(page.get_by_text("Сидорова А. П.")).first).to_be_visible()


def test_p27_five_minutes_without_a_touch_close_the_list_and_never_an_open_form(
    stack: Stack, agent: Agent, phone: Phone
) -> None:
    page = phone.open(None)
    page.clock.install()
    page.goto("/")
    log_in(page, stack, agent)
    set_pin(page)
    page.clock.fast_forward(280_000)
    page.get_by_role("button", name="Новая квитанция").click()
    name = page.get_by_label("Страхователь", exact=True)
    name.fill(NAME)
    page.clock.fast_forward(400_000)
    page.clock.run_for(20_000)
    expect(name).to_have_value(NAME)
    name.press_sequentially("я")
    page.get_by_role("button", name="Назад").click()
    expect(page.get_by_role("heading", name="PIN-код", exact=True)).to_be_visible()
    type_pin(page, PIN)
    page.get_by_role("button", name="Новая квитанция").click()
    expect(name).to_have_value(f"{NAME}я")
    page.get_by_role("button", name="Назад").click()
    expect(page.get_by_role("heading", name="Квитанции")).to_be_visible()

    page.clock.fast_forward(310_000)
    expect(page.get_by_role("heading", name="PIN-код", exact=True)).to_be_visible()


def test_p27_a_reload_within_the_five_minutes_asks_no_pin_and_a_new_start_does(
    page: Page, phone: Phone
) -> None:
    app.wait_ready(page)
    page.reload()
    expect(page.get_by_role("heading", name="Квитанции")).to_be_visible()
    page.reload()
    expect(page.get_by_role("heading", name="Квитанции")).to_be_visible()
    page.goto("/unsent")  # the same address again would count as a reload
    expect(page.get_by_role("heading", name="PIN-код", exact=True)).to_be_visible()
    page.reload()
    expect(page.get_by_role("heading", name="PIN-код", exact=True)).to_be_visible()
    type_pin(page, PIN)
    expect(page.get_by_role("heading", name="Неотправленные")).to_be_visible()
    page = phone.reopen()
    expect(page.get_by_role("heading", name="PIN-код", exact=True)).to_be_visible()


def test_p27_a_passkey_of_this_phone_opens_the_receipts_without_network(
    stack: Stack, agent: Agent, line: Line, new_phone: Callable[..., Phone]
) -> None:
    phone = new_phone(pin=None, base_url=f"http://localhost:{line.port}")
    page = phone.open(None)
    assert phone.context
    devtools = phone.context.new_cdp_session(page)
    devtools.send("WebAuthn.enable")
    able = (
        "hasResidentKey",
        "hasUserVerification",
        "isUserVerified",
        "automaticPresenceSimulation",
        "hasPrf",
    )
    device = {
        "protocol": "ctap2",
        "ctap2Version": "ctap2_1",
        "transport": "internal",
        **dict.fromkeys(able, True),
    }
    devtools.send("WebAuthn.addVirtualAuthenticator", {"options": device})
    page.goto("/")
    log_in(page, stack, agent)
    set_pin(page)
    app.wait_ready(page)
    page.get_by_role("button", name="Меню").click()
    page.get_by_role("button", name="Мои устройства").click()
    page.get_by_role("button", name="Вход по отпечатку или лицу").click()
    type_pin(page, PIN, label="Текущий PIN-код")
    page.get_by_role("button", name="Включить").click()
    expect(page.get_by_role("button", name="Вход по отпечатку или лицу: включён")).to_be_visible()

    line.cut()
    page.goto("/")
    page.get_by_role("button", name="По отпечатку или лицу").click()
    expect(page.get_by_role("heading", name="Квитанции")).to_be_visible()

    page.goto("/devices")
    page.get_by_role("button", name="По отпечатку или лицу").click()
    page.get_by_role("button", name="Вход по отпечатку или лицу: включён").click()
    page.get_by_role("button", name="Выключить").click()
    expect(page.get_by_role("button", name="Вход по отпечатку или лицу", exact=True)).to_be_visible()
    page.goto("/")
    expect(page.get_by_label("PIN-код", exact=True)).to_be_visible()
    expect(page.get_by_role("button", name="По отпечатку или лицу")).to_have_count(0)


def test_p27_a_pin_forgotten_in_a_village_is_no_end_and_opens_nothing(
    stack: Stack, agent: Agent, page: Page, phone: Phone, line: Line
) -> None:
    app.wait_ready(page)
    line.cut()
    number = app.issue(page, Client())
    page = phone.reopen()
    page.get_by_role("button", name="Забыли PIN-код?").click()
    page.get_by_role("button", name="Начать с чистого списка").click()
    set_pin(page, "975310")
    expect(app.row(page, number)).to_contain_text("3 245,50")
    expect(page.get_by_text("Сидорова")).to_have_count(0)
    other = app.issue(page, Client(policy_number="0123456780"))
    assert other != number
    app.done(page)

    line.restore()
    page.evaluate("dispatchEvent(new Event('online'))")
    page.get_by_role("button", name="Войти").first.click(timeout=40_000)
    log_in(page, stack, agent)
    both = "SELECT 1 FROM receipts_receipt WHERE number IN (%s, %s)"
    wait_for(lambda: len(stack.query(both, number, other)) == 2, "both receipts", 60)


def test_f35_a_revoked_phone_closes_at_once_and_f25_another_agent_sees_only_that_something_waits(
    stack: Stack, agent: Agent, page: Page, line: Line
) -> None:
    app.wait_ready(page)
    line.cut()
    number = app.issue(page, Client())
    app.done(page)
    expect(app.row(page, number)).to_be_visible()
    stack.execute("UPDATE accounts_installation SET revoked_at = now() WHERE agent_id = %s", agent.id)
    stack.execute("UPDATE accounts_agentsession SET ended_at = now() WHERE agent_id = %s", agent.id)
    line.restore()
    page.evaluate("dispatchEvent(new Event('online'))")
    expect(page.get_by_role("heading", name="PIN-код", exact=True)).to_be_visible(timeout=40_000)
    expect(page.get_by_text("Этот телефон отозван").first).to_be_visible()
    expect(page.get_by_text("Сидорова")).to_have_count(0)

    page.get_by_role("button", name="Войти другому агенту").click()
    page.get_by_role("dialog").get_by_role("button", name="Выйти").click()
    other = stack.new_agent()
    log_in(page, stack, other)
    set_pin(page, "975310")
    expect(page.get_by_text("Сидорова")).to_have_count(0)
    close_now(page)
    type_pin(page, PIN)
    expect(page.get_by_text("PIN-код не подошёл").first).to_be_visible()
