"""Search as the office types it: a number in any spelling, policy, name in any case, phone, ISN, id."""

import operator
import re
import uuid
from functools import reduce

from django.db.models import Q

from accounts import phone_numbers
from receipts import numbers
from receipts.text import fold_name, fold_policy

SHORTEST = 2  # one sign is in every number

_PREFIX = re.compile("^[БВ]С")


def receipts(typed: str) -> Q:
    """What a typed text may mean; an empty one means everything.

    Numbers, policies and names are found by their stored folded spelling, equally on both databases.
    """
    typed = typed.strip()
    if not typed:
        return Q()
    found = Q(kias_isn=typed) | number("number_folded", typed)
    policy = fold_policy(typed)
    if len(policy) >= SHORTEST:
        found |= Q(policy_folded__contains=policy)
    words = fold_name(typed).split()
    found |= reduce(operator.and_, (Q(insurant_folded__contains=word) for word in words), Q())
    phone_number = phone_numbers.normalise(typed)
    if phone_number:
        found |= Q(contact_phone=phone_number)
    receipt_id = as_id(typed)
    if receipt_id:
        found |= Q(id=receipt_id) | Q(replaces=receipt_id)
    return found


def number(field: str, typed: str) -> Q:
    """The folded number in `field` holds what was typed, its prefix given or not; one sign finds nothing."""
    folded = numbers.fold(typed)
    found = Q(**{field: folded})
    for spelling in {folded, _PREFIX.sub("", folded)}:
        if len(spelling) >= SHORTEST:
            found |= Q(**{f"{field}__contains": spelling})
    return found


def people(typed: str) -> Q:
    """Every word stands in a name or in the login; or the whole is a phone number in any spelling.

    By regular expression: people have no folded column, and LIKE on SQLite tells «Е» from «е».
    """
    found = Q()
    for word in typed.split():
        pattern = re.sub("[её]", "[её]", re.escape(word.lower()))
        one = Q(username__icontains=word)
        for field in ("last_name", "first_name", "middle_name"):
            one |= Q(**{f"{field}__iregex": pattern})
        found &= one
    phone_number = phone_numbers.normalise(typed)
    return found | Q(phone_number=phone_number) if phone_number else found


def as_id(typed: str) -> uuid.UUID | None:
    try:
        return uuid.UUID(typed)
    except ValueError:
        return None
