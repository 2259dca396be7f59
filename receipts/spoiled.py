"""Offline numbers that their phones will never use: they explain the gaps in a counter (F20)."""

from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

from accounts.models import InstallationCode
from receipts import numbers
from receipts.models import SpoiledNumber


def record(installation_id: UUID, reported: Iterable[str], *, now: datetime) -> None:
    """Note these numbers, each once however often it is told. Only sound ones under its own codes count."""
    sound = {text: found.installation_code for text in reported if (found := _sound(text))}
    if not sound:
        return
    codes = InstallationCode.objects.filter(installation_id=installation_id, code__in=sound.values())
    own = set(codes.values_list("code", flat=True))
    SpoiledNumber.objects.bulk_create(
        [
            SpoiledNumber(number=text, installation_id=installation_id, reported_at=now)
            for text, code in sorted(sound.items())
            if code in own
        ],
        ignore_conflicts=True,
    )


def _sound(text: str) -> numbers.Number | None:
    try:
        found = numbers.take_apart(text)
    except numbers.NumberError:
        return None
    return found if found.is_sound else None
