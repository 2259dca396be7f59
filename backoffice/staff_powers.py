"""Who works in the office and as what, written down outside the database, whose backups are older."""

from accounts import audit_stream
from accounts.models import User


def write_down(person: User) -> None:
    """The powers he has now. In the transaction that gave or took them; raises `AuditStreamError`."""
    audit_stream.write(
        "powers",
        person=str(person.pk),
        is_active=person.is_active,
        is_staff=person.is_staff,
        is_superuser=person.is_superuser,
        roles=sorted(person.groups.values_list("name", flat=True)),
    )


def write_down_password(person_id: str) -> None:
    """That it was set: the former one must not open the office after a restore. Raises `AuditStreamError`."""
    audit_stream.write("password", person=person_id)
