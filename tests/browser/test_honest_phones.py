"""A phone restored on another, a phone with a wrong clock: in real browsers (F21, F30)."""

import shutil
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from playwright.sync_api import Page, Response, expect

from tests.browser import app
from tests.browser.app import Client
from tests.support.browser import Phone
from tests.support.line import Line
from tests.support.stack import Agent, Stack, wait_for


@pytest.fixture
def page(phone: Phone, stack: Stack, agent: Agent) -> Page:
    page = phone.open()
    app.log_in(page, stack, agent)
    app.wait_ready(page)
    return page


def is_feed(answer: Response) -> bool:
    return "/api/states?" in answer.url


def heard_of(page: Page, times: int = 1) -> None:
    """The phone is opened anew so many times, and each time has kept the token of its contact: it asks for
    the states only afterwards.
    """
    for _ in range(times):
        with page.expect_response(is_feed, timeout=30_000):
            page.reload()
            expect(page.get_by_role("heading", name="Квитанции")).to_be_visible()


def in_kias(stack: Stack, number: str) -> int:
    return sum(document["number"] == number for document in stack.ledger()["documents"])


def issue_without_line(page: Page, policy_number: str) -> str:
    expect(page.get_by_text(app.OFFLINE).first).to_be_visible(timeout=40_000)
    return app.issue(page, Client(policy_number=policy_number))


def test_f21_a_phone_restored_from_another_s_backup_gets_numbers_of_its_own(
    phone: Phone, page: Page, new_phone: Callable[..., Phone], stack: Stack, line: Line, tmp_path: Path
) -> None:
    phone.close()
    shutil.copytree(tmp_path / "phone-0", tmp_path / "phone-1", symlinks=True)
    page = phone.open()
    heard_of(page, 2)
    twin = new_phone().open()
    expect(twin.get_by_role("heading", name="Квитанции")).to_be_visible()
    heard_of(twin)
    line.cut()
    numbers = [issue_without_line(page, "0123456789"), issue_without_line(twin, "0123456790")]
    assert numbers[0].split("-")[1] != numbers[1].split("-")[1]
    line.restore()
    wait_for(
        lambda: [in_kias(stack, number) for number in numbers] == [1, 1], "both receipts in KIAS once", 60
    )


def test_f30_a_clock_set_back_is_recorded_doubted_and_never_put_right(
    page: Page, stack: Stack, line: Line
) -> None:
    line.cut()
    wrong = datetime.now(UTC) - timedelta(hours=3, minutes=20)
    page.clock.set_fixed_time(wrong)
    page.reload()  # while the app is open, such a jump closes it: nobody knows who set the clock (P27)
    number = issue_without_line(page, "0123456789")
    line.restore()
    wait_for(lambda: in_kias(stack, number) == 1, "the receipt in KIAS", 60)
    [(issued_at, doubt)] = stack.query(
        "SELECT issued_at, date_doubt FROM receipts_receipt WHERE number = %s", number
    )
    assert abs(issued_at - wrong) < timedelta(minutes=5)
    assert doubt
