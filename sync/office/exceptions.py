"""Intake exceptions: a person has looked at what could not become a receipt, and says how it ended."""

from datetime import datetime

from accounts.models import User
from sync.models import IntakeException
from sync.office.refused import NotPossibleError


def end(pk: int, *, staff: User, text: str, now: datetime) -> IntakeException:
    """A person has dealt with it; `text` says how. Raises `NotPossibleError` when another has before."""
    open_one = IntakeException.objects.filter(pk=pk, ended_at=None)
    if not open_one.update(ended_at=now, ended_by=staff, ended_reason=text[:500]):
        raise NotPossibleError("Это исключение уже разобрано.")
    return IntakeException.objects.get(pk=pk)
