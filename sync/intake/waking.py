"""Waking the relay after a batch, not more often than there is anything new to say.

While batches pour in, the runners that the first of them woke are looking for due rows anyway; telling them
of every batch would cost more than storing a receipt. A batch that falls between two stools is found by the
sweep within seconds (F12).
"""

import time

from sync.relay import nudging

#: One message per process within this time, in seconds; a runner needs longer for its first call to KIAS.
EVERY_S = 0.05

_last = float("-inf")


def wake(count: int) -> None:
    """Tell the relay of `count` new deliveries, unless it has just been told; never raises."""
    global _last
    now = time.monotonic()
    if now - _last >= EVERY_S:
        _last = now
        nudging.nudge(count)
