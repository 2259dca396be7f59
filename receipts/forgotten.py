"""Online numbers that a restored database has forgotten: given to nobody again, but good where they arrive.

The backup knows a series up to some number; phones may have got the next ones since (spec «Epoch»).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db.models import QuerySet
from django.utils import timezone

from receipts import series
from receipts.models import ForgottenNumbers, NumberReservation, NumberSeries


@dataclass(frozen=True)
class Jumped:
    """What a restore did to the series: as they go on now, and the ids of those that are lost themselves."""

    series: list[NumberSeries]
    lost: dict[str, int]  # id → the next number that was told outside


def jump(told: Mapping[str, int], margin: int, *, now: datetime) -> Jumped:
    """Every series goes on `margin` numbers past the furthest that is known of it: from this database or,
    by series id, from `told`. All open reservations become void: one may have been spent in the meantime.

    Inside the caller's transaction.
    """
    NumberReservation.objects.filter(spent_at=None, voided_at=None).update(voided_at=now)
    jumped = list(NumberSeries.objects.select_for_update().order_by("pk"))
    for row in jumped:
        following = min(max(row.next, told.get(str(row.pk), 0)) + margin, row.last + 1)
        if following > row.next:
            ForgottenNumbers.objects.create(series=row, first=row.next, last=following - 1, since=now)
            row.next = following
            row.save(update_fields=["next"])
    known = {str(row.pk) for row in jumped}
    return Jumped(jumped, {pk: following for pk, following in told.items() if pk not in known})


def is_his(number: str, installation_id: UUID) -> bool:
    """Whether a signed receipt of this installation may have this number from a forgotten time; the first one
    that comes with it has it. Its reservation is written now, void until a receipt spends it.
    """
    found = _range_of(number, ForgottenNumbers.objects.select_related("series"))
    if found is None:
        return False
    now = timezone.now()
    given, _ = NumberReservation.objects.get_or_create(
        number=number,
        defaults={
            "series": found.series,
            "installation_id": installation_id,
            "reserved_at": now,
            "voided_at": now,
        },
    )
    return given.installation_id == installation_id


def _range_of(number: str, ranges: QuerySet[ForgottenNumbers]) -> ForgottenNumbers | None:
    for each in ranges:
        digits = number.removeprefix(each.series.prefix)
        if not (digits.isascii() and digits.isdigit()):
            continue
        value = int(digits)
        if each.first <= value <= each.last and series.text_of(each.series, value) == number:
            return each
    return None
