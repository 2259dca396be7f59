"""`make failures` finds a test's last outcome by the names that pytest and vitest give it."""

from pathlib import Path

import pytest

from scripts import failures
from scripts.failures import Test as Named  # pytest would take it for a class of tests

PY, TS = "tests/unit/test_a.py", "frontend/tests/a.test.ts"
CASE = '<testcase classname="{}" name="{}">{}</testcase>'


def write(folder: Path, *cases: tuple[str, str, str]) -> None:
    rows = "".join(CASE.format(*case) for case in cases)
    (folder / "tests.xml").write_text(f"<testsuites><testsuite>{rows}</testsuite></testsuites>")


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(failures, "RESULTS", tmp_path)
    return tmp_path


def test_every_row_of_a_test_is_counted_and_a_failed_one_is_said(folder: Path) -> None:
    write(
        folder,
        ("tests.unit.test_a", "test_f01[a]", ""),
        ("tests.unit.test_a", "test_f01[b]", "<failure/>"),
        ("tests.unit.test_a", "test_f01_more", ""),
        ("tests.unit.test_a", "test_f02", "<skipped/>"),
    )
    known = failures.outcomes()
    assert failures.in_words(Named(PY, "test_f01"), known) == "1 FAILED, 1 passed"
    assert failures.in_words(Named(PY, "test_f02"), known) == "1 skipped"
    assert failures.in_words(Named("tests/unit/test_b.py", "test_f01"), known) == "not run"


def test_a_class_and_a_state_machine_are_found_by_their_names(folder: Path) -> None:
    write(
        folder,
        ("tests.unit.test_a.TestNumbers", "test_f18", ""),
        ("tests.unit.test_a.TestWay", "runTest", ""),
    )
    known = failures.outcomes()
    assert failures.in_words(Named(PY, "TestNumbers"), known) == "1 passed"
    assert failures.in_words(Named(PY, "test_f18"), known) == "1 passed"
    assert failures.in_words(Named(PY, "WayMachine"), known) == "1 passed"


def test_a_title_of_vitest_is_found_with_what_was_filled_in(folder: Path) -> None:
    write(folder, ("tests/a.test.ts", "F24 &gt; quota at %s".replace("%s", "draft"), ""))
    known = failures.outcomes()
    assert failures.in_words(Named(TS, "quota at %s"), known) == "1 passed"
    assert failures.in_words(Named(TS, "quota at ${place}"), known) == "1 passed"
    assert failures.in_words(Named(TS, "F24"), known) == "1 passed"
    assert failures.in_words(Named(TS, "quota"), known) == "not run"


def test_without_any_results_nothing_has_run(folder: Path) -> None:
    assert failures.in_words(Named(PY, "test_f01"), failures.outcomes()) == "not run"
