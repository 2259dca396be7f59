"""How our values are written for KIAS: a document's parameters, dates `dd.mm.yyyy`, roubles with a point."""

from datetime import date

from sync.kias.gateway import KiasDocument


def of_document(document: KiasDocument) -> dict[str, str]:
    """The parameters of `save`; what is empty is left out."""
    fields = {
        "ExternalId": document.external_id,
        "Kind": document.kind,
        "RefundOf": document.refund_of,
        "Number": document.number,
        "Date": day(document.date),
        "AccountingDate": day(document.accounting_date),
        "IssuedAt": document.issued_at.isoformat(timespec="seconds"),
        "AgentContract": document.agent_contract,
        "Product": document.product,
        "PolicySeries": document.policy_series,
        "PolicyNumber": document.policy_number,
        "PolicyDate": day(document.policy_date),
        "Instalment": str(document.instalment),
        "Sum": roubles(document.amount),
        "PaymentForm": document.payment_form,
        "PaymentReference": document.payment_reference,
        "Insurant": document.insurant,
        "InsurantKind": document.insurant_kind,
        "Payer": document.payer,
        "CheckTo": document.check_to,
        "DocumentKind": document.document_kind,
        "DocumentCode": document.document_code,
        "DocumentNumber": document.document_number,
        "Phone": document.contact_phone,
        "Email": document.contact_email,
        "Comment": document.comment,
        "Replaces": document.replaces,
    }
    return {name: value for name, value in fields.items() if value}


def day(date: date | None) -> str:
    return f"{date:%d.%m.%Y}" if date else ""


def roubles(kopecks: int) -> str:
    return f"{kopecks // 100}.{kopecks % 100:02}"
