"""The simulator as a real process, and the SOAP adapter pointed at it."""

import subprocess
import sys
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import httpx

from sync.kias.session import Session
from sync.kias.soap import SoapGateway
from sync.kias.wire import WireTerms

PROCEDURES = {
    "auth": "Auth",
    "save": "User_WebKiasReceiptSave",
    "find": "User_WebKiasReceiptFind",
    "list": "User_WebKiasReceiptList",
}
ROOT = Path(__file__).resolve().parent.parent.parent


class MemorySession:
    """A session for tests without a database."""

    def __init__(self) -> None:
        self._sid, self._lock = "", threading.Lock()

    def sid(self) -> str:
        return self._sid

    def renew(self, stale: str, login: Callable[[], str], within: float) -> str:
        with self._lock:
            if self._sid == stale:
                self._sid = login()
            return self._sid


def soap_gateway(url: str, session: Session, **given: Any) -> SoapGateway:
    """The SOAP adapter with the demo's name and password; `given` may hold WireTerms' fields, too."""
    wire = {name: given.pop(name) for name in WireTerms.__dataclass_fields__.keys() & given.keys()}
    terms: dict[str, Any] = {"url": url, "connect_timeout_s": 1.0} | wire
    fields: dict[str, Any] = {
        "wire": WireTerms(**terms),
        "user": "offline",
        "password": "offline-demo",
        "procedures": PROCEDURES,
        "zone": ZoneInfo("Europe/Moscow"),
        "session": session,
    }
    return SoapGateway(**fields | given)


class KiasProcess:
    """`with KiasProcess(folder) as kias:` starts it on a free port; `stop`, `start` keep port and ledger."""

    def __init__(self, folder: Path, *, check_after: float = 0.2) -> None:
        self._ledger, self._check_after = folder / "ledger.sqlite3", check_after
        self._port = 0
        self._process: subprocess.Popen[str] | None = None

    def __enter__(self) -> "KiasProcess":
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def start(self) -> None:
        command = [sys.executable, "-m", "sync.kias.simulator", "--port", str(self._port)]
        command += ["--ledger", str(self._ledger), "--check-after", str(self._check_after)]
        self._process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=ROOT)
        assert self._process.stdout is not None
        said = self._process.stdout.readline()  # it says its address once it listens
        assert "http://" in said, "the simulator did not start"
        self._port = int(said.split("//")[1].split(":")[1].split("/")[0])

    def stop(self) -> None:
        if self._process is not None:
            self._process.kill()
            self._process.wait()
            assert self._process.stdout is not None
            self._process.stdout.close()
            self._process = None

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self._port}"

    def gateway(self, session: Session | None = None, **given: Any) -> SoapGateway:
        return soap_gateway(f"{self.address}/kias", session or MemorySession(), **given)

    def control(self, **order: Any) -> dict[str, Any]:
        """Change what is to go wrong; without arguments only look."""
        if order:
            answer = httpx.post(f"{self.address}/control", json=order, trust_env=False)
        else:
            answer = httpx.get(f"{self.address}/control", trust_env=False)
        answer.raise_for_status()
        told: dict[str, Any] = answer.json()
        return told

    def documents(self) -> list[dict[str, Any]]:
        answer = httpx.get(f"{self.address}/ledger.json", trust_env=False)
        documents: list[dict[str, Any]] = answer.json()["documents"]
        return documents
