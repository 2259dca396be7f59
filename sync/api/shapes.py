"""Rows → the JSON of docs/protocol.md."""

from datetime import datetime
from typing import Any

from django.conf import settings

from accounts import sessions
from accounts.agents import Waiting
from accounts.models import AgentNotice, AgentSession, Installation, User
from receipts.models import DocumentKind, PaymentForm, Product, Receipt, ReceiptEvent
from receipts.states import State
from receipts.text import short_name
from sync.feed import Fate
from sync.intake import Answer
from sync.server_time import as_text


def moment(at: datetime | None) -> str | None:
    return as_text(at) if at else None


def agent(person: User) -> dict[str, Any]:
    return {
        "id": person.pk,
        "name": person.full_name,
        "phone_number": person.phone_number,
        "status": person.agent_status,
        "contract": person.agent_contract,
    }


def session(row: AgentSession) -> dict[str, Any]:
    return {"ends_at": as_text(sessions.ends_at(row)), "ask_ahead": sessions.is_asked_ahead(row)}


def installation(row: Installation) -> dict[str, Any]:
    return {"id": row.pk, "code": row.code, "counter": row.counter}


def waiting(told: Waiting) -> dict[str, Any]:
    return {"count": told.count, "sum": told.sum}


def notice(row: AgentNotice) -> dict[str, Any]:
    return {"id": row.pk, "kind": row.kind, "text": row.text, "at": as_text(row.at)}


def product(row: Product) -> dict[str, Any]:
    return {
        "code": row.code,
        "name": row.name,
        "series_pattern": row.series_pattern,
        "number_pattern": row.number_pattern,
        "default_series": row.default_series,
    }


def document_kind(row: DocumentKind) -> dict[str, Any]:
    return {"code": row.code, "name": row.name, "pattern": row.pattern}


def insurer() -> dict[str, str]:
    return {
        "name": settings.INSURER_NAME,
        "inn": settings.INSURER_INN,
        "address": settings.INSURER_ADDRESS,
        "licence": settings.INSURER_LICENCE,
    }


def payment_form(row: PaymentForm) -> dict[str, Any]:
    return {
        "code": row.code,
        "name": row.name,
        "is_cash": row.is_cash,
        "reference_label": row.reference_label,
        "reference_pattern": row.reference_pattern,
    }


def answer(given: Answer) -> dict[str, Any]:
    told: dict[str, Any] = {"id": given.id, "result": given.result}
    if given.state:
        told["state"] = given.state
    if given.reason:
        told["reason"] = given.reason
    return told


def fate(known: Fate) -> dict[str, Any]:
    told: dict[str, Any] = {"id": known.id, "result": known.result}
    if known.state:
        told["state"] = known.state
    return told


def check(receipt: Receipt) -> dict[str, Any] | None:
    if not receipt.check_fn or receipt.check_formed_at is None:
        return None
    return {
        "fn": receipt.check_fn,
        "fd": receipt.check_fd,
        "fpd": receipt.check_fpd,
        "formed_at": as_text(receipt.check_formed_at),
        "qr": receipt.check_qr,
    }


def change(event: ReceiptEvent) -> dict[str, Any]:
    receipt = event.receipt
    return {
        "change": event.change,
        "id": receipt.pk,
        "number": receipt.number,
        "state": event.state,
        "at": as_text(event.at),
        "reason": event.reason,
        "text": event.text,
        "amount": receipt.amount,
        "receipt_date": receipt.receipt_date,
        "issued_at": as_text(receipt.issued_at),
        "installation": receipt.installation_id,
        "acts": event.acts,
        "field": event.field,
        "replaces": receipt.replaces,
        "refunded": event.refunded,  # type: ignore[attr-defined]  # sync.feed
        "check": check(receipt) if event.state == State.FISCALISED else None,
    }


def found(receipt: Receipt) -> dict[str, Any]:
    return {
        "id": receipt.pk,
        "number": receipt.number,
        "state": receipt.state,
        "amount": receipt.amount,
        "receipt_date": receipt.receipt_date,
        "issued_at": as_text(receipt.issued_at),
        "insurant": short_name(receipt.insurant, is_person=receipt.insurant_kind == "person"),
    }


def step(event: ReceiptEvent) -> dict[str, Any]:
    return {"state": event.state, "at": as_text(event.at), "reason": event.reason, "text": event.text}


def receipt(row: Receipt) -> dict[str, Any]:
    return {
        "id": row.pk,
        "number": row.number,
        "state": row.state,
        "reason": row.reason,
        "acts": row.acts,
        "installation": row.installation_id,
        "issued_at": as_text(row.issued_at),
        "offset_min": row.issued_offset_min,
        "receipt_date": row.receipt_date,
        "product": row.product_code,
        "policy_series": row.policy_series,
        "policy_number": row.policy_number,
        "policy_date": row.policy_date,
        "instalment": row.instalment,
        "amount": row.amount,
        "payment_form": row.payment_form,
        "payment_reference": row.payment_reference,
        "no_reference_reason": row.no_reference_reason,
        "insurant": row.insurant,
        "insurant_kind": row.insurant_kind,
        "payer": row.payer,
        "check_to": row.check_to,
        "document_kind": row.document_kind,
        "document_number": row.document_number,
        "contact_phone": row.contact_phone,
        "contact_email": row.contact_email,
        "no_contact": row.no_contact,
        "comment": row.comment,
        "replaces": row.replaces,
        "replaces_number": _replaced_number(row),
        "refunded": row.refunded,  # type: ignore[attr-defined]  # sync.feed
        "check": check(row),
        "history": [step(event) for event in row.events.all()],
    }


def _replaced_number(row: Receipt) -> str:
    """The number of the receipt it was issued instead of, where that is the same agent's."""
    if row.replaces is None:
        return ""
    known = Receipt.objects.filter(pk=row.replaces, agent_id=row.agent_id)
    return known.values_list("number", flat=True).first() or ""
