"""Ids of receipts that the server makes itself: UUIDv7, like the phones' own."""

import secrets
from datetime import datetime
from uuid import UUID

_LAST = 2**48 - 1


def new(at: datetime, *, after: UUID) -> UUID:
    """A fresh UUIDv7 of this moment (aware) that sorts behind `after`, whose phone's clock may be ahead.

    In a chain the last one counts, and ids tell which is last (`receipts.chains`).
    """
    moment = min(max(int(at.timestamp() * 1000), (after.int >> 80) + 1), _LAST)
    return UUID(int=moment << 80 | 0x7 << 76 | secrets.randbits(12) << 64 | 0b10 << 62 | secrets.randbits(62))
