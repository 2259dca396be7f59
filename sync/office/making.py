"""Receipts of the office's own, linked to the one whose check is given back (ADR 0029).

They go the way of every receipt: a delivery, a question before the save, a document, a check. Inside the
caller's transaction.
"""

from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import IntegrityError, transaction
from django.utils import timezone

from accounts.models import User
from receipts import ids, registry, series, withdrawals
from receipts.clock import database_now
from receipts.models import Actor, OfficeReceipt, Receipt, Source, Withdrawal, WithdrawalEffect
from receipts.numbers import fold
from receipts.states import State
from sync.clock import Clock
from sync.office.refused import AlreadyRefundedError, NoNumbersError, NotPossibleError
from sync.relay import deliveries, nudging

ASK_FIRST = "office"

#: copied as they are: whose money it was, for which policy, where the check goes
_SAME = (
    "agent_id", "installation_id", "product_code", "policy_series", "policy_number", "policy_folded",
    "policy_date", "instalment", "amount", "payment_form", "payment_reference", "no_reference_reason",
    "insurant", "insurant_folded", "insurant_kind", "payer", "check_to", "document_kind", "document_number",
    "contact_phone", "contact_email", "no_contact", "corrected_contact",
)  # fmt: skip


def make(
    like: Receipt,
    row: OfficeReceipt,
    fields: dict[str, Any],
    *,
    staff: User,
    text: str,
    clock: Clock,
    after: UUID | None = None,
) -> Receipt:
    """Store a receipt of the office with its row and its delivery, under a number of its own.

    Raises `AlreadyRefundedError` where the database knows of another that lives.
    """
    at = database_now()
    made = Receipt(
        **{name: getattr(like, name) for name in _SAME}
        | {
            "id": ids.new(at, after=after or like.pk),
            "source": Source.OFFICE,
            "state": State.ACCEPTED,
            "issued_at": at,
            "issued_offset_min": _offset_min(at),
            "issued_zone": timezone.get_current_timezone_name(),
            "accepted_at": at,
        }
        | fields
    )
    number = series.give(like.installation, made.pk, now=at)
    if number is None:
        raise NoNumbersError
    made.number, made.number_folded = number, fold(number)
    try:
        with transaction.atomic():
            stored = registry.insert_new([made], actor=Actor.OFFICE, staff=staff, text=text)
    except IntegrityError as error:
        raise NotPossibleError from error
    if not stored:
        raise AlreadyRefundedError
    row.receipt = made
    row.save(force_insert=True)
    deliveries.release(made.pk, clock=clock, ask_first=ASK_FIRST)
    transaction.on_commit(lambda: nudging.nudge(1))
    return made


def tell(original: Receipt, reason: str, text: str, *, staff: User) -> None:
    """Its agent reads it, and the office's open task is solved by it (P01)."""
    registry.note(original.pk, reason=reason, text=text, staff=staff)
    tasks = Withdrawal.objects.filter(receipt=original, effect=WithdrawalEffect.TASK, ended_at=None)
    for task_id in list(tasks.values_list("pk", flat=True)):
        withdrawals.end_task(task_id, staff=staff, text=text, now=database_now())


def _offset_min(at: datetime) -> int:
    offset = timezone.localtime(at).utcoffset()
    return int(offset.total_seconds() // 60) if offset else 0
