"""Two phones of one agent: numbers, receipts, a revoked one, a login that is told; in real browsers."""

import re
from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Page, expect

from tests.browser import app
from tests.browser.app import FIRST, SECOND
from tests.support.browser import Phone
from tests.support.line import Line
from tests.support.stack import Agent, Stack, wait_for

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


def test_f19_each_phone_sees_the_other_s_receipts_and_numbers_never_meet(
    page: Page, other: Page, line: Line, other_line: Line, stack: Stack, agent: Agent
) -> None:
    app.wait_ready(page)
    app.wait_ready(other)
    app.cut_off(page, line)
    app.cut_off(other, other_line)
    here, there = app.issue_and_go_on(page, FIRST), app.issue_and_go_on(other, SECOND)
    assert here.split("-")[1] != there.split("-")[1]
    app.back_on_line(page, line)
    app.back_on_line(other, other_line)
    for number in (here, there):
        assert app.taken(stack, number)[:3] == (agent.id,) * 3
    for each, number in ((page, there), (other, here)):
        app.reread(each)
        expect(app.row(each, number)).to_be_visible(timeout=30_000)
        assert wait_for(
            lambda e=each, n=number: n in e.evaluate(KEPT), "the feed has brought it to this phone"
        )


def test_p35_what_waits_on_the_other_phone_is_told_here(
    page: Page, other: Page, line: Line, other_line: Line, stack: Stack, agent: Agent
) -> None:
    app.wait_ready(other)
    app.cut_off(other, other_line)
    for client in (FIRST, SECOND):
        app.issue_and_go_on(other, client)
    # the phone had time to say so, and the line was gone before it could send
    stack.execute(
        "UPDATE accounts_installation SET waiting_count = 2, waiting_sum = 424550 WHERE id = "
        "(SELECT id FROM accounts_installation WHERE agent_id = %s ORDER BY registered_at DESC LIMIT 1)",
        agent.id,
    )
    app.reread(page)
    words = re.compile(r"На другом вашем телефоне 2\sнеотправленные на 4\s245,50\s₽")
    expect(page.get_by_role("link", name=words)).to_be_visible(timeout=30_000)
    page.get_by_role("link", name=words).click()
    expect(page.get_by_role("heading", name="Мои устройства")).to_be_visible()
    expect(page.get_by_text(re.compile(r"^2\sнеотправленные на 4\s245,50\s₽"))).to_be_visible()
    app.cut_off(page, line)
    app.reread(page)
    expect(page.get_by_text(words)).to_be_visible()  # without a line, too


def test_f35_a_phone_revoked_from_the_other_one_says_so_keeps_all_and_comes_back_as_a_new_one(
    page: Page, other: Page, line: Line, other_line: Line, stack: Stack, agent: Agent
) -> None:
    app.wait_ready(other)
    sent = app.issue_and_go_on(other, FIRST)
    app.taken(stack, sent)
    app.cut_off(other, other_line)
    unsent = app.issue_and_go_on(other, SECOND)
    code = unsent.split("-")[1]

    app.choose(page, "Мои устройства")
    lost = page.get_by_role("button", name=f"Отозвать телефон {code}")
    lost.click()
    dialog = page.get_by_role("dialog", name="Отозвать телефон")
    expect(dialog).to_contain_text("Принятые квитанции не пострадают")
    dialog.get_by_role("button", name="Не отзывать").click()
    expect(dialog).to_have_count(0)
    lost.click()
    dialog.get_by_role("button", name="Отозвать", exact=True).click()
    expect(page.get_by_text("Других телефонов у вас нет")).to_be_visible()

    other_line.restore()
    other.evaluate("dispatchEvent(new Event('online'))")
    expect(other.get_by_role("main").get_by_text("Этот телефон отозван.")).to_be_visible(timeout=40_000)
    expect(app.row(other, unsent)).to_be_visible()
    app.reread(other)
    expect(app.row(other, unsent)).to_be_visible()
    other.get_by_role("button", name="Войти").click()
    app.log_in(other, stack, agent)
    assert app.taken(stack, unsent) == (agent.id, agent.id, agent.id, "held", "revoked_installation")
    assert app.taken(stack, sent)[4] != "revoked_installation"
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
    app.reread(page)
    page.get_by_role("button", name="Меню", exact=True).click()
    item = page.get_by_role("dialog", name="Меню").get_by_role("button", name=re.compile("^Требуют внимания"))
    expect(item).to_contain_text("1", timeout=30_000)
    item.click()
    told = page.get_by_text("Вход с нового телефона")
    expect(told).to_be_visible()
    app.cut_off(page, line)  # read without a line: remembered, told later
    page.get_by_role("button", name="Понятно").click()
    expect(told).to_have_count(0)
    app.reread(page)
    expect(page.get_by_text("Ничего не требует внимания")).to_be_visible()
    unread = "SELECT count(*) FROM accounts_agentnotice WHERE kind = 'new_login' AND read_at IS NULL"
    before = stack.query(unread)[0][0]
    app.back_on_line(page, line)
    wait_for(lambda: stack.query(unread)[0][0] == before - 1, "the notice read on the server, too")
    expect(told).to_have_count(0)
