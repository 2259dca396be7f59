"""Walks over the whole path (`path.py`), and over it with the office at work (`office_path.py`)."""

import logging
from collections.abc import Callable, Iterator
from dataclasses import replace

import pytest
from hypothesis import Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import precondition, rule, run_state_machine_as_test

from sync import sealing_keys
from sync.relay import asking
from sync.relay.asking import Facts
from sync.relay.terms import Terms
from tests.property.office_path import OfficePath
from tests.property.path import LATEST, Path
from tests.support.relaying import TERMS

#: `make test-long` walks for hours
pytestmark = [pytest.mark.django_db, pytest.mark.slow, pytest.mark.timeout(4 * 3600)]


@pytest.fixture(autouse=True)
def quiet_server_with_a_sealing_key() -> Iterator[None]:
    sealing_keys.make()
    logging.disable(logging.CRITICAL)  # thousands of requests; what matters is asserted
    yield
    logging.disable(logging.NOTSET)


def never_ask(_: Facts) -> None:
    """The policy that ADR 0003 forbids."""


def test_f07_f08_f12_f13_f39_whatever_happens_each_receipt_is_in_kias_exactly_once() -> None:
    run_state_machine_as_test(lambda: Path(asking.must_ask, TERMS))


def test_f08_f09_f39_p01_p08_p37_whatever_people_and_kias_do_each_receipt_ends_where_a_person_sees_it() -> (
    None
):
    run_state_machine_as_test(OfficePath, settings=settings(max_examples=settings().max_examples // 3))


class RoughPath(Path):
    """The same walk where the faults are those that leave open whether KIAS has the receipt."""

    @precondition(lambda self: len(self.kias.faults) < 4)
    @rule(kind=st.sampled_from(["lose_answer", "commit_late", "kill_after"]), seconds=st.floats(30, LATEST))
    def something_will_go_wrong(self, kind: str, seconds: float) -> None:
        self.kias.order(kind, seconds, only="save")


def walk_until_it_breaks(must_ask: Callable[[Facts], str | None], terms: Terms) -> None:
    """The same walk every time, ended at the first fault without looking for the shortest way to it."""
    run_state_machine_as_test(
        lambda: RoughPath(must_ask, terms),
        settings=settings(
            max_examples=100,
            stateful_step_count=25,
            derandomize=True,
            database=None,
            phases=[Phase.generate],
            report_multiple_bugs=False,
        ),
    )


def test_the_rough_walk_is_survived_as_well() -> None:
    run_state_machine_as_test(
        lambda: RoughPath(asking.must_ask, TERMS),
        settings=settings(max_examples=settings().max_examples // 3),
    )


def test_without_ask_before_save_the_same_walk_finds_a_double() -> None:
    with pytest.raises(AssertionError, match="twice in KIAS"):
        walk_until_it_breaks(never_ask, TERMS)


def test_without_the_settle_time_the_same_walk_finds_a_double() -> None:
    with pytest.raises(AssertionError, match="twice in KIAS"):
        walk_until_it_breaks(asking.must_ask, replace(TERMS, settle_s=0))
