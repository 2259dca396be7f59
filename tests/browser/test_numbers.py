"""Online numbers in a real browser: one while the form is open, and what becomes of it without a line."""

import pytest
from playwright.sync_api import Page, expect

from tests.browser import app
from tests.browser.app import Client
from tests.support.browser import Phone
from tests.support.line import Line
from tests.support.stack import Agent, Stack, wait_for

CLIENT = Client()
#: what a page without our code sees of the address
RESERVE = """async (times) => {
  const { csrf } = await (await fetch('/api/ping')).json();
  const numbers = new Set();
  for (let asked = 0; asked < times; asked++) {
    const headers = { 'X-CSRF-Token': csrf, 'Content-Type': 'application/json' };
    numbers.add((await (await fetch('/api/numbers', { method: 'POST', headers, body: '{}' })).json()).number);
  }
  return [...numbers];
}"""


@pytest.fixture
def page(stack: Stack, agent: Agent, phone: Phone) -> Page:
    """The list on a phone whose agent has logged in and which is ready to work without network."""
    page = phone.open()
    app.log_in(page, stack, agent)
    app.wait_ready(page)
    return page


def open_form(page: Page, prefix: str = "АВ-") -> str:
    page.get_by_role("button", name="Новая квитанция").or_(
        page.get_by_role("link", name="Новая квитанция")
    ).first.click()
    return app.number_shown(page, prefix)


def lose_the_line(page: Page, line: Line) -> None:
    line.cut()
    page.evaluate("dispatchEvent(new Event('offline'))")
    expect(page.get_by_text(app.OFFLINE).first).to_be_visible(timeout=40_000)


def find_the_line(page: Page, line: Line) -> None:
    line.restore()
    page.evaluate("dispatchEvent(new Event('online'))")


def in_kias(stack: Stack, number: str) -> int:
    return sum(document["number"] == number for document in stack.ledger()["documents"])


def reservations(stack: Stack, agent: Agent) -> list[tuple[str, bool, bool]]:
    """Number, spent?, void? of this agent's phones, in the order they were given."""
    return [
        (number, spent, void)
        for number, spent, void in stack.query(
            "SELECT r.number, r.spent_at IS NOT NULL, r.voided_at IS NOT NULL"
            " FROM receipts_numberreservation r JOIN accounts_installation i ON i.id = r.installation_id"
            " WHERE i.agent_id = %s ORDER BY r.reserved_at",
            agent.id,
        )
    ]


def test_p03_the_form_opened_a_hundred_times_spends_one_number(
    stack: Stack, agent: Agent, page: Page
) -> None:
    number = open_form(page)
    for _ in range(9):
        page.go_back()
        assert open_form(page) == number
    page.reload()
    assert app.number_shown(page) == number
    assert page.evaluate(RESERVE, 100) == [number]
    assert reservations(stack, agent) == [(number, False, False)]


def test_a_receipt_with_network_reaches_kias_under_its_series_number(
    stack: Stack, agent: Agent, page: Page
) -> None:
    number = open_form(page)
    app.fill_form(page, CLIENT)
    app.save(page)
    expect(page.get_by_text(f"Квитанция № {number} отправлена").first).to_be_visible(timeout=30_000)
    wait_for(lambda: in_kias(stack, number), "the document in KIAS")
    assert in_kias(stack, number) == 1
    assert reservations(stack, agent) == [(number, True, False)]
    app.done(page)
    following = open_form(page)
    assert following > number
    assert reservations(stack, agent)[1:] == [(following, False, False)]


def test_a_line_that_is_gone_at_saving_makes_it_a_bs_number_and_gives_the_other_back(
    stack: Stack, agent: Agent, line: Line, page: Page
) -> None:
    given = open_form(page)
    app.fill_form(page, CLIENT)
    lose_the_line(page, line)
    expect(page.get_by_label("Номер квитанции")).to_have_value(given)
    app.save(page)
    said = page.get_by_text("Связи нет: номер квитанции теперь БС-").last  # the status region says it too
    expect(said).to_be_visible()
    number = said.inner_text().removesuffix(".").split()[-1]
    expect(page.get_by_text(f"Квитанция № {number} сохранена на этом телефоне").first).to_be_visible()
    assert reservations(stack, agent) == [(given, False, False)]

    find_the_line(page, line)
    expect(page.get_by_text(f"Квитанция № {number} отправлена").first).to_be_visible(timeout=60_000)
    wait_for(lambda: in_kias(stack, number), "the document in KIAS")
    assert (in_kias(stack, number), in_kias(stack, given)) == (1, 0)
    assert reservations(stack, agent) == [(given, False, True)]
    app.done(page)
    assert open_form(page, "(АВ|БС)-") not in {given, number}  # БС- again where the server is slow just then


def test_f01_a_lost_answer_opens_the_form_with_a_bs_number_and_the_reservation_waits(
    stack: Stack, agent: Agent, line: Line, page: Page
) -> None:
    # a browser repeats by itself what got no answer on a connection that it held in stock
    lost = [line.lose_next_reply(b"POST /api/numbers") for _ in range(5)]
    number = open_form(page, "БС-")
    lost[0].wait()
    line.restore()
    app.fill_form(page, CLIENT)
    app.save(page)
    expect(page.get_by_text(f"Квитанция № {number} отправлена").first).to_be_visible(timeout=60_000)
    app.done(page)
    [(kept, spent, void)] = reservations(stack, agent)
    assert (spent, void) == (False, False)
    assert open_form(page) == kept


def test_a_receipt_once_saved_keeps_its_number_whatever_becomes_of_the_line(
    stack: Stack, agent: Agent, line: Line, page: Page, phone: Phone
) -> None:
    number = open_form(page)
    app.fill_form(page, CLIENT)
    lost = line.lose_next_reply(b"POST /api/receipts HTTP")
    app.save(page)
    lost.wait()
    line.cut()
    expect(page.get_by_text(f"Квитанция № {number}").first).to_be_visible()
    page = phone.reopen("/unsent")
    expect(app.row(page, number)).to_be_visible()
    find_the_line(page, line)
    expect(page.get_by_text("Всё отправлено")).to_be_visible(timeout=90_000)
    wait_for(lambda: in_kias(stack, number), "the document in KIAS")
    assert in_kias(stack, number) == 1
    assert reservations(stack, agent) == [(number, True, False)]


def test_f18_two_tabs_share_one_form_and_one_number(
    stack: Stack, agent: Agent, page: Page, phone: Phone
) -> None:
    number = open_form(page)
    other = phone.new_tab("/new")
    assert app.number_shown(other) == number
    assert len(reservations(stack, agent)) == 1


def test_two_phones_at_once_never_show_one_number(
    stack: Stack, agent: Agent, page: Page, new_phone: object
) -> None:
    second = new_phone().open()  # type: ignore[operator]
    app.log_in(second, stack, agent)
    assert open_form(page) != open_form(second)
    assert len(reservations(stack, agent)) == 2
