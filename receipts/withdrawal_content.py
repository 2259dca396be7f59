"""Content of a withdrawal: an agent takes his receipt back (docs/protocol.md; P01). Strict like `content`."""

from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

import msgspec
from msgspec import Meta

from receipts.content import (
    Evidence,
    MalformedContentError,
    Moment,
    Text16,
    Text32,
    Text64,
    decoded,
    in_range,
)
from receipts.text import is_hostile, storable


class WithdrawalContent(msgspec.Struct, frozen=True, kw_only=True):
    """What the agent said when he withdrew `receipt`. `saved_at` is the receipt's `issued_at`."""

    v: Literal[1]
    id: UUID
    installation: UUID
    receipt: UUID
    number: Text16
    reason: Literal["amount", "policy", "client", "other"]
    text: Annotated[str, Meta(max_length=300)]
    withdrawn_at: Moment
    offset_min: Annotated[int, Meta(ge=-1080, le=1080)]
    zone: Text64
    saved_at: Moment
    copy_shown: bool
    evidence: Evidence
    app_version: Text32


_decode = msgspec.json.Decoder(WithdrawalContent).decode


def read(plain: bytes) -> tuple[WithdrawalContent, bool]:
    """The content, and whether a text in it is hostile. Raises as `receipts.content.read`."""
    said, hostile = decoded(_decode, plain)
    moments: tuple[datetime, ...] = (said.withdrawn_at, said.saved_at, said.evidence.highest_wall)
    if not in_range(*moments):
        raise MalformedContentError
    if not is_hostile(said.text + said.zone + said.app_version):
        return said, hostile
    fit = {"text": storable(said.text), "zone": storable(said.zone)}
    return msgspec.structs.replace(said, **fit), True
