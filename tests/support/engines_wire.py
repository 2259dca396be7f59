"""Two ways to say the same WebDriver commands: HTTP to a driver, Marionette's socket to Firefox itself.

Debian ships no geckodriver; what it would translate is a dozen commands, which Firefox understands by itself.
"""

import json
import socket
import urllib.error
import urllib.request
from pathlib import Path
from typing import Any, Protocol

from tests.support.stack import wait_for

#: the command → HTTP method, path behind /session/{id}, Marionette's name; `{id}` is an element's reference
COMMANDS = {
    "goto": ("POST", "/url", "WebDriver:Navigate"),
    "refresh": ("POST", "/refresh", "WebDriver:Refresh"),
    "run": ("POST", "/execute/sync", "WebDriver:ExecuteScript"),
    "run_async": ("POST", "/execute/async", "WebDriver:ExecuteAsyncScript"),
    "click": ("POST", "/element/{id}/click", "WebDriver:ElementClick"),
    "clear": ("POST", "/element/{id}/clear", "WebDriver:ElementClear"),
    "keys": ("POST", "/element/{id}/value", "WebDriver:ElementSendKeys"),
    "new_window": ("POST", "/window/new", "WebDriver:NewWindow"),
    "switch": ("POST", "/window", "WebDriver:SwitchToWindow"),
    "window": ("GET", "/window", "WebDriver:GetWindowHandle"),
    "screenshot": ("GET", "/screenshot", "WebDriver:TakeScreenshot"),
    "timeouts": ("POST", "/timeouts", "WebDriver:SetTimeouts"),
}


class WireError(Exception):
    """The browser refused a command; `code` is WebDriver's word for it."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(f"{code}: {message}")
        self.code = code


class Wire(Protocol):
    """A session with one browser."""

    def say(self, command: str, body: dict[str, Any] | None = None) -> Any:
        """Do one of `COMMANDS`; its value. Raises `WireError`."""

    def close(self) -> None:
        """End the session, and with it the browser."""


class HttpWire:
    """A WebDriver that listens on `port`, with a session of these capabilities."""

    def __init__(self, port: int, capabilities: dict[str, Any]) -> None:
        self._root = f"http://127.0.0.1:{port}"
        wait_for(self._ready, "the driver's first answer")
        made = self._ask("POST", "/session", {"capabilities": {"alwaysMatch": capabilities}})
        self._session = f"/session/{made['sessionId']}"

    def say(self, command: str, body: dict[str, Any] | None = None) -> Any:
        method, path, _ = COMMANDS[command]
        body = body or {}
        return self._ask(method, self._session + path.format(id=body.get("id", "")), body)

    def extra(self, method: str, path: str, body: dict[str, Any]) -> Any:
        """A command of this browser alone."""
        return self._ask(method, self._session + path, body)

    def close(self) -> None:
        self._ask("DELETE", self._session, {})

    def _ready(self) -> bool:
        try:
            return bool(self._ask("GET", "/status", {})["ready"])
        except (OSError, WireError):
            return False

    def _ask(self, method: str, path: str, body: dict[str, Any]) -> Any:
        asked = urllib.request.Request(self._root + path, method=method)
        if method == "POST":
            asked.data = json.dumps(body).encode()
            asked.add_header("Content-Type", "application/json")
        try:
            with urllib.request.urlopen(asked, timeout=60) as reply:
                return json.load(reply)["value"]
        except urllib.error.HTTPError as error:
            value = json.load(error)["value"]
            raise WireError(value["error"], value["message"]) from error


class MarionetteWire:
    """Firefox's own socket, whose port it writes into its profile."""

    def __init__(self, profile: Path, capabilities: dict[str, Any]) -> None:
        said = profile / "MarionetteActivePort"
        port = wait_for(lambda: said.exists() and said.read_text().strip(), "Firefox's port")
        self._socket = socket.create_connection(("127.0.0.1", int(port)), 60)
        self._stream = self._socket.makefile("rb")
        self._number = 0
        self._read()  # its greeting
        self.command("WebDriver:NewSession", {"capabilities": {"alwaysMatch": capabilities}})

    def say(self, command: str, body: dict[str, Any] | None = None) -> Any:
        answer = self.command(COMMANDS[command][2], body or {})
        return answer["value"] if set(answer or {}) == {"value"} else answer

    def chrome(self, script: str, *arguments: Any) -> Any:
        """Run a script with the browser's own rights."""
        self.command("Marionette:SetContext", {"value": "chrome"})
        try:
            return self.say("run", {"script": script, "args": list(arguments)})
        finally:
            self.command("Marionette:SetContext", {"value": "content"})

    def close(self) -> None:
        self.command("Marionette:Quit", {"flags": ["eAttemptQuit"]})
        self._stream.close()
        self._socket.close()

    def command(self, name: str, body: dict[str, Any]) -> Any:
        self._number += 1
        words = json.dumps([0, self._number, name, body]).encode()
        self._socket.sendall(b"%d:%b" % (len(words), words))
        _, _, error, result = self._read()
        if error:
            raise WireError(error["error"], error["message"])
        return result

    def _read(self) -> Any:
        length = b""
        while (sign := self._stream.read(1)) != b":":
            if not sign:
                raise WireError("closed", "Firefox has gone")
            length += sign
        return json.loads(self._stream.read(int(length)))
