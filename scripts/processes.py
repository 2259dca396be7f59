"""Child processes that never outlive us. Used by `make run` and by the tests alike."""

import ctypes
import os
import pwd
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

PR_SET_PDEATHSIG = 1
LIBC = ctypes.CDLL(None) if sys.platform == "linux" else None  # loaded here: not safe after a fork


class ProcessError(Exception):
    """A child did not start or died; the message is a sentence for people."""


def free_port() -> int:
    """A TCP port of the loopback that was free a moment ago."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def is_listening(port: int) -> bool:
    """Does anyone answer on this port of the loopback?"""
    with socket.socket() as probe:
        probe.settimeout(0.5)
        return probe.connect_ex(("127.0.0.1", port)) == 0


def is_free(port: int) -> bool:
    """Could we listen on this port of the loopback? (A listener on all addresses takes it as well.)"""
    if is_listening(port):
        return False
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True


def _die_with_parent() -> None:
    """In the child: be killed when the parent dies, even by SIGKILL (Linux only)."""
    if LIBC:
        LIBC.prctl(PR_SET_PDEATHSIG, signal.SIGKILL)


class Child:
    """One process with a process group of its own, so that grandchildren can be ended too, and a log file."""

    def __init__(
        self,
        name: str,
        command: Sequence[str | Path],
        *,
        log: Path,
        env: Mapping[str, str] | None = None,
        cwd: Path | None = None,
        user: str | None = None,
        stop_signal: signal.Signals = signal.SIGTERM,
    ) -> None:
        self.name = name
        self.command = [str(part) for part in command]
        self.log = log
        self.env = dict(env) if env is not None else None
        self.cwd = cwd
        self.user = user
        self.stop_signal = stop_signal
        self.popen: subprocess.Popen[bytes] | None = None
        self._log_start = 0

    def start(self) -> None:
        self.log.parent.mkdir(parents=True, exist_ok=True)
        self._log_start = self.log.stat().st_size if self.log.exists() else 0
        with self.log.open("ab") as sink:
            try:
                self.popen = subprocess.Popen(
                    self.command,
                    stdin=subprocess.DEVNULL,
                    stdout=sink,
                    stderr=subprocess.STDOUT,
                    env=self.env,
                    cwd=self.cwd,
                    start_new_session=True,
                    preexec_fn=_die_with_parent,
                    user=self.user,
                    group=pwd.getpwnam(self.user).pw_gid if self.user else None,
                    extra_groups=[] if self.user else None,
                )
            except OSError as error:
                raise ProcessError(f"{self.name} could not be started: {error}") from error

    @property
    def alive(self) -> bool:
        return self.popen is not None and self.popen.poll() is None

    @property
    def exit_code(self) -> int | None:
        """None while it runs; negative is the signal that ended it."""
        return self.popen.poll() if self.popen else None

    def ask_to_stop(self) -> None:
        """Send the polite signal to the process itself; its own children are its business for now."""
        if self.popen and self.alive:
            self.popen.send_signal(self.stop_signal)

    def stop(self, grace: float = 10) -> None:
        """End it politely, then sweep whatever is left of its group."""
        self.ask_to_stop()
        if self.popen:
            with suppress(subprocess.TimeoutExpired):
                self.popen.wait(grace)
        self.kill()

    def kill(self) -> None:
        """SIGKILL to the process and its children."""
        if not self.popen:
            return
        with suppress(ProcessLookupError, PermissionError):
            os.killpg(self.popen.pid, signal.SIGKILL)
        self.popen.wait(10)

    def said(self) -> str:
        """What it has written since its last start."""
        try:
            with self.log.open("rb") as log:
                log.seek(self._log_start)
                return log.read().decode(errors="replace")
        except OSError:
            return ""

    def tail(self, lines: int = 15) -> str:
        """The last lines it has written, indented."""
        return "\n".join("    " + line for line in self.said().splitlines()[-lines:])


@dataclass(frozen=True)
class Part:
    """A process and the question whether it does its work already."""

    child: Child
    ready: Callable[[], bool]


def start_all(parts: Iterable[Part], seconds: float = 60) -> None:
    """Start them together and wait until all are ready.

    Raises `ProcessError` with the end of its log as soon as one of them dies, or when time is up.
    """
    waiting = list(parts)
    for part in waiting:
        part.child.start()
    deadline = time.monotonic() + seconds
    while waiting:
        for part in waiting:
            if not part.child.alive:
                raise ProcessError(f"{part.child.name} ended instead of starting:\n{part.child.tail()}")
            if time.monotonic() > deadline:
                raise ProcessError(
                    f"{part.child.name} was not ready after {seconds:.0f} s:\n{part.child.tail()}"
                )
        waiting = [part for part in waiting if not part.ready()]
        time.sleep(0.1)
