"""When it is our own clock that is off (P13)."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sync.our_clock import Agreement, agreement


@pytest.mark.parametrize(
    ("skews", "accused"),
    [
        ([], False),
        ([-600] * 5, True),
        ([-600] * 4, False),  # too few to say so
        ([-600, -590, -655, -700, -610, *[0] * 20], False),  # a fifth, not more
        ([-600, -590, -655, -700, -610, *[0] * 19], True),
        ([-600, -600, -600, 600, 600, 600], False),
        ([400, 900, 1500, 2400, 5000, 9000], False),  # each wrong in its own way
        ([300] * 50, False),  # within the tolerance
        ([-3600] * 6, True),
    ],
)
def test_more_than_a_fifth_of_the_hours_phones_with_one_skew_accuse_our_clock(skews, accused):
    assert agreement(skews).accuses_us is accused


def test_the_skew_that_most_of_them_share_is_named():
    assert agreement([0, 601, 602, 660, 3000, 3001]) == Agreement(heard=6, sharing=3, skew_s=602)


@given(st.lists(st.integers(-300, 300), max_size=200))
def test_honest_clocks_never_accuse_it(skews):
    assert agreement(skews) == Agreement(len(skews), 0, 0)
