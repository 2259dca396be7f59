"""Refunds of the office that a restored database has forgotten: nobody must give the same money back again.

The audit stream knows their ids and numbers. A refund itself does not come back, for who paid out is personal
data: KIAS has it, or it never went there, and a person has to look before he gives the money back once more.
"""

from typing import Any
from uuid import UUID

from accounts import audit_stream
from accounts.audit_stream import Line
from receipts import registry
from receipts.models import Receipt
from receipts.text import storable

#: the event on the receipt whose refund is gone
FORGOTTEN = "refund_forgotten"


def write_down(refund: Receipt) -> None:
    """In the transaction that makes it, also as half of a correction; raises `AuditStreamError`."""
    audit_stream.write(
        "given_back", receipt=str(refund.refund_of_id), refund=str(refund.pk), number=refund.number
    )


def warn(lines: list[Line]) -> list[str]:
    """Say it on each receipt, and in a line for whoever restores. In the caller's transaction.

    What the office took back again, and what the backup holds, is no matter.
    """
    taken_back = {line.told.get("receipt") for line in lines if line.what == "annulled"}
    made = [line.told for line in lines if line.what == "given_back"]
    return [words for told in made if told.get("refund") not in taken_back and (words := _warn(told))]


def _warn(told: dict[str, Any]) -> str:
    try:
        receipt_id, refund_id = UUID(str(told.get("receipt"))), UUID(str(told.get("refund")))
    except ValueError:  # a line that somebody has changed
        return ""
    if Receipt.objects.filter(pk=refund_id).exists():
        return ""
    number = storable(str(told.get("number")))[:16]
    receipt = Receipt.objects.filter(pk=receipt_id).first()
    if receipt:
        text = f"До восстановления сервера по этой квитанции был возврат № {number}."
        registry.note(receipt_id, reason=FORGOTTEN, text=text)
    return (
        f"ВОЗВРАТА НЕТ: № {number} по квитанции {receipt.number if receipt else receipt_id} "
        "оформили после копии. Есть ли он в КИАС, покажет сверка; до неё денег не возвращайте."
    )
