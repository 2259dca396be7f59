"""Fixtures of the browser tests: a line in front of the running system and phones behind it."""

import os
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Playwright, sync_playwright

from scripts import tools
from tests.support.browser import Phone
from tests.support.line import Line
from tests.support.stack import Agent, Stack

HERE = Path(__file__).parent
# Playwright's sync API keeps an event loop running in this thread; Django would refuse its ORM beside it.
os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if HERE in item.path.parents:
            item.add_marker(pytest.mark.browser)
            if tools.chromium() is None:
                # for a machine without it; the closing lines say so, and CI fails (`scripts/testing.py`)
                item.add_marker(pytest.mark.skip(reason=f"NOT RUN: {tools.NO_CHROMIUM}"))


@pytest.fixture(scope="session")
def playwright() -> Iterator[Playwright]:
    with sync_playwright() as started:
        yield started


@pytest.fixture
def line(stack: Stack) -> Iterator[Line]:
    """The way from the phone to the web process; an origin of its own for every test."""
    line = Line(stack.port)
    yield line
    line.close()


@pytest.fixture
def agent(stack: Stack) -> Agent:
    """An agent whom only this test knows."""
    return stack.new_agent()


@pytest.fixture
def new_phone(playwright: Playwright, line: Line, tmp_path: Path) -> Iterator[Callable[..., Phone]]:
    """Makes phones; the test fails at its end if one of them saw an error in its console."""
    phones: list[Phone] = []

    def make(**options: object) -> Phone:
        options.setdefault("base_url", line.url)
        phone = Phone(playwright, tmp_path / f"phone-{len(phones)}", **options)  # type: ignore[arg-type]
        phones.append(phone)
        return phone

    yield make
    for phone in phones:
        phone.close()
    assert [error for phone in phones for error in phone.errors] == []


@pytest.fixture
def phone(new_phone: Callable[..., Phone]) -> Phone:
    """One phone, still closed: `phone.open()`."""
    return new_phone()
