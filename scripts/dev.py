"""The one door for `make`: `python3 -m scripts.dev COMMAND`."""

import sys

# Before any import that an older Python could not even read, and in words that it can.
if sys.version_info < (3, 11):  # noqa: UP036
    _sentence = (
        "Python 3.11 or newer is needed, this is %s: install it, or name it with make PYTHON=python3.11."
    )
    sys.exit(_sentence % sys.version.split()[0])

import os
import re
import shutil
import signal
import subprocess
from collections.abc import Callable
from types import FrameType

from scripts import checks, run, setup, testing
from scripts.system import ROOT
from scripts.terminal import Command, SetupError, say, step

UV = "uv==0.13.9"  # compiles the lock files only


def show_help() -> int:
    """Every target of the Makefile with its line."""
    targets = re.findall(r"^([a-z-]+):.*?## (.+)$", (ROOT / "Makefile").read_text(encoding="utf-8"), re.M)
    for name, words in targets:
        say(f"  make {name:12} {words}")
    return 0


def reset() -> int:
    """A fresh demo: everything under var/ goes."""
    with run.only_one():
        for path in run.VAR.iterdir():
            if path.name != "run.lock":
                shutil.rmtree(path) if path.is_dir() else path.unlink()
    say("The demo is fresh: make run fills it again.")
    if os.environ.get("DATABASE_URL"):
        say("The database of DATABASE_URL was left as it is: empty it yourself.")
    return 0


def client() -> int:
    setup.python_packages()
    setup.client(force=True)
    return 0


def check() -> int:
    say("Setting up")
    setup.python_packages(dev=True)
    setup.client_packages()
    say("\nChecks")
    return 1 if checks.run() else 0


def generate() -> int:
    setup.python_packages(dev=True)
    setup.client_packages()
    with step("API description, client types, state diagram"):
        checks.generate()
    return 0


def lock() -> int:
    """Compile requirements*.in anew; the newest versions that fit."""
    setup.python_packages(dev=True)
    pip: Command = [setup.PYTHON, "-m", "pip", "install", "--disable-pip-version-check", "-q", UV]
    subprocess.run(pip, check=True)
    for name in ("requirements", "requirements-embedded", "requirements-dev"):
        with step(f"{name}.txt"):
            command: Command = [
                *(setup.PYTHON.parent / "uv", "pip", "compile", "--quiet", "--universal", "--upgrade"),
                *("--generate-hashes", "--python-version", "3.11", "--custom-compile-command", "make lock"),
                *(() if name == "requirements" else ("-c", "requirements.txt")),
                *(f"{name}.in", "-o", f"{name}.txt"),
            ]
            subprocess.run(command, cwd=ROOT, check=True)
    return 0


def manage() -> int:
    """`manage.py` with the demo's environment; the words after it."""
    setup.python_packages()
    env = run.environment(run.Ports())
    command: Command = [setup.PYTHON, "manage.py", *sys.argv[2:]]
    return subprocess.run(command, cwd=ROOT, env=env, check=False).returncode


def python() -> int:
    """A program of ours in the development environment: its module and arguments."""
    testing.prepare()
    command: Command = [setup.PYTHON, "-m", *sys.argv[2:]]
    return subprocess.run(command, cwd=ROOT, check=False).returncode


COMMANDS: dict[str, Callable[[], int]] = {
    "help": show_help,
    "run": run.run,
    "reset": reset,
    "client": client,
    "check": check,
    "generate": generate,
    "test": testing.everything,
    "test-fast": testing.fast,
    "test-long": testing.long,
    "lock": lock,
    "manage": manage,
    "python": python,
}


def main() -> int:
    def interrupt(number: int, frame: FrameType | None) -> None:
        raise KeyboardInterrupt

    signal.signal(signal.SIGTERM, interrupt)  # so that whatever runs is ended with us
    command = COMMANDS.get(sys.argv[1] if len(sys.argv) > 1 else "help")
    if command is None:
        say(f"There is no command {sys.argv[1]}: make help lists the targets.")
        return 2
    try:
        return command()
    except SetupError as error:
        print(error, file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        say("\nStopped.")
        return 130


if __name__ == "__main__":
    sys.exit(main())
