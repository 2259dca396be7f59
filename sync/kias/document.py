"""A receipt as KIAS is to hold it: from our row to the gateway's frozen value."""

from dataclasses import replace
from typing import Any

from django.conf import settings

from receipts import contacts
from receipts.models import DocumentKind, Kind, Receipt
from sync.clock import Clock
from sync.compiled import Given, Rows, compiled
from sync.kias import repertoire
from sync.kias.gateway import KiasDocument

#: people's own words; names are those of the receipt's fields, too
_TEXTS = (
    "policy_series", "policy_number", "payment_reference", "insurant", "payer", "document_number", "comment",
)  # fmt: skip


def document_of(receipt: Receipt) -> KiasDocument:
    """The document for `receipt`; its `external_id` is the receipt's id, for ever the same.

    The contact is the check's: the office's correction before what was typed, and the insurer's own address
    where the client has none (P23). A check without a contact cannot be formed. Texts are in the signs that
    KIAS can keep (P31).
    """
    whole = _whole(receipt)
    fitted: dict[str, Any] = {name: _fit(getattr(whole, name)) for name in _TEXTS}
    return replace(whole, **fitted)


def written_otherwise(receipt: Receipt) -> dict[str, str]:
    """What KIAS gets with other signs than the client signed for: our field → the text for KIAS."""
    whole = _whole(receipt)
    sent = {name: _fit(getattr(whole, name)) for name in _TEXTS}
    return {name: text for name, text in sent.items() if text != getattr(whole, name)}


def _fit(text: str) -> str:
    return repertoire.fit(text, settings.KIAS_REPERTOIRE, settings.KIAS_TRANSLITERATION)


@compiled
def _kind(_: Clock) -> Rows:
    return DocumentKind.objects.filter(pk=Given("code")).values_list("check_code")


def _whole(receipt: Receipt) -> KiasDocument:
    kind = _kind().row(code=receipt.document_kind)
    phone_number, email = contacts.for_check(receipt, settings.INSURER_EMAIL)
    return KiasDocument(
        external_id=str(receipt.id),
        number=receipt.number,
        date=receipt.receipt_date,
        issued_at=receipt.issued_at,
        agent_contract=receipt.agent.agent_contract,
        product=receipt.product_code,
        policy_series=receipt.policy_series,
        policy_number=receipt.policy_number,
        policy_date=receipt.policy_date,
        instalment=receipt.instalment,
        amount=receipt.amount,
        payment_form=receipt.payment_form,
        payment_reference=receipt.payment_reference,
        insurant=receipt.insurant,
        insurant_kind=receipt.insurant_kind,
        payer=receipt.payer,
        check_to=receipt.check_to,
        document_kind=receipt.document_kind,
        document_code=kind[0] if kind else "",
        document_number=receipt.document_number,
        contact_phone=phone_number,
        contact_email=email,
        comment=receipt.comment,
        replaces=str(receipt.replaces or ""),
        accounting_date=receipt.accounting_date,
        kind="refund" if receipt.kind == Kind.REFUND else "sale",
        refund_of=str(receipt.refund_of_id or ""),
    )
