"""Where a check goes, and whether that contact is the client's at all (P23). Pure."""

from django.db import models

from accounts.phone_numbers import normalise
from receipts.models import Receipt
from receipts.validation import is_email

#: other insurants that make a contact doubtful: a family's phone is no mistake, an agent's second one may be
SHARED_BY = 5
#: reason of the event that tells of a correction; the state stays (docs/protocol.md, «States»)
CONTACT_CORRECTED = "contact_corrected"


class ContactDoubt(models.TextChoices):
    """Why the contact is perhaps not the client's. A mark for the office, never a refusal."""

    AGENT = "agent", "контакт агента"
    STAFF = "staff", "контакт сотрудника офиса"
    SHARED = "shared", "такой же у пяти других страхователей"


def parse(typed: str) -> str | None:
    """A phone number as E.164 or an e-mail as it is; None for what is neither."""
    text = typed.strip()
    if "@" in text:
        return text if is_email(text) else None
    return normalise(text)


def for_check(receipt: Receipt, insurer_email: str) -> tuple[str, str]:
    """Phone number and e-mail of the check: the correction, what was typed, or the insurer's own."""
    contact = receipt.corrected_contact
    if contact:
        return ("", contact) if "@" in contact else (contact, "")
    if receipt.contact_phone or receipt.contact_email:
        return receipt.contact_phone, receipt.contact_email
    return "", insurer_email


def masked(contact: str) -> str:
    """«+7 ••• •••-67-89», «m…@mail.ru»: enough to recognise it (P24)."""
    name, at, host = contact.partition("@")
    if at:
        return f"{name[:1]}…@{host}"
    return f"{contact[:2]} ••• •••-{contact[-4:-2]}-{contact[-2:]}"
