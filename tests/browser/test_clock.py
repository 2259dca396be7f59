"""What the phone says of time and of days by itself, without network (P35, P39)."""

import re
from datetime import UTC, datetime, timedelta

import pytest
from playwright.sync_api import Page, expect

from tests.browser import app
from tests.browser.app import Client
from tests.support.browser import Phone
from tests.support.line import Line
from tests.support.stack import Agent, Stack


@pytest.fixture
def page(phone: Phone, stack: Stack, agent: Agent) -> Page:
    page = phone.open()
    app.log_in(page, stack, agent)
    app.wait_ready(page)
    return page


def test_without_network_the_phone_names_what_waits_too_long_and_the_days_sum_counts_all(
    line: Line, page: Page
) -> None:
    line.cut()
    for client in (Client(amount="1000"), Client("Быков Лев Карпович", "0123456790", "2300")):
        app.issue(page, client)
        app.done(page)
    warning = page.get_by_text("отправки")
    expect(warning).to_have_count(0)
    heading = page.get_by_role("heading", level=2).first
    expect(heading).to_contain_text(re.compile(r"3\s300\s₽"))
    page.get_by_role("searchbox").fill("Быков")
    expect(page.get_by_role("listitem")).to_have_count(1)
    expect(heading).to_contain_text(re.compile(r"3\s300\s₽"))
    app.issue_and_go_on(page, Client(policy_number="0123456791", amount="700"))
    expect(page.get_by_role("searchbox")).to_have_value("")  # or the new one would not be in sight
    expect(page.get_by_role("listitem")).to_have_count(3)

    page.clock.set_fixed_time(datetime.now(UTC) + timedelta(days=4))
    page.reload()
    expect(
        page.get_by_text(re.compile(r"3\sквитанции ждут отправки, самая ранняя от .*: 4\sдня\."))
    ).to_be_visible()
    expect(page.get_by_text("найдите связь или передайте файл в офис")).to_be_visible()
    page.emulate_media(color_scheme="dark")
    page.set_viewport_size({"width": 320, "height": 640})
    page.get_by_role("button", name="Неотправленные").click()
    expect(page.get_by_role("heading", name="Неотправленные")).to_be_visible()
