"""`deploy/restore.sh`: the steps of the runbook's «Restore», in their order (F15)."""

import os
import subprocess
from pathlib import Path

import pytest

from scripts.system import ROOT

STUB = """#!/bin/sh
echo "$*" >> "$CALLS"
case "$*" in *"$FAILS"*) exit 1;; esac
"""
STEPS = [
    "stop web worker beat flower",
    "pg_terminate_backend",
    "ALTER DATABASE kias RENAME TO kias_before_",
    "CREATE DATABASE kias",
    "pg_restore --exit-on-error",
    "run --rm migrate",
    "manage.py after_restore",
    "up -d web worker beat flower",
]


@pytest.fixture
def calls(tmp_path: Path) -> Path:
    stub = tmp_path / "compose"
    stub.write_text(STUB)
    stub.chmod(0o755)
    return tmp_path / "calls"


def run(calls: Path, dump: bytes, fails: str = "nothing of this") -> tuple[int, list[str]]:
    (calls.parent / "dump").write_bytes(dump)
    done = subprocess.run(
        ["/bin/sh", ROOT / "deploy" / "restore.sh", calls.parent / "dump"],
        env=os.environ | {"COMPOSE": str(calls.parent / "compose"), "CALLS": str(calls), "FAILS": fails},
        capture_output=True,
        check=False,
    )
    return done.returncode, calls.read_text().splitlines() if calls.exists() else []


def test_f15_the_steps_are_those_of_the_runbook(calls: Path) -> None:
    code, said = run(calls, b"a dump")
    assert code == 0
    assert [step in line for step, line in zip(STEPS, said, strict=True)] == [True] * len(STEPS)


@pytest.mark.parametrize("fails", ["pg_restore", "after_restore"])
def test_f15_nothing_is_started_after_a_step_that_failed(calls: Path, fails: str) -> None:
    code, said = run(calls, b"a dump", fails)
    assert code != 0
    assert fails in said[-1]


def test_f15_an_empty_dump_stops_nothing(calls: Path) -> None:
    assert run(calls, b"") == (1, [])
