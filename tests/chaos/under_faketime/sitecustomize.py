"""Python loads this by itself where PYTHONPATH names its folder: in the processes whose clock is turned.

libfaketime 0.9.10 answers a sleep until a moment of the monotonic clock, which is how Python sleeps, with
EINVAL while it leaves that clock alone. `select` waits for a length of time and is not touched by it.
"""

import select
import time


def _sleep(seconds: float) -> None:
    if seconds < 0:
        raise ValueError("sleep length must be non-negative")
    select.select([], [], [], seconds)


time.sleep = _sleep
