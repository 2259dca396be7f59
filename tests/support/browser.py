"""A phone: the system's Chromium at a phone's size, with storage that survives closing and opening it."""

import os
import signal
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

from playwright.sync_api import BrowserContext, ConsoleMessage, Locator, Page, Playwright

from scripts import tools

FLAGS = [
    "--no-sandbox",  # tests run as root in a container
    "--disable-gpu",
    "--disable-dev-shm-usage",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
#: The browser's own words about a request without network; every other error in the console is ours.
EXPECTED_ERRORS = ("net::ERR_", "Failed to load resource")

#: Where the app asks for a PIN: the first one, again, and at every start.
PIN_FIELDS = ("Придумайте PIN-код", "Повторите PIN-код", "PIN-код")


class Phone:
    """One browser profile in `folder`. `open` and `close` any number of times; the storage stays."""

    def __init__(
        self, playwright: Playwright, folder: Path, base_url: str, *, width: int = 390, height: int = 844,
        color_scheme: str = "light", time_zone: str = "Asia/Krasnoyarsk", locale: str = "ru-RU",
        touch: bool = True, user_agent: str | None = None, pin: str | None = "246810",
        flags: Sequence[str] = (),
    ) -> None:  # fmt: skip
        self._playwright = playwright
        self._folder = folder
        self.base_url = base_url
        self._flags = [*FLAGS, *flags]
        self._options: dict[str, Any] = {
            "viewport": {"width": width, "height": height},
            "screen": {"width": width, "height": height},
            "color_scheme": color_scheme,
            "timezone_id": time_zone,
            "locale": locale,
            "has_touch": touch,
            "is_mobile": touch,
            "user_agent": user_agent,
        }
        self.context: BrowserContext | None = None
        #: typed by itself wherever the app asks for it; None where the test does that
        self.pin = pin
        self.errors: list[str] = []

    def open(self, path: str | None = "/") -> Page:
        """Start the browser and go to `path` (None: nowhere yet). Returns its page."""
        program = tools.chromium()
        assert program, tools.NO_CHROMIUM
        self.context = self._playwright.chromium.launch_persistent_context(
            self._folder, executable_path=program, args=self._flags, base_url=self.base_url, **self._options
        )
        self.context.set_default_timeout(15_000)
        page = self.context.pages[0] if self.context.pages else self.context.new_page()
        self._listen(page)
        self.context.on("page", self._listen)
        if path is not None:
            page.goto(path)
        return page

    @property
    def page(self) -> Page:
        """Its first tab."""
        assert self.context, "the browser is closed"
        return self.context.pages[0]

    def new_tab(self, path: str = "/") -> Page:
        assert self.context, "the browser is closed"
        page = self.context.new_page()
        page.goto(path)
        return page

    def close(self) -> None:
        """Close the browser; the profile stays on disk."""
        if self.context:
            self.context.close()
            self.context = None

    def kill(self) -> None:
        """The phone's power goes: SIGKILL to every process of the browser."""
        mark = f"--user-data-dir={self._folder}".encode()
        for process in Path("/proc").glob("[0-9]*"):
            with suppress(OSError):
                if mark in (process / "cmdline").read_bytes():
                    os.kill(int(process.name), signal.SIGKILL)
        self.context = None

    def reopen(self, path: str | None = "/") -> Page:
        self.close()
        return self.open(path)

    def _listen(self, page: Page) -> None:
        if self.pin:
            for label in PIN_FIELDS:
                page.add_locator_handler(page.get_by_label(label, exact=True), self._type_pin)
        page.on("pageerror", lambda error: self.errors.append(f"{page.url}: {error}"))
        page.on("console", lambda message: self._note(page, message))

    def _type_pin(self, field: Locator) -> None:
        assert self.pin
        field.fill(self.pin)
        field.press("Enter")

    def _note(self, page: Page, message: ConsoleMessage) -> None:
        if message.type == "error" and not any(known in message.text for known in EXPECTED_ERRORS):
            self.errors.append(f"{page.url}: {message.text}")
