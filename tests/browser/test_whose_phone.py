"""Whose a phone is: two agents on one, a dismissed one, a new number; in real browsers."""

import re
import uuid
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.browser import app
from tests.browser.app import FIRST, SECOND
from tests.support.browser import Phone
from tests.support.line import Line
from tests.support.stack import Agent, Stack, wait_for

DISMISSED = "UPDATE accounts_user SET agent_status = 'handover_only', status_since = now() WHERE id = %s"


@pytest.fixture
def page(phone: Phone, stack: Stack, agent: Agent) -> Page:
    """The agent is logged in on this phone."""
    page = phone.open()
    app.log_in(page, stack, agent)
    return page


def test_f25_two_agents_on_one_phone(page: Page, line: Line, stack: Stack, agent: Agent) -> None:
    app.wait_ready(page)
    app.cut_off(page, line)
    numbers = [app.issue_and_go_on(page, FIRST), app.issue_and_go_on(page, SECOND)]
    app.choose(page, "Выйти")
    dialog = page.get_by_role("dialog", name="Выйти")
    expect(dialog).to_contain_text(
        re.compile(
            r"На телефоне 2\sнеотправленные квитанции\. Они останутся здесь и уйдут после вашего входа\."
        )
    )
    dialog.get_by_role("button", name="Остаться").click()
    expect(app.row(page, numbers[0])).to_be_visible()
    app.choose(page, "Выйти")
    dialog.get_by_role("button", name="Выйти").click()
    expect(page.get_by_role("heading", name="Вход")).to_be_visible()

    second = stack.new_agent("Вторая")
    app.back_on_line(page, line)
    app.log_in(page, stack, second)
    for number in numbers:
        # carried, and still the first's
        assert app.taken(stack, number)[:3] == (agent.id, agent.id, second.id)
        expect(app.row(page, number)).to_have_count(0)
    expect(page.get_by_text("Сидорова")).to_have_count(0)
    sources = page.evaluate("document.documentElement.innerHTML")
    assert not any(number in sources for number in numbers)
    app.open_unsent(page)
    expect(page.get_by_text("Неотправленных нет")).to_be_visible()
    page.get_by_role("button", name="Назад").click()

    app.choose(page, "Выйти")
    page.get_by_role("dialog", name="Выйти").get_by_role("button", name="Выйти").click()
    app.log_in(page, stack, agent)
    for number in numbers:
        expect(app.row(page, number)).to_be_visible()
    expect(app.row(page, numbers[0])).to_contain_text("Сидорова А. П.")


def test_p17_a_dismissed_agent_hands_over_and_no_more(
    page: Page, line: Line, stack: Stack, agent: Agent
) -> None:
    app.wait_ready(page)
    gone = app.issue_and_go_on(page, FIRST)
    app.taken(stack, gone)
    app.cut_off(page, line)
    number = app.issue_and_go_on(page, SECOND)
    stack.execute(DISMISSED, agent.id)
    asked = []
    page.on("request", lambda request: asked.append(request.url))
    line.restore()
    page.evaluate("dispatchEvent(new Event('online'))")
    expect(page.get_by_role("main").get_by_text("Новые квитанции оформлять нельзя")).to_be_visible(
        timeout=40_000
    )
    expect(page.get_by_text("Ваших неотправленных на этом телефоне нет.")).to_be_visible(timeout=30_000)
    # issued before: taken as it is
    assert app.taken(stack, number)[3] in {"accepted", "registered", "fiscalised"}
    expect(page.get_by_role("button", name="Новая квитанция")).to_have_count(0)
    expect(app.row(page, number)).to_be_visible()

    app.cut_off(page, line)
    page.goto("/new")
    expect(page.get_by_role("heading", name="Новые квитанции оформлять нельзя")).to_be_visible()
    expect(page.get_by_role("textbox")).to_have_count(0)
    page.get_by_role("button", name="Назад").click()
    app.back_on_line(page, line)
    asked.clear()
    page.wait_for_timeout(3_000)  # nothing is asked for again and again
    assert len([url for url in asked if "states" in url or "search" in url]) <= 1


