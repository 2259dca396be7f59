"""Gaps in an installation's numbers, code by code, from everything the server has under them (F20, P18)."""

from collections import defaultdict

from accounts.models import Installation
from receipts import gaps, numbers
from receipts.models import Receipt, SpoiledNumber
from sync.models import IntakeException


def gaps_of(installation: Installation) -> list[tuple[str, list[tuple[int, int]]]]:
    """Each code it was ever given, the first one first, with the ranges that nothing accounts for.

    Receipts, spoiled numbers and intake exceptions account for theirs. Under the present code the phone's own
    highest counter counts too; under a former one what came last.
    """
    known: dict[str, set[int]] = defaultdict(set)
    for text in _numbers(installation):
        try:
            number = numbers.take_apart(text)
        except numbers.NumberError:
            continue  # of a series, or what an envelope claims
        known[number.installation_code].add(number.counter)
    codes = installation.codes.order_by("given_at").values_list("code", flat=True)
    return [(code, gaps.gaps(known[code], _highest(installation, code, known[code]))) for code in codes]


def _numbers(installation: Installation) -> list[str]:
    rows = [
        Receipt.objects.filter(installation=installation).order_by().values_list("number", flat=True),
        SpoiledNumber.objects.filter(installation=installation).order_by().values_list("number", flat=True),
        IntakeException.objects.filter(signer=installation)
        .order_by()
        .values_list("claimed_number", flat=True),
    ]
    return [number for each in rows for number in each]


def _highest(installation: Installation, code: str, known: set[int]) -> int:
    return max([*known, installation.counter if code == installation.code else 0], default=0)
