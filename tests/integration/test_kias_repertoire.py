"""P31: a name that KIAS cannot keep goes there in other letters; ours stays, and the office sees both."""

from typing import Any

import pytest
from django.urls import reverse

from receipts.models import Receipt
from sync.kias.document import document_of, written_otherwise
from tests.support.office import make_delivery, make_receipt, office_client

pytestmark = pytest.mark.django_db
NAME = "Әлфия Һидиятуллина 😀"


@pytest.fixture
def receipt() -> Receipt:
    receipt = make_receipt(insurant=NAME)
    make_delivery(receipt=receipt)
    return receipt


def page(receipt: Receipt) -> str:
    answer = office_client().get(reverse("admin:receipts_receipt_change", args=[receipt.pk]))
    assert answer.status_code == 200
    return answer.content.decode()


def test_p31_what_kias_gets_and_what_the_client_signed_for_stand_side_by_side(
    receipt: Receipt, settings: Any
) -> None:
    settings.KIAS_REPERTOIRE = "windows-1251"
    assert document_of(receipt).insurant == "Алфия Хидиятуллина ?"
    receipt.refresh_from_db()
    assert receipt.insurant == NAME
    shown = page(receipt)
    assert "Алфия Хидиятуллина ?" in shown
    assert "В КИАС другими знаками: страхователь" in shown


def test_p31_a_kias_that_keeps_all_signs_gets_them_as_they_are(receipt: Receipt) -> None:
    assert document_of(receipt).insurant == NAME
    assert written_otherwise(receipt) == {}
    assert "другими знаками" not in page(receipt)
