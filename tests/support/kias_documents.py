"""Documents for the gateway, by a keyword-only function."""

import secrets
import uuid
from datetime import UTC, date, datetime
from typing import Any

from sync.kias.gateway import KiasDocument


def make_document(**given: Any) -> KiasDocument:
    """A receipt as the relay would send it, with an id and a number of its own."""
    fields: dict[str, Any] = {
        "external_id": str(uuid.uuid4()),
        "number": f"БС-{secrets.randbelow(10**8):08}",
        "date": date(2026, 11, 22),
        "issued_at": datetime(2026, 11, 22, 7, 5, 11, tzinfo=UTC),
        "agent_contract": "АГ-17",
        "product": "osago",
        "policy_series": "ХХХ",
        "policy_number": "0123456789",
        "policy_date": None,
        "instalment": 1,
        "amount": 324550,
        "payment_form": "cash",
        "payment_reference": "",
        "insurant": "Сидорова Аглая Потаповна",
        "insurant_kind": "person",
        "payer": "",
        "check_to": "insurant",
        "document_kind": "passport_rf",
        "document_code": "21",
        "document_number": "0411123456",
        "contact_phone": "+79123456789",
        "contact_email": "",
        "comment": "",
        "replaces": "",
    }
    return KiasDocument(**fields | given)
