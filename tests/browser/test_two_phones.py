"""Two phones of one agent, two agents on one phone, a dismissed one, a new number: in real browsers."""

import os
import re
import uuid
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.browser import app
from tests.browser.app import Client
from tests.support.browser import Phone
from tests.support.line import Line
from tests.support.stack import Agent, Stack, wait_for

FIRST = Client("Сидорова Аглая Потаповна", "0123456789", "3245,50")
SECOND = Client("Быков Лев Карпович", "0123456790", "1000")
SHOTS = os.environ.get("SHOTS")
#: the numbers that lie on the phone itself
KEPT = """() => new Promise((done) => {
    indexedDB.open('kias').onsuccess = ({ target }) => {
        const db = target.result
        db.transaction('rows').objectStore('rows').getAll().onsuccess = (found) => {
            done(found.target.result.map((row) => row.number))
            db.close()
        }
    }
})"""


@pytest.fixture
def other_line(stack: Stack) -> Iterator[Line]:
    """The second phone's own way to the server."""
    line = Line(stack.port)
    yield line
    line.close()


@pytest.fixture
def page(phone: Phone, stack: Stack, agent: Agent) -> Page:
    """The agent is logged in on this phone."""
    page = phone.open()
    app.log_in(page, stack, agent)
    return page


@pytest.fixture
def other(new_phone: Callable[..., Phone], other_line: Line, page: Page, stack: Stack, agent: Agent) -> Page:
    """The same agent's second phone, logged in after the first."""
    second = new_phone(base_url=other_line.url).open()
    app.log_in(second, stack, agent)
    return second


def shot(page: Page, name: str) -> None:
    """A picture for people who want to look: SHOTS=folder."""
    if SHOTS:
        page.screenshot(path=f"{SHOTS}/{name}.png")


def offline(page: Page, line: Line) -> None:
    line.cut()
    page.evaluate("dispatchEvent(new Event('offline'))")
    expect(page.get_by_role("main").get_by_text("Нет связи с сервером").first).to_be_visible(timeout=40_000)


def online(page: Page, line: Line) -> None:
    line.restore()
    page.evaluate("dispatchEvent(new Event('online'))")
    expect(page.get_by_role("main").get_by_text("Нет связи с сервером")).to_have_count(0, timeout=40_000)


def issue(page: Page, client: Client) -> str:
    number = app.issue(page, client)
    app.done(page)
    return number


def menu(page: Page, item: str) -> None:
    page.get_by_role("button", name="Меню", exact=True).click()
    page.get_by_role("dialog", name="Меню").get_by_role("button", name=item).click()


def accepted(stack: Stack, number: str) -> tuple[Any, ...]:
    """Agent, installation's agent, carrier's agent and state of a receipt, once the server has it."""
    sql = """SELECT r.agent_id::text, i.agent_id::text, c.agent_id::text, r.state, r.reason
             FROM receipts_receipt r
             JOIN accounts_installation i ON i.id = r.installation_id
             JOIN accounts_installation c ON c.id = r.carrier_id WHERE r.number = %s"""
    return wait_for(lambda: next(iter(stack.query(sql, number)), None), f"receipt {number}")


def reread(page: Page) -> None:
    """As when the app comes to the foreground again."""
    page.reload()
    expect(page.get_by_role("heading", level=1)).to_be_visible()


def test_f19_each_phone_sees_the_other_s_receipts_and_numbers_never_meet(
    page: Page, other: Page, line: Line, other_line: Line, stack: Stack, agent: Agent
) -> None:
    app.wait_ready(page)
    app.wait_ready(other)
    offline(page, line)
    offline(other, other_line)
    here, there = issue(page, FIRST), issue(other, SECOND)
    assert here.split("-")[1] != there.split("-")[1]
    online(page, line)
    online(other, other_line)
    for number in (here, there):
        assert accepted(stack, number)[:3] == (agent.id,) * 3
    for each, number in ((page, there), (other, here)):
        reread(each)
        expect(app.row(each, number)).to_be_visible(timeout=30_000)
        assert wait_for(
            lambda e=each, n=number: n in e.evaluate(KEPT), "the feed has brought it to this phone"
        )


def test_p35_what_waits_on_the_other_phone_is_told_here(
    page: Page, other: Page, line: Line, other_line: Line, stack: Stack, agent: Agent
) -> None:
    app.wait_ready(other)
    offline(other, other_line)
    for client in (FIRST, SECOND):
        issue(other, client)
    # the phone had time to say so, and the line was gone before it could send
    stack.execute(
        "UPDATE accounts_installation SET waiting_count = 2, waiting_sum = 424550 WHERE id = "
        "(SELECT id FROM accounts_installation WHERE agent_id = %s ORDER BY registered_at DESC LIMIT 1)",
        agent.id,
    )
    reread(page)
    words = re.compile(r"На другом вашем телефоне 2\sнеотправленные на 4\s245,50\s₽")
    expect(page.get_by_role("link", name=words)).to_be_visible(timeout=30_000)
    shot(page, "elsewhere")
    page.get_by_role("link", name=words).click()
    expect(page.get_by_role("heading", name="Мои устройства")).to_be_visible()
    expect(page.get_by_text(re.compile(r"^2\sнеотправленные на 4\s245,50\s₽"))).to_be_visible()
    offline(page, line)
    reread(page)
    expect(page.get_by_text(words)).to_be_visible()  # without a line, too
    shot(page, "devices-offline")


