"""The same phone in three engines: Chromium, Firefox, WebKit. One contract, so a scenario is written once.

Playwright would drive all three, but only with builds of its own; these are the distribution's browsers.
"""

import base64
import os
import re
from abc import ABC, abstractmethod
from collections.abc import Callable
from pathlib import Path
from typing import Any

from scripts.processes import Child
from tests.support.engines_wire import Wire, WireError
from tests.support.stack import wait_for

ELEMENT = "element-6066-11e4-a52e-4f735466cecf"
#: WebDriver's words for «the screen has just been drawn anew»: the same thing is looked for once more
REDRAWN = {"stale element reference", "element not interactable", "element click intercepted"}
ROLES = {
    "button": "button, [role=button]",
    "link": "a[href]",
    "heading": "h1, h2, h3",
    "field": "input, select, textarea",
    "region": "section[aria-label], section[aria-labelledby]",
    "text": "p, span, div, li, h1, h2, h3, dt, dd, td, button, a, label",
}
#: the last visible element of a role whose accessible name (a text: whose own words) holds the words
FIND = """
const [selector, words, exact] = arguments;
const squeeze = (text) => (text ?? '').replace(/\\s+/g, ' ').trim();
const label = (node) => node.labels?.[0] ?? document.getElementById(node.getAttribute('aria-labelledby'));
const name = (node) => squeeze(node.getAttribute('aria-label') || (label(node) ?? node).textContent);
const fits = (node) => (exact ? name(node) === words : name(node).includes(words));
const top = document.querySelector('dialog[open]') ?? document;
const shown = [...top.querySelectorAll(selector)].filter((node) => node.getClientRects().length > 0);
return shown.filter(fits).at(-1);
"""
OPTION = "return [...arguments[0].options].find((option) => option.text === arguments[1]) ?? null"


class Engine(ABC):
    """One browser with a profile in `folder`: opened and closed any number of times, its storage stays."""

    name = ""
    program = ""

    def __init__(self, folder: Path, base_url: str) -> None:
        self.folder = folder
        self.base_url = base_url
        self.profile = folder / "profile"
        self.profile.mkdir(parents=True, exist_ok=True)
        self.env = os.environ | {"TZ": "Asia/Krasnoyarsk", "LANG": "C.UTF-8"}
        self._children: list[Child] = []
        self._wire: Wire | None = None

    @abstractmethod
    def _start(self) -> Wire:
        """The browser's processes, and the wire to it."""

    @abstractmethod
    def errors(self) -> list[str]:
        """What the console holds that nobody expected, since the browser was opened."""

    # --- the browser ---

    def open(self, path: str = "/") -> None:
        self._wire = self._start()
        self._wire.say("timeouts", {"script": 20_000, "pageLoad": 30_000})
        self.goto(path)

    def close(self) -> None:
        """Politely, as by its own button; the profile stays."""
        wire, self._wire = self._wire, None
        if wire:
            wire.close()
        self._end()

    def kill(self) -> None:
        """The phone's power goes: SIGKILL to all of its processes."""
        self._wire = None
        for child in self._children:
            child.kill()
        self._end()

    def reopen(self, path: str = "/") -> None:
        self.close()
        self.open(path)

    def _child(self, name: str, *command: str | Path, **env: str) -> Child:
        child = Child(name, command, log=self.folder / f"{name}.log", env=self.env | env)
        child.start()
        self._children.append(child)
        return child

    def _end(self) -> None:
        for child in reversed(self._children):
            child.stop(5)
        self._children.clear()

    # --- the page ---

    def say(self, command: str, **body: Any) -> Any:
        assert self._wire, "the browser is closed"
        return self._wire.say(command, body)

    def goto(self, path: str) -> None:
        self.say("goto", url=self.base_url + path)

    def reload(self) -> None:
        self.say("refresh")

    def evaluate(self, script: str, *arguments: Any) -> Any:
        """The value of a function's body, at once."""
        return self.say("run", script=script, args=list(arguments))

    def await_value(self, expression: str) -> Any:
        """The value of a promise. Raises `AssertionError` with its reason when it is rejected."""
        script = f"""
        const done = arguments[arguments.length - 1];
        (async () => ({expression}))()
          .then((value) => done([value ?? null, null]), (error) => done([null, String(error)]));
        """
        value, failure = self.say("run_async", script=script, args=[])
        assert failure is None, f"{self.name}: {failure}"
        return value

    def find(self, role: str, words: str, *, exact: bool = False) -> str | None:
        """The reference of what has this role and these words in its accessible name; None without it."""
        found = self.evaluate(FIND, ROLES[role], words, exact)
        return found[ELEMENT] if found else None

    def has(self, role: str, words: str, *, exact: bool = False) -> bool:
        return self.find(role, words, exact=exact) is not None

    def see(self, role: str, words: str, *, exact: bool = False, seconds: float = 15) -> None:
        """Wait until it is on the screen."""
        self._patiently(lambda: self.has(role, words, exact=exact), f"{role} «{words}»", seconds)

    def wait_text(self, words: str, seconds: float = 15) -> None:
        self.see("text", words, seconds=seconds)

    def click(self, role: str, words: str, *, exact: bool = False) -> None:
        def once() -> bool:
            found = self.find(role, words, exact=exact)
            if found:
                self.say("click", id=found)
            return found is not None

        self._patiently(once, f"{role} «{words}» to be pressed")

    def fill(self, label: str, text: str, *, exact: bool = False) -> None:
        """Type into the field, in place of what stands there."""

        def once() -> bool:
            found = self.find("field", label, exact=exact)
            if found:
                self.say("clear", id=found)
                self.say("keys", id=found, text=text, value=list(text))
            return found is not None

        self._patiently(once, f"the field «{label}»")

    def choose(self, label: str, words: str) -> None:
        """One of the field's options, by its words."""

        def once() -> bool:
            field = self.evaluate(FIND, ROLES["field"], label, False)
            option = field and self.evaluate(OPTION, field, words)
            if option:
                self.say("click", id=option[ELEMENT])
            return bool(option)

        self._patiently(once, f"«{words}» in «{label}»")

    def wait_value(self, label: str, pattern: re.Pattern[str]) -> str:
        """What stands in the field, once it is such a text."""
        values: list[str] = []

        def once() -> bool:
            found = self.evaluate(FIND, ROLES["field"], label, False)
            values.append(str(self.evaluate("return arguments[0].value", found)) if found else "")
            return bool(pattern.fullmatch(values[-1]))

        self._patiently(once, f"the field «{label}» with {pattern.pattern}")
        return values[-1]

    def screenshot(self, target: Path) -> None:
        target.write_bytes(base64.b64decode(self.say("screenshot", full=False)))

    def new_tab(self, path: str = "/") -> str:
        """Opens a tab, goes there; the handle for `tab`."""
        handle: str = self.say("new_window", type="tab")["handle"]
        self.tab(handle)
        self.goto(path)
        return handle

    def this_tab(self) -> str:
        return str(self.say("window"))

    def tab(self, handle: str) -> None:
        self.say("switch", handle=handle, name=handle)

    def _patiently(self, question: Callable[[], bool], what: str, seconds: float = 15) -> None:
        def ask() -> bool:
            try:
                return question()
            except WireError as error:
                if error.code in REDRAWN:
                    return False
                raise

        try:
            wait_for(ask, f"{self.name}: {what}", seconds)
        except AssertionError as error:
            shown = self.evaluate("return location.pathname + '\\n' + document.body.innerText")
            raise AssertionError(f"{error}\n--- on the screen ---\n{shown}") from None
