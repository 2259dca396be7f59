"""The clock of leases, due times and attempts: the database's own, one for all workers on all hosts.

It is an argument of everything that needs the time, given as an SQL expression so that "now" is read inside
the very statement that decides.
"""

from collections.abc import Callable
from datetime import datetime, timedelta

from django.db.models import DateTimeField, ExpressionWrapper, Q
from django.db.models.expressions import Combinable
from django.db.models.functions import Now

#: Gives the expression for "now" to put into a statement.
Clock = Callable[[], Combinable]

database_clock: Clock = Now


def later(clock: Clock, seconds: float) -> Combinable:
    """The expression for `seconds` after now."""
    return ExpressionWrapper(clock() + timedelta(seconds=seconds), output_field=DateTimeField())


def nobody_holds(now: Combinable | datetime) -> Q:
    """Of rows with a claim and its lease: never claimed, given back, or held by somebody who has died."""
    return Q(lease_until__isnull=True) | Q(lease_until__lte=now)
