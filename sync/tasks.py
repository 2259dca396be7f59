"""Celery's door to the relay: tasks take no state and hold none, so a doubled or lost one is harmless (F13)."""

from celery import shared_task

from sync import relay as relaying
from sync import sweep as sweeping


@shared_task(name="sync.tasks.relay")
def relay() -> None:
    """Relay what is due, one delivery after another, as long as there is a slot and time."""
    relaying.run()


@shared_task(name="sync.tasks.sweep")
def sweep() -> None:
    """Find what no nudge has woken anybody for."""
    sweeping.sweep()
