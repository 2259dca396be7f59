"""How each of the three engines is started and ended, and where it says what went wrong."""

import re
from pathlib import Path

from scripts import tools
from scripts.processes import free_port
from tests.support.engines import Engine
from tests.support.engines_wire import HttpWire, MarionetteWire, Wire
from tests.support.stack import wait_for

SIZE = (390, 844)
WINDOW = Path(__file__).with_name("engines_window.py")
#: WebKitGTK's remarks on what our pages say to other engines; it goes on without
REMARKS = re.compile("Content-Security-Policy directive|Viewport argument|Failed to load resource")


class Chromium(Engine):
    name = "Chromium"

    def _start(self) -> Wire:
        port = free_port()
        self._child("chromedriver", tools.chromedriver() or "", f"--port={port}")
        flags = [
            "--headless=new",
            "--no-sandbox",
            "--disable-gpu",
            "--disable-dev-shm-usage",
            "--no-first-run",
        ]
        options = {
            "binary": str(tools.chromium()),
            "args": [*flags, f"--user-data-dir={self.profile}", "--lang=ru"],
            "mobileEmulation": {"deviceMetrics": {"width": SIZE[0], "height": SIZE[1], "pixelRatio": 1}},
        }
        self.http = HttpWire(
            port, {"goog:chromeOptions": options, "goog:loggingPrefs": {"browser": "SEVERE"}}
        )
        return self.http

    def errors(self) -> list[str]:
        said = self.http.extra("POST", "/se/log", {"type": "browser"})
        return [line["message"] for line in said if line["source"] != "network"]


class Firefox(Engine):
    name = "Firefox"

    def _start(self) -> Wire:
        (self.profile / "user.js").write_text(
            'user_pref("marionette.port", 0);\nuser_pref("intl.accept_languages", "ru");\n'
        )
        (self.profile / "MarionetteActivePort").unlink(missing_ok=True)
        self._child(
            "firefox", tools.firefox() or "", "--headless", "--marionette", "--remote-allow-system-access",
            "--no-remote", "--profile", self.profile,
        )  # fmt: skip
        self.marionette = MarionetteWire(self.profile, {})
        self.marionette.chrome("Services.console.reset()")
        self._resize()
        return self.marionette

    def new_tab(self, path: str = "/") -> str:
        handle = super().new_tab(path)
        self._resize()
        return handle

    def _resize(self) -> None:
        """A headless window has a least width; the page inside of it gets a phone's."""
        self.marionette.chrome(
            "const [width, height] = arguments;"
            "const exactly = (side, size) => `max-${side}: ${size}px; min-${side}: ${size}px;`;"
            "for (const browser of gBrowser.browsers)"
            "  browser.style.cssText = exactly('width', width) + exactly('height', height);",
            *SIZE,
        )  # fmt: skip

    def errors(self) -> list[str]:
        said: list[str] = self.marionette.chrome(
            "return Services.console.getMessageArray()"
            "  .filter((line) => line instanceof Ci.nsIScriptError && !(line.flags & line.warningFlag))"
            "  .filter((line) => line.sourceName.startsWith(arguments[0]))"
            "  .map((line) => `${line.category}: ${line.errorMessage}`)",
            self.base_url,
        )
        return said


class WebKit(Engine):
    """WebKitGTK: the engine that iPhones have too, without their system around it (docs/iphone.md)."""

    name = "WebKit"
    #: features, by WebKit's own names, that it is to do without
    without: tuple[str, ...] = ()

    def _start(self) -> Wire:
        display = self.folder / "display"
        display.unlink(missing_ok=True)
        width, height = SIZE
        screen = ["-screen", "0", f"{width}x{height}x24", "-nolisten", "tcp", "-displayfd", "1"]
        server = self._child("xvfb", "Xvfb", *screen)
        number = wait_for(lambda: server.said().strip().splitlines()[-1:], "the X server")[0]
        port = free_port()
        self._driver = self._child("webkit", "WebKitWebDriver", f"--port={port}", DISPLAY=f":{number}")
        window = [str(WINDOW), str(self.profile), str(width), str(height), *self.without]
        options = {"binary": str(tools.SYSTEM_PYTHON), "args": window}
        return HttpWire(port, {"webkitgtk:browserOptions": options})

    def errors(self) -> list[str]:
        lines = [line for line in self._driver.said().splitlines() if "CONSOLE" in line and " ERROR " in line]
        return [line for line in lines if not REMARKS.search(line)]


ENGINES: tuple[type[Engine], ...] = (Chromium, Firefox, WebKit)
