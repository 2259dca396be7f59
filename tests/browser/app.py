"""The app as an agent sees it: words on the screen and taps. Every locator is an accessible name."""

import re
from dataclasses import dataclass
from typing import Any

from playwright.sync_api import Locator, Page, expect

from tests.support.line import Line
from tests.support.stack import Agent, Stack, wait_for

OFFLINE = "Нет связи с сервером. Квитанции сохраняются на этом телефоне"


@dataclass(frozen=True)
class Client:
    """Somebody who pays a premium."""

    insurant: str = "Сидорова Аглая Потаповна"
    policy_number: str = "0123456789"
    amount: str = "3245,50"
    passport: str = "0411 123456"
    phone_number: str = "+7 912 345-67-89"


FIRST = Client("Сидорова Аглая Потаповна", "0123456789", "3245,50")
SECOND = Client("Быков Лев Карпович", "0123456790", "1000")


def log_in(page: Page, stack: Stack, agent: Agent) -> None:
    """Phone number, code from the SMS, the list."""
    seen = len(stack.sms(agent.phone_number))
    page.get_by_label("Телефон", exact=True).fill(agent.phone_number.removeprefix("+7"))
    page.get_by_role("button", name="Получить код").click()
    code = page.get_by_label("Код из SMS")
    expect(code).to_be_visible()
    code.fill(stack.sms_code(agent.phone_number, after=seen))
    enter = page.get_by_role("button", name="Войти")
    if enter.is_visible() and enter.is_enabled():
        enter.click()
    expect(page.get_by_role("heading", name="Квитанции")).to_be_visible()


def wait_ready(page: Page) -> None:
    """Until the menu says that the phone can work without network."""
    page.get_by_role("button", name="Меню").click()
    expect(page.get_by_text("Телефон готов: можно работать без интернета")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.get_by_role("dialog")).to_have_count(0)


def fill_form(page: Page, client: Client) -> None:
    """What an agent types for one client; the rest is there by itself."""
    page.get_by_label("Вид страхования").select_option("ОСАГО")
    page.get_by_label("Номер полиса").fill(client.policy_number)
    page.get_by_label("Страхователь", exact=True).fill(client.insurant)
    page.get_by_label("Паспорт").fill(client.passport)
    page.get_by_label("Сумма").fill(client.amount)
    page.get_by_label("Телефон", exact=True).fill(client.phone_number)


def number_shown(page: Page, prefix: str = "(БС|АВ)-") -> str:
    """The number that the form shows by itself: БС- without network, АВ- of the demo's series with it."""
    number = page.get_by_label("Номер квитанции")
    expect(number).to_have_value(re.compile(f"^{prefix}"))
    return number.input_value()


def issue(page: Page, client: Client) -> str:
    """Open the form, fill it, save; returns the number. Ends on the saved page."""
    page.get_by_role("button", name="Новая квитанция").or_(
        page.get_by_role("link", name="Новая квитанция")
    ).first.click()
    expect(page.get_by_role("heading", name="Новая квитанция")).to_be_visible()
    number = number_shown(page)
    fill_form(page, client)
    save(page)
    expect(page.get_by_text(f"Квитанция № {number}").first).to_be_visible()
    return number


def save(page: Page) -> None:
    page.get_by_role("button", name="Сохранить").last.click()


def done(page: Page) -> None:
    """From the saved page back to the list."""
    page.get_by_role("button", name="Готово").click()
    expect(page.get_by_role("heading", name="Квитанции")).to_be_visible()


def open_unsent(page: Page) -> None:
    page.get_by_role("button", name="Меню").click()
    page.get_by_role("dialog").get_by_text("Неотправленные").click()
    expect(page.get_by_role("heading", name="Неотправленные")).to_be_visible()


def row(page: Page, number: str) -> Locator:
    """The line of a list that leads to this receipt."""
    return page.get_by_role("link", name=re.compile(re.escape(number)))


def cut_off(page: Page, line: Line) -> None:
    """No line, and the app knows."""
    line.cut()
    page.evaluate("dispatchEvent(new Event('offline'))")
    expect(page.get_by_role("main").get_by_text("Нет связи с сервером").first).to_be_visible(timeout=40_000)


def back_on_line(page: Page, line: Line) -> None:
    line.restore()
    page.evaluate("dispatchEvent(new Event('online'))")
    expect(page.get_by_role("main").get_by_text("Нет связи с сервером")).to_have_count(0, timeout=40_000)


def issue_and_go_on(page: Page, client: Client) -> str:
    """Back on the list; returns the number."""
    number = issue(page, client)
    done(page)
    return number


def choose(page: Page, item: str) -> None:
    """Of the menu."""
    page.get_by_role("button", name="Меню", exact=True).click()
    page.get_by_role("dialog", name="Меню").get_by_role("button", name=item).click()


def reread(page: Page) -> None:
    """As when the app comes to the foreground again."""
    page.reload()
    expect(page.get_by_role("heading", level=1)).to_be_visible()


def taken(stack: Stack, number: str) -> tuple[Any, ...]:
    """Agent, installation's agent, carrier's agent and state of a receipt, once the server has it."""
    sql = """SELECT r.agent_id::text, i.agent_id::text, c.agent_id::text, r.state, r.reason
             FROM receipts_receipt r
             JOIN accounts_installation i ON i.id = r.installation_id
             JOIN accounts_installation c ON c.id = r.carrier_id WHERE r.number = %s"""
    return wait_for(lambda: next(iter(stack.query(sql, number)), None), f"receipt {number}")
