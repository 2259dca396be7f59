"""Online numbers: the only writer of `NumberSeries.next` and `NumberReservation` (spec «Numbers», P03).

A number is reserved under its series' row lock and belongs to its installation until a receipt spends it. An
installation has at most one open reservation, so opening the form a hundred times costs one number.
"""

from collections.abc import Collection, Iterable, Sequence
from datetime import datetime, timedelta
from uuid import UUID

from django.conf import settings
from django.db import IntegrityError, transaction
from django.db.models import F, OuterRef, Subquery

from accounts.models import Installation
from receipts.models import NumberReservation, NumberSeries, Receipt
from receipts.numbers import fold

#: how many numbers are looked at in one question for those that are taken already
_WINDOW = 100
_TRIES = 3
_DAY = timedelta(days=1)


def reserve(installation: Installation, *, now: datetime) -> str | None:
    """This installation's online number: the same one until it is spent or void. None: there is none to give,
    or its agent has left too many unused within a day: asking and giving back could empty a series.

    Calls at the same time get the same number.
    """
    for tries_left in reversed(range(_TRIES)):
        if number := _open(installation):
            return number
        if _unused(installation, since=now - _DAY) >= settings.UNUSED_NUMBERS_PER_DAY:
            return None
        try:
            return _take(installation, now)
        except IntegrityError:  # another call of this installation was quicker, or two series meet
            if not tries_left:
                raise
    return None


def give(installation: Installation, receipt_id: UUID, *, now: datetime) -> str | None:
    """A number for a receipt that the office makes itself, spent at once. None: no series has one left.

    Inside the transaction that stores the receipt, which then holds the series' row lock to its end.
    Raises `IntegrityError` where two series meet.
    """
    return _take(installation, now, spent_on=receipt_id)


def void(installation_id: UUID, numbers: Collection[str], *, now: datetime) -> None:
    """These were given back unused. Only open reservations of its own count; everything else is no error.

    A voided number is never given again. One statement, at most one row: no deadlock with `spend`.
    """
    if numbers:
        NumberReservation.objects.filter(
            installation_id=installation_id, number__in=numbers, spent_at=None, voided_at=None
        ).update(voided_at=now)


def void_open(installation_id: UUID, *, now: datetime) -> None:
    """What it has open is given to nobody any more: a clone may show the same number (F21)."""
    open_one = NumberReservation.objects.filter(
        installation_id=installation_id, spent_at=None, voided_at=None
    )
    open_one.update(voided_at=now)


def spend(numbers: Sequence[str], *, at: datetime) -> None:
    """Receipts with these numbers have just been stored by the caller's transaction; a voiding is undone."""
    if numbers:
        receipt = Receipt.objects.filter(number=OuterRef("number")).values("pk")
        NumberReservation.objects.filter(number__in=numbers, spent_at=None).update(
            spent_at=at, voided_at=None, receipt_id=Subquery(receipt)
        )


def owners(numbers: Iterable[str]) -> list[tuple[str, UUID]]:
    """Which installation each of these numbers was reserved for, spent and voided ones too."""
    found = NumberReservation.objects.filter(number__in=list(numbers))
    return list(found.values_list("number", "installation_id"))


def text_of(series: NumberSeries, value: int) -> str:
    """The number as it is printed and stored."""
    return f"{series.prefix}{value:0{series.digits}}"


def remaining(series: NumberSeries) -> int:
    """How many numbers it has left to give."""
    return series.last - series.next + 1


def is_low(series: NumberSeries) -> bool:
    """Whether the office is to be warned of this series."""
    return remaining(series) <= series.alarm_at


def is_supply_low() -> bool:
    """Whether the series that are given from are all coming to their end. No series at all is no alarm."""
    giving = list(NumberSeries.objects.filter(is_active=True))
    return bool(giving) and all(is_low(series) for series in giving)


def meet(one: NumberSeries, other: NumberSeries) -> bool:
    """Whether a number of the one, in any spelling, could be a number of the other.

    Numbers of one length sort as texts; where the ranges overlap, the later beginning lies in both.
    """
    (first, last), (begin, end) = _bounds(one), _bounds(other)
    return len(first) == len(begin) and first <= end and begin <= last


def _bounds(series: NumberSeries) -> tuple[str, str]:
    return fold(text_of(series, series.first)), fold(text_of(series, series.last))


def has_given(series: NumberSeries) -> bool:
    """Whether a number was given: from then on its prefix, digits and beginning stand."""
    return series.next > series.first


@transaction.atomic
def keep(series: NumberSeries, changed: Collection[str]) -> None:
    """Store a series as the office defines it: a new one whole, of a known one only what was `changed`.

    `next` stays where the phones have brought it meanwhile. Raises `IntegrityError` for a range that does not
    hold the numbers already given.
    """
    if series.pk is None:
        series.next = series.first
        series.save()
        return
    now = locked(series.pk)
    series.next = now.next if has_given(now) else series.first
    series.save(update_fields={*changed, "next"})


def locked(series_id: int) -> NumberSeries:
    """The series as it stands, under its row lock until the caller's transaction ends."""
    return NumberSeries.objects.select_for_update().get(pk=series_id)


def _open(installation: Installation) -> str | None:
    found = NumberReservation.objects.filter(installation=installation, spent_at=None, voided_at=None)
    return found.values_list("number", flat=True).first()


def _unused(installation: Installation, *, since: datetime) -> int:
    """How many numbers this agent's phones have taken since then and not spent: void, or open elsewhere."""
    taken = NumberReservation.objects.filter(reserved_at__gt=since, spent_at=None)
    return taken.filter(installation__in=Installation.objects.filter(agent=installation.agent_id)).count()


def _take(installation: Installation, now: datetime, spent_on: UUID | None = None) -> str | None:
    """The next number of the first series that has one left, open unless `spent_on` a receipt.

    Raises `IntegrityError` when it was taken.
    """
    giving = NumberSeries.objects.filter(is_active=True, next__lte=F("last")).order_by("pk")
    for series_id in list(giving.values_list("pk", flat=True)):
        with transaction.atomic():
            series = locked(series_id)
            if spent_on is None and (
                number := _open(installation)
            ):  # given while this call waited for the lock
                return number
            if not series.is_active or (value := _first_free(series)) is None:
                continue
            series.next = value + 1
            series.save(update_fields=["next"])
            number = text_of(series, value)
            NumberReservation.objects.create(
                number=number,
                series=series,
                installation=installation,
                reserved_at=now,
                spent_at=now if spent_on else None,
                receipt_id=spent_on,
            )
            return number
    return None


def _first_free(series: NumberSeries) -> int | None:
    """The first number from `next` on that no receipt and no reservation has. Needs the series' lock."""
    begin = series.next
    while begin <= series.last:
        window = {
            text_of(series, value): value for value in range(begin, min(begin + _WINDOW, series.last + 1))
        }
        taken = {
            *NumberReservation.objects.filter(pk__in=window).values_list("pk", flat=True),
            *Receipt.objects.filter(number__in=window).values_list("number", flat=True),
        }
        for text, value in window.items():
            if text not in taken:
                return value
        begin += _WINDOW
    return None
