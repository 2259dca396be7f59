"""Content version 1 of an envelope: what an agent issued, strictly typed (docs/protocol.md, «Content»).

Strictness is about shape only: types and what the columns can hold. What is merely doubtful is a question
for `sync.intake.judging`, for an issued receipt is never refused.
"""

import hmac
import json
import operator
import re
from collections.abc import Callable
from datetime import date, datetime
from typing import Annotated, Literal, TypeVar
from uuid import UUID

import msgspec
from django.conf import settings
from msgspec import Meta

from receipts.text import is_hostile, storable

T = TypeVar("T")

BIGGEST = 2**63 - 1
_EARLIEST, _LATEST = 1900, 9000  # years; beyond them time zones and databases overflow

Text16 = Annotated[str, Meta(max_length=16)]
Text32 = Annotated[str, Meta(max_length=32)]
Text40 = Annotated[str, Meta(max_length=40)]
Text64 = Annotated[str, Meta(max_length=64)]
Text88 = Annotated[str, Meta(max_length=88)]
Text256 = Annotated[str, Meta(max_length=256)]
Text500 = Annotated[str, Meta(max_length=500)]
Moment = Annotated[datetime, Meta(tz=True)]


class MalformedContentError(Exception):
    """What was sealed is no content of version 1."""


class NewerContentError(Exception):
    """A later release has written it: the phone keeps it until this server is that release again (P22)."""


class _Versioned(msgspec.Struct):
    v: int


class Evidence(msgspec.Struct, frozen=True):
    """What the phone knows about its clock (spec «Dates»). Milliseconds; moments as the server wrote them."""

    highest_wall: Moment
    backward_jumps: Annotated[int, Meta(ge=0, le=2**31 - 1)]
    server_time: Text40 | None = None
    server_signature: Text88 | None = None
    since_server_ms: Annotated[int, Meta(ge=0, le=2**53)] | None = None


class Content(msgspec.Struct, frozen=True, kw_only=True):
    """One receipt as its agent typed it. `amount` is in kopecks and may be beyond what a check can carry."""

    v: Literal[1]
    id: UUID
    installation: UUID
    number: Text16
    issued_at: Moment
    offset_min: Annotated[int, Meta(ge=-1080, le=1080)]
    zone: Text64
    receipt_date: date
    product: Text32
    policy_series: Text16
    policy_number: Text32
    policy_date: date | None
    instalment: Annotated[int, Meta(ge=0, le=32767)]
    amount: Annotated[int, Meta(ge=-BIGGEST, le=BIGGEST)]
    payment_form: Text32
    payment_reference: Text64
    insurant: Text256
    insurant_kind: Literal["person", "organisation"]
    payer: Text256
    check_to: Literal["insurant", "payer"]
    document_kind: Annotated[str, Meta(min_length=1, max_length=20)]
    document_number: Text40
    contact_phone: Text16
    contact_email: Text64
    no_contact: bool
    comment: Text500
    replaces: UUID | None
    check_token: Text16
    evidence: Evidence
    app_version: Text32
    no_reference_reason: Annotated[str, Meta(max_length=120)] = ""


_decode = msgspec.json.Decoder(Content).decode
_version_of = msgspec.json.Decoder(_Versioned).decode
_LONE_SURROGATE = re.compile(rb"\\u[dD][89a-fA-F]")
_TEXTS = (
    "zone", "product", "policy_series", "policy_number", "payment_form", "payment_reference", "insurant",
    "payer", "document_number", "contact_phone", "contact_email", "comment", "check_token", "app_version",
    "document_kind", "no_reference_reason",
)  # fmt: skip
_texts_of = operator.attrgetter(*_TEXTS)
#: where an agent might write a card's number (P33); a phone number is none, however long
typed_texts_of = operator.attrgetter(
    "policy_series", "policy_number", "payment_reference", "no_reference_reason", "insurant", "payer",
    "document_number", "contact_email", "comment",
)  # fmt: skip


def read(plain: bytes) -> tuple[Content, bool]:
    """The content, and whether a text in it is hostile. Raises `MalformedContentError`, `NewerContentError`.

    What no column can hold (NUL, lone surrogates) has a stand-in here; the envelope keeps the original.
    """
    content, hostile = decoded(_decode, plain)
    days = (content.issued_at, content.receipt_date, content.policy_date, content.evidence.highest_wall)
    if not in_range(*days):
        raise MalformedContentError
    texts = _texts_of(content)
    if not is_hostile("".join(texts)):
        return content, hostile
    fit = {name: storable(text) for name, text in zip(_TEXTS, texts, strict=True)}
    return msgspec.structs.replace(content, **fit), True


def decoded(decode: Callable[[bytes], T], plain: bytes) -> tuple[T, bool]:
    """What `decode` reads, and whether it held half a sign. Raises `MalformedContentError`,
    `NewerContentError`.
    """
    try:
        return decode(plain), False
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
        if _is_newer(plain):
            raise NewerContentError from error
        return _read_lone_surrogates(decode, plain, error), True


def in_range(*days: date | None) -> bool:
    """Whether time zones and databases can hold all of these days and moments."""
    return all(day is None or _EARLIEST <= day.year <= _LATEST for day in days)


def _is_newer(plain: bytes) -> bool:
    try:
        return _version_of(plain).v > 1
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        return False


def _read_lone_surrogates(decode: Callable[[bytes], T], plain: bytes, error: Exception) -> T:
    """JavaScript can write what no strict reader takes: «\\ud83d» without its other half."""
    if not _LONE_SURROGATE.search(plain):
        raise MalformedContentError from error
    try:
        return decode(storable(json.dumps(json.loads(plain), ensure_ascii=False)).encode())
    except (ValueError, RecursionError) as second:  # msgspec's errors are ValueErrors
        raise MalformedContentError from second


def content_hash(plain: bytes) -> str:
    """Keyed hash of the opened content: the same receipt sealed twice is the same receipt (F06, P26)."""
    return hmac.digest(settings.CONTENT_HASH_SECRET.encode(), plain, "sha256").hex()
