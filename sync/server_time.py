"""The signed server time that a phone keeps as its lower bound of time (docs/protocol.md, «Ping»)."""

import base64
from datetime import UTC, datetime
from uuid import UUID

from django.utils.crypto import constant_time_compare, salted_hmac


def as_text(moment: datetime) -> str:
    """As everything under /api/ writes a moment: `2026-11-22T07:05:11.123Z`."""
    return moment.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def sign(time_text: str, installation_id: UUID | None) -> str:
    """HMAC-SHA256 over time and installation, base64."""
    signed = f"{time_text}|{installation_id or ''}"
    return base64.b64encode(salted_hmac("sync.server_time", signed, algorithm="sha256").digest()).decode()


def is_ours(time_text: str, signature: str, installation_id: UUID) -> bool:
    """Whether we gave this time to this installation, or to its browser before it was registered."""
    return any(constant_time_compare(signature, sign(time_text, held)) for held in (installation_id, None))