def test_p17_what_is_left_is_told_with_its_sum(page: Page, line: Line, stack: Stack, agent: Agent) -> None:
    app.wait_ready(page)
    app.cut_off(page, line)
    for client in (FIRST, SECOND):
        app.issue_and_go_on(page, client)
    stack.execute(DISMISSED, agent.id)
    page.context.route("**/api/receipts", lambda route: route.abort())  # the ping gets through, they do not
    line.restore()
    page.evaluate("dispatchEvent(new Event('online'))")
    words = re.compile(r"Новые квитанции оформлять нельзя\. Передайте оставшиеся: 2\sшт\. на 4\s245,50\s₽\.")
    expect(page.get_by_role("main").get_by_text(words)).to_be_visible(timeout=40_000)
    expect(page.get_by_role("button", name="Передать оставшиеся")).to_be_visible()
    page.get_by_role("button", name="Меню", exact=True).click()
    expect(page.get_by_role("dialog", name="Меню").get_by_text(words)).to_be_visible()


def test_p25_a_new_number_keeps_the_queue_and_tells_the_old_one(
    page: Page, line: Line, stack: Stack, agent: Agent
) -> None:
    app.wait_ready(page)
    number = app.issue_and_go_on(page, FIRST)
    app.choose(page, "Мои устройства")
    page.get_by_role("button", name="Сменить номер").click()
    field = page.get_by_label("Новый номер")
    expect(field).to_be_focused()
    page.get_by_role("button", name="Получить код").click()
    expect(field).to_have_attribute("aria-invalid", "true")
    field.fill(agent.phone_number)
    page.get_by_role("button", name="Получить код").click()
    expect(field).to_have_accessible_description("Это и есть ваш номер. Введите новый.")
    new = f"+79{uuid.uuid4().int % 10**9:09d}"
    field.fill(new.removeprefix("+7"))
    page.get_by_role("button", name="Получить код").click()
    code = page.get_by_label("Код из SMS")
    expect(code).to_be_focused()
    expect(page.get_by_text("Отправить ещё раз через")).to_be_visible()
    expect(page.get_by_text("Код из офиса")).to_have_count(0)
    right = stack.sms_code(new)
    code.fill("000000" if right != "000000" else "111111")
    page.get_by_role("button", name="Сменить номер").click()
    expect(code).to_have_accessible_description(re.compile("Осталось попыток: 4"))
    code.fill(right)
    page.get_by_role("button", name="Сменить номер").click()
    expect(page.get_by_role("heading", name="Номер изменён")).to_be_visible()
    wait_for(
        lambda: any("Номер для входа в КИАС изменён" in sms["text"] for sms in stack.sms(agent.phone_number)),
        "the SMS to the former number",
    )
    page.get_by_role("button", name="Готово").click()
    page.get_by_role("button", name="Назад").click()
    expect(app.row(page, number)).to_be_visible()
    app.choose(page, "Выйти")
    page.get_by_role("dialog", name="Выйти").get_by_role("button", name="Выйти").click()
    app.log_in(page, stack, Agent(agent.id, new, agent.name))
    expect(app.row(page, number)).to_be_visible()


def test_the_new_screens_fit_a_small_phone_with_large_type(
    new_phone: Callable[..., Phone], stack: Stack, agent: Agent, tmp_path: Path
) -> None:
    phone = new_phone(width=320, height=640, color_scheme="dark")
    page = phone.open()
    app.log_in(page, stack, agent)
    page.add_init_script(
        "addEventListener('DOMContentLoaded', () => document.documentElement.style.fontSize = '200%')"
    )
    for path in ("/devices", "/number", "/attention"):
        page.goto(path)
        expect(page.get_by_role("heading", level=1)).to_be_visible()
        page.wait_for_timeout(500)
        assert page.evaluate("document.documentElement.scrollWidth") <= 320
