"""Дата проводки (P09): KIAS's period is closed, so a senior says under which day KIAS enters the receipt.

The receipt's own date never changes; id and number stay, and KIAS is asked before the next save.
"""

from datetime import date
from uuid import UUID

from django.conf import settings
from django.db import transaction

from accounts.models import User
from receipts import registry
from receipts.models import Receipt
from receipts.states import State
from receipts.validation import is_amount
from sync.clock import Clock, database_clock
from sync.office.refused import NotPossibleError, moved, not_one_s_own
from sync.relay import deliveries, nudging


class NoSuchDayError(NotPossibleError):
    code = "invalid"


def is_possible(receipt: Receipt) -> bool:
    """Only where KIAS's own reason was the closed period; any other refusal has another way out."""
    closed = receipt.reason in settings.KIAS_CLOSED_PERIOD_CODES
    return receipt.state == State.REJECTED and closed and is_amount(receipt.amount)


def objection(day: date, *, receipt_date: date, today: date) -> str:
    """What speaks against entering a receipt under this day; empty: nothing."""
    if day <= receipt_date:
        return "Дата проводки должна быть позже даты квитанции: её период в КИАС закрыт."
    if day > today:
        return "Дата проводки не может быть в будущем."
    return ""


def enter_on(
    receipt_id: UUID, *, day: date, staff: User, text: str, today: date, clock: Clock = database_clock
) -> Receipt:
    """Let it go again, to be entered under `day`. Two seniors at once: the second hears that it has moved on.

    Raises `Receipt.DoesNotExist`, `NotPossibleError`, `NoSuchDayError`, `OwnReceiptError`.
    """
    with transaction.atomic():
        receipt = Receipt.objects.select_for_update().get(pk=receipt_id)
        not_one_s_own(receipt, staff)
        if not is_possible(receipt):
            raise NotPossibleError
        if against := objection(day, receipt_date=receipt.receipt_date, today=today):
            raise NoSuchDayError(against, field="day")
        words = f"Дата проводки: {day:%d.%m.%Y}. {text}"
        entered = moved(lambda: registry.enter_on(receipt_id, day=day, staff=staff, text=words))
        deliveries.release(receipt_id, clock=clock)
        transaction.on_commit(lambda: nudging.nudge(1))
    return entered
