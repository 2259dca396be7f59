"""What an HTTP status says about the call: surely not taken, or who knows."""

import re
from collections.abc import Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

from sync.kias.gateway import KiasUnavailableError

RETRY_AFTER_UNNAMED_S = 30.0
LONGEST_RETRY_AFTER_S = 24 * 3600.0

#: the server, or what stands before it, says that it did not begin: RFC 9110's own words for each
NOT_TAKEN = frozenset(
    {400, 401, 403, 404, 405, 407, 408, 410, 411, 413, 414, 415, 417, 421, 426, 428, 429, 431, 451}
)


def refuse_what_was_not_taken(status: int, headers: Mapping[str, str]) -> None:
    """Raise KiasUnavailableError for the statuses that say that nothing was done.

    A 503 says it with `Retry-After`; without it, it may be a proxy that lost the answer.
    """
    named = headers.get("Retry-After")
    if status in {429, 503} and (named is not None or status == 429):
        raise KiasUnavailableError(f"HTTP {status}", retry_after=retry_after(named, headers.get("Date")))
    if status in NOT_TAKEN:
        raise KiasUnavailableError(f"HTTP {status}")


def retry_after(named: str | None, date: str | None) -> float:
    """Seconds to wait, 1 to 86,400. A moment counts from the server's own `Date`: clocks differ."""
    text = (named or "").strip()
    if re.fullmatch(r"[0-9]{1,9}", text):
        return _bounded(float(text))
    until = _moment(text)
    if until is None:
        return RETRY_AFTER_UNNAMED_S
    return _bounded((until - (_moment(date or "") or datetime.now(UTC))).total_seconds())


def _bounded(seconds: float) -> float:
    return min(max(seconds, 1.0), LONGEST_RETRY_AFTER_S)


def _moment(text: str) -> datetime | None:
    try:
        moment = parsedate_to_datetime(text)
    except (ValueError, IndexError, TypeError, OverflowError):
        return None
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