def test_f35_a_phone_revoked_from_the_other_one_says_so_keeps_all_and_comes_back_as_a_new_one(
    page: Page, other: Page, line: Line, other_line: Line, stack: Stack, agent: Agent
) -> None:
    app.wait_ready(other)
    sent = issue(other, FIRST)
    accepted(stack, sent)
    offline(other, other_line)
    unsent = issue(other, SECOND)
    code = unsent.split("-")[1]

    menu(page, "Мои устройства")
    lost = page.get_by_role("button", name=f"Отозвать телефон {code}")
    shot(page, "devices")
    lost.click()
    dialog = page.get_by_role("dialog", name="Отозвать телефон")
    expect(dialog).to_contain_text("Принятые квитанции не пострадают")
    shot(page, "revoke")
    dialog.get_by_role("button", name="Не отзывать").click()
    expect(dialog).to_have_count(0)
    lost.click()
    dialog.get_by_role("button", name="Отозвать", exact=True).click()
    expect(page.get_by_text("Других телефонов у вас нет")).to_be_visible()

    other_line.restore()
    other.evaluate("dispatchEvent(new Event('online'))")
    expect(other.get_by_role("main").get_by_text("Этот телефон отозван.")).to_be_visible(timeout=40_000)
    expect(app.row(other, unsent)).to_be_visible()
    shot(other, "revoked")
    reread(other)
    expect(app.row(other, unsent)).to_be_visible()
    other.get_by_role("button", name="Войти").click()
    app.log_in(other, stack, agent)
    assert accepted(stack, unsent) == (agent.id, agent.id, agent.id, "held", "revoked_installation")
    assert accepted(stack, sent)[4] != "revoked_installation"
    app.open_unsent(other)
    expect(app.row(other, unsent)).to_contain_text("проверяет офис")
    assert app_code(other) != code


def app_code(page: Page) -> str:
    """The installation code that the menu shows."""
    page.get_by_role("button", name="Назад").click()
    page.get_by_role("button", name="Меню", exact=True).click()
    words = page.get_by_role("dialog", name="Меню").get_by_text(re.compile("^телефон ")).inner_text()
    return words.split()[-1]


def test_p11_a_login_on_another_phone_is_told_until_it_is_read(
    page: Page, other: Page, line: Line, stack: Stack
) -> None:
    reread(page)
    page.get_by_role("button", name="Меню", exact=True).click()
    item = page.get_by_role("dialog", name="Меню").get_by_role("button", name=re.compile("^Требуют внимания"))
    expect(item).to_contain_text("1", timeout=30_000)
    item.click()
    told = page.get_by_text("Вход с нового телефона")
    expect(told).to_be_visible()
    shot(page, "notice")
    offline(page, line)  # read without a line: remembered, told later
    page.get_by_role("button", name="Понятно").click()
    expect(told).to_have_count(0)
    reread(page)
    expect(page.get_by_text("Ничего не требует внимания")).to_be_visible()
    unread = "SELECT count(*) FROM accounts_agentnotice WHERE kind = 'new_login' AND read_at IS NULL"
    before = stack.query(unread)[0][0]
    online(page, line)
    wait_for(lambda: stack.query(unread)[0][0] == before - 1, "the notice read on the server, too")
    expect(told).to_have_count(0)


def test_f25_two_agents_on_one_phone(page: Page, line: Line, stack: Stack, agent: Agent) -> None:
    app.wait_ready(page)
    offline(page, line)
    numbers = [issue(page, FIRST), issue(page, SECOND)]
    menu(page, "Выйти")
    dialog = page.get_by_role("dialog", name="Выйти")
    expect(dialog).to_contain_text(
        re.compile(
            r"На телефоне 2\sнеотправленные квитанции\. Они останутся здесь и уйдут после вашего входа\."
        )
    )
    dialog.get_by_role("button", name="Остаться").click()
    expect(app.row(page, numbers[0])).to_be_visible()
    menu(page, "Выйти")
    dialog.get_by_role("button", name="Выйти").click()
    expect(page.get_by_role("heading", name="Вход")).to_be_visible()

    second = stack.new_agent("Вторая")
    online(page, line)
    app.log_in(page, stack, second)
    for number in numbers:
        assert accepted(stack, number)[:3] == (
            agent.id,
            agent.id,
            second.id,
        )  # carried, and still the first's
        expect(app.row(page, number)).to_have_count(0)
    expect(page.get_by_text("Сидорова")).to_have_count(0)
    sources = page.evaluate("document.documentElement.innerHTML")
    assert not any(number in sources for number in numbers)
    app.open_unsent(page)
    expect(page.get_by_text("Неотправленных нет")).to_be_visible()
    page.get_by_role("button", name="Назад").click()

    menu(page, "Выйти")
    page.get_by_role("dialog", name="Выйти").get_by_role("button", name="Выйти").click()
    app.log_in(page, stack, agent)
    for number in numbers:
        expect(app.row(page, number)).to_be_visible()
    expect(app.row(page, numbers[0])).to_contain_text("Сидорова А. П.")


