"""`make check`: what can be said about the code without running it; every failure, not the first one."""

import os
import subprocess
import tempfile
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from scripts import setup
from scripts.setup import FRONTEND, PYTHON
from scripts.system import ROOT
from scripts.terminal import SetupError, say

SCHEMA = FRONTEND / "src/api/schema.yaml"
TYPES = FRONTEND / "src/api/schema.d.ts"
GENERATE = "run make generate and commit what it writes"


@dataclass(frozen=True)
class Result:
    name: str
    failure: str
    seconds: float


Check = Callable[[], str]  # what is wrong, empty when nothing is


def _output(command: list[str | Path], *, cwd: Path = ROOT, env: dict[str, str] | None = None) -> str:
    """What a failing command printed, empty when it succeeded."""
    done = subprocess.run(
        command, cwd=cwd, env=env or _env(), stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT, text=True, check=False,
    )  # fmt: skip
    return "" if done.returncode == 0 else done.stdout.strip() or f"exit code {done.returncode}"


def _env() -> dict[str, str]:
    """No database is asked for: migrations are compared with the models, not with a server."""
    return os.environ | {"DEPLOYMENT": "test", "DATABASE_URL": "sqlite://:memory:"}


def _tool(name: str, *arguments: str) -> Check:
    return lambda: _output([PYTHON.parent / name, *arguments])


def _manage(*arguments: str) -> Check:
    return lambda: _output([PYTHON, "manage.py", *arguments])


def _npm(script: str) -> Check:
    return lambda: _output(setup.npm("run", "--silent", script), cwd=FRONTEND, env=setup.node_env())


def write_schema(target: Path) -> str:
    """The API's OpenAPI document. Warnings are failures; returns what is wrong."""
    return _output([PYTHON, "manage.py", "spectacular", "--validate", "--fail-on-warn", "--file", target])


def write_types(schema: Path, target: Path) -> str:
    """The client's types from the OpenAPI document; returns what is wrong."""
    tool = FRONTEND / "node_modules/openapi-typescript/bin/cli.js"
    node = setup.node_folder() / "bin" / "node"
    return _output([node, tool, schema, "--output", target], cwd=FRONTEND, env=setup.node_env())


def _api_drift() -> str:
    with tempfile.TemporaryDirectory() as folder:
        schema, types = Path(folder, "schema.yaml"), Path(folder, "schema.d.ts")
        if failure := write_schema(schema) or write_types(schema, types):
            return failure
        pairs = [(schema, SCHEMA), (types, TYPES)]
        stale = [kept for new, kept in pairs if not kept.exists() or new.read_bytes() != kept.read_bytes()]
    return "".join(f"{path.relative_to(ROOT)} is not what the code says: {GENERATE}\n" for path in stale)


CHECKS: dict[str, Check] = {
    "types (mypy --strict)": _tool("mypy", "--strict", "."),
    "lint (ruff check)": _tool("ruff", "check", "."),
    "format (ruff format)": _tool("ruff", "format", "--check", "."),
    "imports point one way": _tool("lint-imports"),
    "migrations are complete": _manage("makemigrations", "--check", "--dry-run"),
    "Django's own checks": _manage("check", "--fail-level", "WARNING"),
    "API description and client types": _api_drift,
    "compiled translations": lambda: _output([PYTHON, "-m", "scripts.translations", "--check"]),
    "state diagram": _manage("state_diagram", "--check"),
    "client types (tsc)": _npm("typecheck"),
    "client lint (eslint)": _npm("lint"),
}


def run() -> list[str]:
    """Run all checks, two at a time, show each failure; the names of the failed ones."""

    def one(name: str, check: Check) -> Result:
        started = time.monotonic()
        try:
            failure = check()
        except OSError as error:
            failure = str(error)
        return Result(name, failure, time.monotonic() - started)

    with ThreadPoolExecutor(2) as pool:
        results = list(pool.map(one, CHECKS, CHECKS.values()))
    for result in results:
        say(f"  {'FAILED' if result.failure else 'ok':6}  {result.name} ({result.seconds:.1f} s)")
    failed = [result for result in results if result.failure]
    for result in failed:
        say(f"\n--- {result.name} ---\n{result.failure}")
    say(f"\nChecks: {len(results) - len(failed)} of {len(results)} are fine.")
    return [result.name for result in failed]


def generate() -> None:
    """Write anew what the checks compare. Raises `SetupError` with the tool's words."""
    SCHEMA.parent.mkdir(parents=True, exist_ok=True)
    failure = write_schema(SCHEMA) or write_types(SCHEMA, TYPES) or _manage("state_diagram")()
    if failure:
        raise SetupError(failure)
