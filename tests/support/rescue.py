"""Rescue files as a phone makes them (docs/protocol.md, «Rescue file»), without the product's own code."""

import hashlib
import json
from datetime import UTC, datetime
from typing import Any

from django.utils import timezone

from accounts.models import User
from sync.models.rescue import RescueImport
from sync.rescue import importing
from tests.support.envelopes import base64url, sign
from tests.support.phone import Issued, Phone, moment


def manifest_of(phone: Phone, issued: list[Issued], **changed: Any) -> dict[str, Any]:
    """What the phone says of these envelopes; `changed` overrides."""
    assert phone.installation is not None
    receipts = [each for each in issued if "amount" in each.content]
    counters = [int(each.number[9:14]) for each in receipts if each.number.startswith("БС-")]
    return {
        "made_at": moment(datetime.now(UTC)),
        "offset_min": phone.offset_min,
        "app_version": "1.0.0",
        "installation": phone.installation["id"],
        "code": phone.installation["code"],
        "agent": "01900000-0000-7000-8000-00000000000a",
        "count": len(issued),
        "sum": sum(each.content["amount"] for each in receipts),
        "counters": [min(counters), max(counters)] if counters else None,
        "items": [[each.id, each.number] for each in issued],
    } | changed


def rescue_file(phone: Phone, issued: list[Issued], *more: str, **changed: Any) -> bytes:
    """A whole file with these envelopes, and `more` lines behind them."""
    manifest = json.dumps(manifest_of(phone, issued, **changed), ensure_ascii=False)
    lines = ["kias-rescue1", manifest, *(each.envelope for each in issued), *more]
    return ended(phone, "".join(f"{line}\n" for line in lines))


def ended(phone: Phone, text: str) -> bytes:
    """The text with its sum and the phone's signature."""
    digest = base64url(hashlib.sha256(text.encode()).digest())
    signature = base64url(sign(phone.signing_key, f"kias-rescue1.{digest}".encode()))
    return f"{text}end.{digest}.{signature}\n".encode()


def cut(raw: bytes, envelopes: int) -> bytes:
    """What is left when the line broke in the middle of the envelope after so many whole ones."""
    lines = raw.split(b"\n")
    return b"\n".join(lines[: 2 + envelopes]) + b"\n" + lines[2 + envelopes][:300]


def kept(raw: bytes, operator: User) -> RescueImport:
    """What is brought for the first time."""
    row, is_new = importing.keep(raw, staff=operator, now=timezone.now())
    assert is_new
    return row


def imported(raw: bytes, operator: User) -> RescueImport:
    return importing.take_in(kept(raw, operator).pk, staff=operator, now=timezone.now())


def results(row: RescueImport) -> list[tuple[str, str]]:
    return [(answer["result"], answer["reason"]) for answer in row.answers]
