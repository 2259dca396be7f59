"""What is known about the moment of issue, in words (P13, spec «Dates»)."""

from collections.abc import Iterator
from datetime import timedelta

from backoffice import show
from receipts.dates import TOLERANCE, DateEvidence, parse_server_time
from receipts.models import Receipt
from sync import server_time

_LONGEST_PAGE_LIFE_MS = 366 * 86_400_000


def read(receipt: Receipt) -> DateEvidence:
    """The stored evidence as bounds. It is the phone's word: only a server time that we signed counts."""
    held = receipt.evidence.get("server_time")
    signature = receipt.evidence.get("server_signature")
    since = receipt.evidence.get("since_server_ms")
    ours = (
        isinstance(held, str)
        and isinstance(signature, str)
        and server_time.is_ours(held, signature, receipt.installation_id)
    )
    sane = isinstance(since, int | float) and 0 <= since <= _LONGEST_PAGE_LIFE_MS
    return DateEvidence(
        arrived_at=receipt.accepted_at,
        server_time=parse_server_time(held) if ours else None,
        since_server=timedelta(milliseconds=since) if sane else None,
    )


def in_words(receipt: Receipt) -> str:
    """«Выдана не раньше … и не позже …», by the clock of the place, and what else the phone noticed."""
    return " ".join(_sentences(receipt))


def _sentences(receipt: Receipt) -> Iterator[str]:
    offset_min = receipt.issued_offset_min
    earliest = read(receipt).not_before
    until = show.local(receipt.accepted_at, offset_min)
    if earliest is not None:
        yield f"Выдана не раньше {show.local(earliest, offset_min)} и не позже {until}."
    elif receipt.evidence.get("server_time"):
        yield f"Выдана не позже {until}."
        yield "Нижней границы нет: подпись под временем сервера, которое предъявил телефон, не наша."
    else:
        yield f"Выдана не позже {until}. Нижней границы нет: телефон не предъявил времени нашего сервера."
    jumps = receipt.evidence.get("backward_jumps")
    if isinstance(jumps, int) and jumps > 0:
        yield f"Часы телефона переводили назад {show.count(jumps, show.TIME)}."
    highest = parse_server_time(str(receipt.evidence.get("highest_wall")))
    if highest is not None and highest > receipt.issued_at + TOLERANCE:
        yield f"До этого часы телефона показывали и {show.local(highest, offset_min)}."
