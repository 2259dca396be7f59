"""`make test` and its shorter and longer sisters. What could not run is said in the closing lines."""

import os
import re
import shutil
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from scripts import checks, setup, tools
from scripts.setup import FRONTEND, PYTHON
from scripts.system import RESULTS, ROOT
from scripts.terminal import SetupError, is_ci, run_quietly, say, step

#: what shares an expensive fixture stays together, and the longest file, the chaos, goes first
PARALLEL = ["-n", "2", "--dist", "loadfile", "--no-loadscope-reorder"]
IN_BROWSERS = ["-n", "2", "--dist", "worksteal"]  # each worker has a whole system of its own
COUNTED = re.compile(r"(\d+) (passed|failed|errors?|skipped)\b")


@dataclass
class Report:
    """What ran, how it ended, and what could not run."""

    lines: list[str] = field(default_factory=list)
    failed: list[str] = field(default_factory=list)
    not_run: list[str] = field(default_factory=list)
    passed: int = 0
    failures: int = 0
    skipped: int = 0

    def part(self, name: str, ok: bool, words: str, seconds: float) -> None:
        self.lines.append(f"  {'ok' if ok else 'FAILED':6}  {name}: {words} ({seconds:.0f} s)")
        if not ok:
            self.failed.append(name)

    def count(self, summary: str) -> None:
        for number, what in COUNTED.findall(summary):
            if what == "passed":
                self.passed += int(number)
            elif what == "skipped":
                self.skipped += int(number)
            else:
                self.failures += int(number)

    def close(self) -> int:
        """Print the closing lines; the exit code."""
        say("\n" + "=" * 70)
        for line in self.lines:
            say(line)
        for what in self.not_run:
            say(f"  NOT RUN: {what}")
        if self.failed and not self.failures:
            self.failures = len(self.failed)
        say(f"\n{self.passed} passed, {self.failures} failed, {self.skipped} skipped")
        if self.not_run:
            say(f"NOT RUN: {'; '.join(self.not_run)}")
        return 1 if self.failed or (self.not_run and is_ci()) else 0


def everything() -> int:
    """All checks and all tests, with all that they need installed first. Raises `SetupError`."""
    prepare()
    _install_servers()
    for old in RESULTS.glob("*.xml"):
        old.unlink()
    report = Report()
    _checks(report)
    _vitest(report)
    if absent := [package for program, package in tools.OF_PRODUCTION if not tools.found(program)]:
        report.not_run.append(f"production's own commands (apt install {' '.join(absent)})")
    if tools.libfaketime() is None:
        report.not_run.append(tools.NO_FAKETIME)
    _pytest(report, "tests", ["tests", "--ignore=tests/browser", *PARALLEL])
    _browser(report)
    _failures(report)
    return report.close()


def fast() -> int:
    """Under a minute: what a person runs before a commit. No browser, no long walks."""
    prepare()
    report = Report()
    _vitest(report)
    _pytest(report, "tests", ["tests", "--ignore=tests/browser", "-m", "not slow", *PARALLEL])
    return report.close()


def long() -> int:
    """Everything, with property tests walking a hundred times further and the chaos in its long form."""
    os.environ["HYPOTHESIS_PROFILE"] = os.environ["CHAOS"] = "long"
    return everything()


def prepare() -> None:
    """Python packages with the tools of development, and the built client."""
    say("Setting up")
    setup.python_packages(dev=True)
    setup.client()
    RESULTS.mkdir(parents=True, exist_ok=True)


