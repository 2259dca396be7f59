"""A line as it is between villages: thin, far, standing still, breaking; and Wi-Fi without the internet."""

import re
from collections.abc import Callable
from dataclasses import replace

import pytest
from playwright.sync_api import Page, expect

from tests.browser import app
from tests.support.browser import Phone
from tests.support.line import Line, Shape
from tests.support.stack import Agent, Stack, wait_for

PORTAL = "Эта сеть Wi-Fi просит сначала войти на её странице. Откройте браузер, войдите и вернитесь."
#: what the page makes of the attempts it sees: the values of its progress bar, one after another
WATCH = """() => {
  globalThis.seen = [];
  new MutationObserver(() => {
    const bar = document.querySelector('progress');
    if (bar && seen.at(-1) !== bar.value) seen.push(bar.value);
  }).observe(document.body, { subtree: true, childList: true, attributes: true });
}"""


@pytest.fixture
def page(new_phone: Callable[..., Phone], stack: Stack, agent: Agent) -> Page:
    """Logged in, ready to work without network."""
    view = new_phone(width=320).open()
    app.log_in(view, stack, agent)
    app.wait_ready(view)
    return view


def copies(page: Page, count: int) -> None:
    """One receipt issued by hand; the others quickly, by the same form."""
    client = app.Client()
    for each in range(count):
        app.issue(page, replace(client, policy_number=f"{each:010d}"))
        app.done(page)


def received(stack: Stack, agent: Agent) -> list[str]:
    rows = stack.query("SELECT number FROM receipts_receipt WHERE agent_id = %s ORDER BY number", agent.id)
    return [str(number) for (number,) in rows]


def line_is_back(page: Page) -> None:
    page.evaluate("dispatchEvent(new Event('online'))")


def test_f34_a_slow_line_carries_all_in_growing_batches_and_says_how_far_it_is(
    page: Page, line: Line, stack: Stack, agent: Agent
) -> None:
    line.cut()
    copies(page, 10)
    app.open_unsent(page)
    page.evaluate(WATCH)
    line.restore()
    shape = line.shape(Shape(bits=100_000, round_trip=0.3, stalls=0.04, stall_range=(0.5, 1.0), seed=3))
    line_is_back(page)

    # in a region that is spoken politely as it grows
    bar = page.get_by_role("status").get_by_role("progressbar", name=re.compile(r"Отправлено \d+ из 10"))
    expect(bar).to_be_visible(timeout=30_000)
    wait_for(lambda: len(received(stack, agent)) == 10, "all ten", 60)
    expect(page.get_by_text("На сервере, ждут КИАС")).to_be_visible(timeout=30_000)

    seen = page.evaluate("seen")
    assert seen == sorted(seen)
    assert len([value for value in seen if 0 < value < 10]) >= 1
    assert shape.requests.count("POST /api/receipts") >= 2
    assert shape.connections <= 4, "kept alive"


def test_f34_where_every_second_call_breaks_all_arrive_and_each_once(
    page: Page, line: Line, stack: Stack, agent: Agent
) -> None:
    line.cut()
    copies(page, 4)
    app.open_unsent(page)
    line.restore()
    line.flaky()
    line_is_back(page)
    wait_for(lambda: len(received(stack, agent)) == 4, "all four", 60)
    expect(page.get_by_text("На этом телефоне")).to_have_count(0, timeout=60_000)
    assert len(set(received(stack, agent))) == 4
    assert stack.query(
        "SELECT count(*) FROM sync_intakeexception WHERE envelope LIKE %s", f"%{agent.id}%"
    ) == [(0,)]


PORTALS = {
    "200 OK": "Content-Type: application/json",
    "302 Found": "Location: http://127.0.0.2:9/login",
    "511 Network Authentication Required": "Content-Type: text/html",
}


def test_f27_p15_a_network_that_wants_a_login_is_named_and_spoken_of(
    page: Page, line: Line, stack: Stack, agent: Agent
) -> None:
    notice = page.locator("main").get_by_text(PORTAL)
    line.cut()
    copies(page, 1)
    for status, headers in PORTALS.items():
        line.cut()
        line_is_back(page)
        expect(notice).to_have_count(0)
        line.restore()
        line.portal(status, headers)
        line_is_back(page)
        expect(notice).to_be_visible()
    expect(page.get_by_role("status").filter(has_text=PORTAL)).to_have_count(1, timeout=20_000)
    assert received(stack, agent) == []
    line.restore()
    line_is_back(page)
    wait_for(lambda: len(received(stack, agent)) == 1, "the receipt, once the network is one", 30)
