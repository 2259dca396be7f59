"""What the intake made of a receipt, read where it stands."""

from receipts.models import Receipt, ReceiptEvent
from sync.models import Delivery
from tests.support.phone import Issued, Phone


def held_reason(phone: Phone, issued: Issued) -> str:
    """Why it is held; it is a receipt with an event and without a delivery."""
    answer = phone.send(issued)[0]
    assert (answer["result"], answer["state"]) == ("held", "held")
    receipt = Receipt.objects.get(pk=issued.id)
    assert receipt.reason == answer["reason"]
    assert ReceiptEvent.objects.get(receipt=receipt).state == "held"
    assert not Delivery.objects.filter(receipt=receipt).exists()
    return str(answer["reason"])
