"""The short chaos of `make test`, the long one of `make test-long` (CHAOS=long); see docs/chaos.md.

Everything fails at once: F01, F02, F04, F05, F07, F08, F09, F10, F11, F12, F13, F14, F30.
"""

import os
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from scripts import tools
from scripts.terminal import is_ci
from tests.chaos.books import Books
from tests.chaos.checker import check, doubles
from tests.chaos.plan import DECK, LATE, LONG, LONG_LATE, SHORT, Plan, new_seed
from tests.chaos.run import Run
from tests.chaos.town import town

pytestmark = [pytest.mark.slow, pytest.mark.timeout(9_000 if os.environ.get("CHAOS") == "long" else 900)]


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Run]:
    if tools.postgres_folder() is None:
        # for a machine without it; the closing lines say so, and CI fails (`scripts/testing.py`)
        pytest.skip(f"NOT RUN: {tools.NO_POSTGRES}")
    with town(tmp_path_factory.mktemp("chaos")) as running:
        yield Run(running)


def seeded(plan: Plan) -> Plan:
    """The same run in its long form where that is wanted; CHAOS_SEED replays."""
    if os.environ.get("CHAOS") == "long":
        plan = LONG_LATE if plan.late else LONG
    return replace(plan, seed=os.environ.get("CHAOS_SEED") or new_seed())


def fought(run: Run, plan: Plan, folder: Path) -> Books:
    """The books of this run, stored where a failure can be looked into; its course is printed."""
    books = run.go(plan)
    books.store(folder / "books.json")
    print(f"books: {folder / 'books.json'}; replay with CHAOS_SEED={plan.seed}")
    print(check(books).words)
    return books


def test_whatever_fails_each_receipt_ends_once_and_three_ledgers_agree(run: Run, tmp_path: Path) -> None:
    """F01, F04, F05, F07, F08, F09, F10, F12, F14: lost 0, twice 0, renumbered 0, history without holes."""
    assert run.town.has_clocks or not is_ci(), tools.NO_FAKETIME
    books = fought(run, seeded(SHORT), tmp_path)
    verdict = check(books)
    assert not verdict.findings, verdict.words
    assert "fiscalised" in verdict.counted, "the run did not come to anything"
    assert set(DECK) - set(run.dealt) <= {
        blow for blow in DECK if "clock" in blow and not run.town.has_clocks
    }
    assert {"lost_answer", "lost_request", "doubled"} <= set(run.befell)


def test_f08_what_kias_commits_after_the_settle_time_is_double_and_nothing_else_is_wrong(
    run: Run, tmp_path: Path
) -> None:
    """Nobody can rule that out (ADR 0003): reconciliation finds every double, and nothing else happens."""
    verdict = check(books := fought(run, seeded(LATE), tmp_path))
    late = {saved.id for walker in run.latest for saved in walker.saved()}
    assert late & doubles(books).keys(), "KIAS was late, so there must be doubles"
    assert not verdict.beside("twice"), verdict.words
