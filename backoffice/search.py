"""Search as the office types it: a number in any spelling, a policy, a name in any case, an id."""

import re
import uuid

from django.db.models import Q

from receipts import numbers

_PREFIX = re.compile("^[БВ]С")


def receipts(typed: str) -> Q:
    """What a typed text may mean; an empty one means everything.

    Numbers and policies are found by their stored folded spelling, equally on both databases. Every word of
    a name has to be found: case and ё/е do not matter, the order of the words neither.
    """
    typed = typed.replace("\x00", "").strip()
    if not typed:
        return Q()
    found = names("insurant", typed) | names("payer", typed) | Q(kias_isn=typed)
    found |= number("number_folded", typed) | number("policy_folded", typed)
    receipt_id = as_id(typed)
    if receipt_id:
        found |= Q(id=receipt_id) | Q(replaces=receipt_id)
    return found


def number(field: str, typed: str) -> Q:
    """The folded number in `field` holds what was typed, its prefix given or not; one sign finds nothing."""
    folded = numbers.fold(typed)
    found = Q(**{field: folded})
    for spelling in {folded, _PREFIX.sub("", folded)}:
        if len(spelling) >= 2:
            found |= Q(**{f"{field}__contains": spelling})
    return found


def names(field: str, typed: str) -> Q:
    """Every word of `typed` stands in `field`.

    By regular expression, since LIKE on SQLite knows upper and lower case of Latin letters only.
    """
    found = Q()
    for word in typed.split():
        pattern = re.sub("[её]", "[её]", re.escape(word.lower()))
        found &= Q(**{f"{field}__iregex": pattern})
    return found


def as_id(typed: str) -> uuid.UUID | None:
    try:
        return uuid.UUID(typed)
    except ValueError:
        return None
