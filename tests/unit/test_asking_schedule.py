"""The distances between tries grow and have an end."""

from hypothesis import given
from hypothesis import strategies as st

from sync.relay.schedule import BACKOFF_CAP_S, POLL_CAP_S, backoff, poll_distance

DICE = st.floats(0, 1, exclude_max=True)


def test_looks_for_a_check_come_after_1_2_4_seconds_and_at_last_every_10_minutes() -> None:
    assert [poll_distance(polls, 0.9999) > 0.99 * 2**polls for polls in range(9)] == [True] * 9
    assert 0.9 * POLL_CAP_S <= poll_distance(60, 0.0) <= POLL_CAP_S


def test_the_pause_after_a_failure_doubles_up_to_its_cap() -> None:
    assert [backoff(failures, 0.0) for failures in (1, 2, 3)] == [1.0, 2.0, 4.0]
    assert backoff(50, 0.0) == BACKOFF_CAP_S / 2


@given(st.integers(1, 10**6), DICE)
def test_no_pause_is_nothing_or_endless(failures: int, dice: float) -> None:
    assert 1.0 <= backoff(failures, dice) <= BACKOFF_CAP_S
    assert 0.9 <= poll_distance(failures, dice) <= POLL_CAP_S
