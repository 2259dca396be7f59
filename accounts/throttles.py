"""How often something may be done in an hour. The memory is rows of the database, never the cache (P28)."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import connection, transaction

from accounts.models import RateBucket
from accounts.refusals import RefusalError

WINDOW = timedelta(hours=1)
_KEPT = timedelta(days=2)
# One statement, so that parallel requests cannot both see the last free place. Both databases speak it.
_UPSERT = """
    INSERT INTO accounts_ratebucket (key, window_start, count) VALUES (%s, %s, 1)
    ON CONFLICT (key, window_start) DO UPDATE SET count = accounts_ratebucket.count + 1
    RETURNING count
"""


class ThrottledError(RefusalError):
    """`retry_after` is in seconds."""

    code = "throttled"

    def __init__(self, retry_after: int) -> None:
        minutes = -(-retry_after // 60)
        super().__init__(
            f"Код запрашивали слишком часто. Попробуйте снова через {minutes} мин.", retry_after=retry_after
        )


@dataclass(frozen=True)
class Purse:
    """So many of something an hour, counted under one key."""

    key: str
    limit: int


def take(purses: Iterable[Purse], *, now: datetime) -> None:
    """Take one from every purse, or from none and raise `ThrottledError`.

    Purses shared by many come last: their row stays locked until the caller's transaction ends.
    """
    window_start = start_of_window(now)
    with transaction.atomic():
        for purse in purses:
            if _count(purse.key, window_start) > purse.limit:
                raise ThrottledError(int((window_start + WINDOW - now).total_seconds()) + 1)


def start_of_window(now: datetime) -> datetime:
    return now.replace(minute=0, second=0, microsecond=0)


def _count(key: str, window_start: datetime) -> int:
    with connection.cursor() as cursor:
        cursor.execute(_UPSERT, [key, connection.ops.adapt_datetimefield_value(window_start)])
        (count,) = cursor.fetchone()
    if count == 1:  # a new hour for this key: also the time to forget its old ones
        RateBucket.objects.filter(key=key, window_start__lt=window_start - _KEPT).delete()
    return int(count)
