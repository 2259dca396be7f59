"""When a check is late (domain facts, «The check»): a receipt's money is taken, its check is still not there.

Whatever the reason is: KIAS away, a maintenance window, held by the office, refused. Terms are settings.
"""

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db.models import QuerySet

from receipts.models import Receipt
from receipts.states import State

WITHOUT_CHECK = (State.ACCEPTED, State.HELD, State.REGISTERED, State.REJECTED)
_SATURDAY = 5


def working_days_ago(days: int, now: datetime, zone: ZoneInfo) -> datetime:
    """The latest moment since which `days` whole working days have passed; Saturday and Sunday are none.

    On Monday at noon one has passed since Friday at noon; all through a weekend, since Friday began.
    """
    moment = now.astimezone(zone)
    if moment.weekday() >= _SATURDAY:
        moment -= timedelta(days=moment.weekday() - _SATURDAY)
        moment = moment.replace(hour=0, minute=0, second=0, microsecond=0)
    while days > 0:
        moment -= timedelta(days=1)
        days -= moment.weekday() < _SATURDAY
    return moment


def warned_before(now: datetime) -> datetime:
    """What was issued before has gone without a check for longer than is usual."""
    return working_days_ago(settings.CHECK_WARN_WORKING_DAYS, now, ZoneInfo(settings.TIME_ZONE))


def overdue_before(now: datetime) -> datetime:
    """What was issued before has gone without a check for longer than the law is read to allow."""
    return now - timedelta(days=settings.CHECK_DEADLINE_DAYS)


def without_check(issued_before: datetime) -> QuerySet[Receipt]:
    """Receipts of that age whose check is not there."""
    return Receipt.objects.filter(state__in=WITHOUT_CHECK, issued_at__lte=issued_before)
