"""What is known about the moment of issue, in words (P13, spec «Dates»)."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from backoffice import show


def bounds(evidence: Mapping[str, Any], arrived: datetime) -> tuple[datetime | None, datetime]:
    """The earliest and the latest moment the receipt can have been issued.

    Lower: the last signed server time the phone held, moved on by the monotonic distance where one page
    life spans both. Upper: the arrival. None where the phone never held a server's time.
    """
    held = _moment(evidence.get("server_time"))
    if held is None:
        return None, arrived
    since = evidence.get("since_server_ms")
    if isinstance(since, int | float) and 0 <= since < 366 * 86_400_000:
        held += timedelta(milliseconds=since)
    return held, arrived


def in_words(evidence: Mapping[str, Any], arrived: datetime, offset_min: int) -> str:
    """«выдана не раньше … и не позже …», by the clock of the place, and what else the phone noticed."""
    earliest, latest = bounds(evidence, arrived)
    until = show.local(latest, offset_min)
    if earliest is None:
        text = f"выдана не позже {until}; раньше какого времени не выдана, телефон показать не может"
    else:
        text = f"выдана не раньше {show.local(earliest, offset_min)} и не позже {until}"
    jumps = evidence.get("backward_jumps")
    if isinstance(jumps, int) and jumps > 0:
        text += f"; часы телефона переводили назад {show.count(jumps, 'раз', 'раза', 'раз')}"
    return text


def _moment(value: object) -> datetime | None:
    """Evidence is the phone's word: what is no moment is no evidence, and never an error."""
    if not isinstance(value, str):
        return None
    try:
        moment = datetime.fromisoformat(value)
    except ValueError:
        return None
    return moment if moment.tzinfo else None
