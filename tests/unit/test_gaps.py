"""Gaps in a counter (F20, P18)."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from receipts.gaps import gaps


@pytest.mark.parametrize(
    ("known", "highest", "missing"),
    [
        ([], 0, []),
        ([], 3, [(1, 3)]),
        ([1, 2, 3], 3, []),
        ([3, 1, 3], 5, [(2, 2), (4, 5)]),
        ([1, 7], 3, [(2, 3)]),
        ([2], 2, [(1, 1)]),
    ],
)
def test_gaps_are_the_ranges_that_nothing_accounts_for(
    known: list[int], highest: int, missing: list[tuple[int, int]]
) -> None:
    assert gaps(known, highest) == missing


@given(st.lists(st.integers(-3, 60)), st.integers(0, 60))
def test_every_counter_is_either_known_or_in_exactly_one_gap(known: list[int], highest: int) -> None:
    found = gaps(known, highest)
    inside = [counter for first, last in found for counter in range(first, last + 1)]
    assert inside == sorted(set(range(1, highest + 1)) - set(known))
    assert all(later[0] > earlier[1] + 1 for earlier, later in pairwise(found))
