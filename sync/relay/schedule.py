"""When to try again: pure functions of how often it was tried. Seconds; `dice` is random in [0, 1)."""

from datetime import date

BACKOFF_FIRST_S = 2.0
BACKOFF_CAP_S = 300.0
POLL_FIRST_S = 1.0
POLL_CAP_S = 600.0
LISTING_FRESH_S = 60.0


def backoff(failures: int, dice: float) -> float:
    """The pause after the `failures`-th failure in a row: doubled each time, capped, spread over its half.

    The spread keeps deliveries that failed together from coming back together.
    """
    full = min(BACKOFF_CAP_S, BACKOFF_FIRST_S * 2.0 ** min(failures - 1, 30))
    return full * (0.5 + dice / 2)


def circuit_pause(failures: int, dice: float, cap_s: float) -> float:
    """How long nobody tries after KIAS did not take a call: as `backoff`, but `cap_s` at most (F09)."""
    return min(cap_s * (0.5 + dice / 2), backoff(failures, dice))


def poll_distance(polls: int, dice: float) -> float:
    """The pause after the `polls`-th look for a check that is not there yet: 1, 2, 4 … s up to 10 minutes."""
    full = min(POLL_CAP_S, POLL_FIRST_S * 2.0 ** min(polls, 30))
    return full * (0.9 + dice / 10)


def listing_distance(day: date, today: date, dice: float) -> float:
    """When a day's list is read again for the checks that were not there: a fresh day's each minute, an older
    one's every ten."""
    full = LISTING_FRESH_S if (today - day).days <= 1 else POLL_CAP_S
    return full * (0.9 + dice / 10)