def test_p17_a_dismissed_agent_hands_over_and_no_more(
    page: Page, line: Line, stack: Stack, agent: Agent
) -> None:
    app.wait_ready(page)
    gone = issue(page, FIRST)
    accepted(stack, gone)
    offline(page, line)
    number = issue(page, SECOND)
    dismissed = "UPDATE accounts_user SET agent_status = 'handover_only', status_since = now() WHERE id = %s"
    stack.execute(dismissed, agent.id)
    asked = []
    page.on("request", lambda request: asked.append(request.url))
    line.restore()
    page.evaluate("dispatchEvent(new Event('online'))")
    expect(page.get_by_role("main").get_by_text("Новые квитанции оформлять нельзя")).to_be_visible(
        timeout=40_000
    )
    expect(page.get_by_text("Ваших неотправленных на этом телефоне нет.")).to_be_visible(timeout=30_000)
    shot(page, "handover-done")
    assert accepted(stack, number)[3] in {
        "accepted",
        "registered",
        "fiscalised",
    }  # issued before: taken as it is
    expect(page.get_by_role("button", name="Новая квитанция")).to_have_count(0)
    expect(app.row(page, number)).to_be_visible()

    offline(page, line)
    page.goto("/new")
    expect(page.get_by_role("heading", name="Новые квитанции оформлять нельзя")).to_be_visible()
    expect(page.get_by_role("textbox")).to_have_count(0)
    shot(page, "no-form")
    page.get_by_role("button", name="Назад").click()
    online(page, line)
    asked.clear()
    page.wait_for_timeout(3_000)  # nothing is asked for again and again
    assert len([url for url in asked if "states" in url or "search" in url]) <= 1


def test_p17_what_is_left_is_told_with_its_sum(page: Page, line: Line, stack: Stack, agent: Agent) -> None:
    app.wait_ready(page)
    offline(page, line)
    for client in (FIRST, SECOND):
        issue(page, client)
    dismissed = "UPDATE accounts_user SET agent_status = 'handover_only', status_since = now() WHERE id = %s"
    stack.execute(dismissed, agent.id)
    page.context.route("**/api/receipts", lambda route: route.abort())  # the ping gets through, they do not
    line.restore()
    page.evaluate("dispatchEvent(new Event('online'))")
    words = re.compile(r"Новые квитанции оформлять нельзя\. Передайте оставшиеся: 2\sшт\. на 4\s245,50\s₽\.")
    expect(page.get_by_role("main").get_by_text(words)).to_be_visible(timeout=40_000)
    expect(page.get_by_role("button", name="Передать оставшиеся")).to_be_visible()
    shot(page, "handover")
    page.get_by_role("button", name="Меню", exact=True).click()
    expect(page.get_by_role("dialog", name="Меню").get_by_text(words)).to_be_visible()
    shot(page, "handover-menu")


def test_p25_a_new_number_keeps_the_queue_and_tells_the_old_one(
    page: Page, line: Line, stack: Stack, agent: Agent
) -> None:
    app.wait_ready(page)
    number = issue(page, FIRST)
    menu(page, "Мои устройства")
    page.get_by_role("button", name="Сменить номер").click()
    field = page.get_by_label("Новый номер")
    expect(field).to_be_focused()
    shot(page, "number")
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
    shot(page, "number-code")
    code.fill(right)
    page.get_by_role("button", name="Сменить номер").click()
    expect(page.get_by_role("heading", name="Номер изменён")).to_be_visible()
    shot(page, "number-changed")
    wait_for(
        lambda: any("Номер для входа в КИАС изменён" in sms["text"] for sms in stack.sms(agent.phone_number)),
        "the SMS to the former number",
    )
    page.get_by_role("button", name="Готово").click()
    page.get_by_role("button", name="Назад").click()
    expect(app.row(page, number)).to_be_visible()
    menu(page, "Выйти")
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
        shot(page, f"large{path.replace('/', '-')}")
        assert page.evaluate("document.documentElement.scrollWidth") <= 320
