"""The sweep finds due rows that nobody was woken for: lost nudges, retries, runners that died."""

from sync.clock import Clock, database_clock
from sync.relay import deliveries, nudging


def sweep(*, clock: Clock = database_clock) -> int:
    """Wake runners for what is due now; their number. Called by beat every few seconds."""
    due = deliveries.due(clock).count()
    if due:
        nudging.nudge(due, clock=clock)
    return due
