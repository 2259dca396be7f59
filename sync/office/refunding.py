"""«Вернуть деньги» (P08): the client has his money back, a refund says so to KIAS (ADR 0029)."""

from dataclasses import dataclass
from datetime import date
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from accounts.models import User
from receipts.models import Kind, OfficeReceipt, PaidBy, Purpose, Receipt
from receipts.text import is_hostile
from sync.clock import Clock, database_clock
from sync.office.making import make, tell
from sync.office.refused import BadAnswerError
from sync.office.reversible import locked
from sync.restore import given_back

#: the event on the original that tells its agent (docs/protocol.md, «States»)
REFUNDED = "refunded"


@dataclass(frozen=True, kw_only=True)
class Payout:
    """Who gave the money back to the client, out of whose cash, and when."""

    by: PaidBy
    name: str
    day: date

    @property
    def words(self) -> str:
        return f"{self.by.label}, {self.name}, {self.day:%d.%m.%Y}"


def payout_objection(day: date, *, receipt_date: date, today: date) -> str:
    """What speaks against money having been given back on this day; empty: nothing."""
    if day > today:
        return "Этот день ещё не наступил. Напишите, когда деньги выданы."
    return "Деньги не могли вернуть раньше, чем взяли." if day < receipt_date else ""


def refund(
    receipt_id: UUID,
    *,
    payout: Payout,
    staff: User,
    text: str,
    today: date | None = None,
    clock: Clock = database_clock,
) -> Receipt:
    """The client has his money back: a refund for the whole sum; the receipt counts for nothing any more.

    Answers the refund. Raises `Receipt.DoesNotExist`, `NotPossibleError`, `AlreadyRefundedError`,
    `NoNumbersError`, `BadAnswerError`.
    """
    with transaction.atomic():
        original = locked(receipt_id, "refund")
        today = today or timezone.localdate()
        if not payout.name.strip() or is_hostile(payout.name):
            raise BadAnswerError("Напишите, кто выдал деньги: фамилию и инициалы.", field="paid_name")
        if against := payout_objection(payout.day, receipt_date=original.receipt_date, today=today):
            raise BadAnswerError(against, field="paid_on")
        made = make(
            original,
            OfficeReceipt(
                purpose=Purpose.REFUND,
                follows=original,
                paid_by=payout.by,
                paid_name=payout.name.strip()[:120],
                paid_on=payout.day,
            ),
            {"kind": Kind.REFUND, "refund_of_id": original.pk, "receipt_date": payout.day},
            staff=staff,
            text=f"Возврат по квитанции № {original.number}: {payout.words}. {text}",
            clock=clock,
        )
        words = f"Деньги возвращены клиенту: {payout.words}. Чек возврата № {made.number}. {text}"
        tell(original, REFUNDED, words, staff=staff)
        given_back.write_down(made)
    return made
