"""What a person at the terminal sees: steps with their seconds, and one sentence where something fails."""

import os
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

from scripts.system import ROOT

#: What the steps of the setup wrote. Outside of var/, so that `make reset` keeps it.
SETUP_LOG = ROOT / ".setup.log"


Command = Sequence[str | Path]


class SetupError(Exception):
    """Work cannot go on. The message is one sentence that says what to do."""


def say(text: str = "") -> None:
    print(text, flush=True)


@contextmanager
def step(title: str) -> Iterator[None]:
    """Print what is being done and, when it is done, how many seconds it took."""
    started = time.monotonic()
    print(f"  {title} … ", end="", flush=True)
    try:
        yield
    except BaseException:
        say("failed" if isinstance(sys.exc_info()[1], Exception) else "stopped")
        raise
    say(f"{time.monotonic() - started:.1f} s")


def run_quietly(
    command: Command,
    remedy: str,
    *,
    cwd: Path = ROOT,
    env: Mapping[str, str] | None = None,
) -> None:
    """Run with its output in the setup log. Raises `SetupError` with `remedy` and where the details are."""
    with SETUP_LOG.open("ab") as log:
        log.write(f"\n$ {' '.join(map(str, command))}\n".encode())
        log.flush()
        try:
            done = subprocess.run(
                command, cwd=cwd, env=env, stdin=subprocess.DEVNULL, stdout=log, stderr=log, check=False
            )
        except OSError as error:
            raise SetupError(f"{remedy} ({error})") from error
    if done.returncode:
        raise SetupError(f"{remedy} (Details: {SETUP_LOG.relative_to(ROOT)})")


def is_ci() -> bool:
    return os.environ.get("CI", "").lower() in {"1", "true", "yes"}
