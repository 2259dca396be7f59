"""Contacts that are perhaps not the client's, looked for after the intake so that it stays quick (P23)."""

from collections.abc import Collection
from datetime import datetime, timedelta
from uuid import UUID

from django.db.models import Count, Q

from accounts.models import User
from receipts import registry
from receipts.contacts import SHARED_BY, ContactDoubt
from receipts.models import Receipt

#: how far back it looks: the task runs every hour, and may be away for days
WINDOW = timedelta(days=3)
_AT_ONCE = 500
_FIELDS = ("contact_phone", "contact_email")


def mark(*, now: datetime) -> int:
    """Mark the receipts of the last days; how many that were. Running it again changes nothing."""
    return sum(_mark(field, now) for field in _FIELDS)


def _mark(field: str, now: datetime) -> int:
    recent = Receipt.objects.filter(accepted_at__gt=now - WINDOW, contact_doubt="", corrected_contact="")
    rows = recent.exclude(**{field: ""}).values_list(field, "pk").iterator(chunk_size=2000)
    by_contact: dict[str, list[UUID]] = {}
    for contact, receipt_id in rows:
        by_contact.setdefault(contact, []).append(receipt_id)
    marked = 0
    contacts = sorted(by_contact)
    for start in range(0, len(contacts), _AT_ONCE):
        for contact, doubt in _doubtful(field, contacts[start : start + _AT_ONCE]).items():
            marked += registry.note_contact_doubt(by_contact[contact], doubt)
    return marked


def _doubtful(field: str, contacts: Collection[str]) -> dict[str, ContactDoubt]:
    """The doubtful ones among these; whose it is says more than by how many it is used."""
    shared = (
        Receipt.objects.filter(**{f"{field}__in": contacts})
        .order_by()
        .values(field)
        .annotate(people=Count("insurant_folded", distinct=True))
        .filter(people__gt=SHARED_BY)
        .values_list(field, flat=True)
    )
    found = dict.fromkeys(shared, ContactDoubt.SHARED)
    own = "phone_number" if field == "contact_phone" else "email"
    people = User.objects.filter(~Q(agent_status="") | Q(is_staff=True), **{f"{own}__in": contacts})
    for contact, status in people.values_list(own, "agent_status"):
        if contact:
            found[contact] = ContactDoubt.AGENT if status else ContactDoubt.STAFF
    return found