def _install_servers() -> None:
    """PostgreSQL, the browsers and what production stands on, where we may and can install them; else the
    report or the skipped tests say what is missing."""
    wanted = []
    if tools.postgres_folder() is None:
        wanted.append("postgresql")
    if tools.chromium() is None:
        wanted += ["chromium", "fonts-dejavu-core"]
    for engine in tools.missing_engines():
        wanted += [package for package in tools.OF_ENGINES[engine] if package not in wanted]
    wanted += [package for program, package in tools.OF_PRODUCTION if not tools.found(program)]
    if tools.libfaketime() is None:
        wanted.append("faketime")
    if not wanted or os.geteuid() != 0 or not shutil.which("apt-get"):
        return
    env = os.environ | {"DEBIAN_FRONTEND": "noninteractive"}
    with step(f"apt-get install {' '.join(wanted)}"):
        try:
            run_quietly(["apt-get", "update"], "apt-get update failed.", env=env)
            install: list[str | Path] = ["apt-get", "install", "-y", "--no-install-recommends", *wanted]
            run_quietly(install, "apt-get install failed.", env=env)
        except SetupError as error:
            say(str(error))  # the closing lines name the part that does not run for it


def _checks(report: Report) -> None:
    say("\nChecks")
    started = time.monotonic()
    failed = checks.run()
    words = f"failed: {', '.join(failed)}" if failed else f"{len(checks.CHECKS)} of {len(checks.CHECKS)}"
    report.part("checks", not failed, words, time.monotonic() - started)


def _vitest(report: Report) -> None:
    say("\nClient tests (vitest)")
    started = time.monotonic()
    results = ["--", "--reporter=default", "--reporter=junit", f"--outputFile.junit={RESULTS / 'client.xml'}"]
    code, output = _stream([*setup.npm("test"), *results], FRONTEND, setup.node_env() | {"NO_COLOR": "1"})
    summary = next((line for line in reversed(output) if line.strip().startswith("Tests ")), "no summary")
    report.count(summary.replace("|", " "))
    report.part("client tests", code == 0, " ".join(summary.split()), time.monotonic() - started)


def _pytest(report: Report, name: str, arguments: Sequence[str]) -> None:
    if tools.postgres_folder() is None and "TEST_DATABASE_URL" not in os.environ:
        report.not_run.append(f"tests with a database ({tools.NO_POSTGRES})")
    say(f"\nPython tests: {' '.join(arguments)}")
    started = time.monotonic()
    results = f"--junitxml={RESULTS / name.replace(' ', '-')}.xml"
    code, output = _stream([PYTHON, "-m", "pytest", "-q", "--color=no", results, *arguments], ROOT, _env())
    summary = next((line for line in reversed(output) if COUNTED.search(line)), "no summary").strip(" =\n")
    report.count(summary)
    report.part(name, code == 0, summary, time.monotonic() - started)


def _env() -> dict[str, str]:
    """Ours without the one variable that the tests must set themselves."""
    return {key: value for key, value in os.environ.items() if key != "DJANGO_SETTINGS_MODULE"}


def _browser(report: Report) -> None:
    if tools.chromium() is None:
        report.not_run.append(f"browser tests ({tools.NO_CHROMIUM})")
    elif tools.postgres_folder() is None:
        report.not_run.append(f"browser tests ({tools.NO_POSTGRES})")
    else:
        report.not_run += [f"the offline path in {words}" for words in tools.missing_engines().values()]
        _pytest(report, "browser tests", ["tests/browser", *IN_BROWSERS])


def _failures(report: Report) -> None:
    """Whether every failure called held has a test that has just passed."""
    started = time.monotonic()
    run = subprocess.run(
        [PYTHON, "-m", "scripts.failures"], cwd=ROOT, capture_output=True, text=True, check=False
    )
    *_, last = (run.stdout + run.stderr).strip().splitlines() or [""]
    report.part("failures", not run.returncode, last, time.monotonic() - started)


def _stream(command: Sequence[str | Path], cwd: Path, env: dict[str, str]) -> tuple[int, list[str]]:
    """Run, showing every line as it comes; the exit code and the lines."""
    lines = []
    with subprocess.Popen(
        command, cwd=cwd, env=env, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
        text=True, errors="replace",
    ) as running:  # fmt: skip
        for line in running.stdout or ():
            sys.stdout.write(line)
            sys.stdout.flush()
            lines.append(line)
    return running.returncode, lines
