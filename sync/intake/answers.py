"""The answers to one item of a batch, and the reasons they name (docs/protocol.md, «Intake»)."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Literal
from uuid import UUID

Result = Literal["accepted", "already_accepted", "held", "later"]


class Later(StrEnum):
    """Why the phone is to keep it and try again."""

    UNKNOWN_VERSION = "unknown_version"
    TRY_LATER = "try_later"
    RECEIPT_FIRST = "receipt_first"


class HeldReceipt(StrEnum):
    """Why a person looks at a receipt whose id and number are free and trustworthy."""

    REVOKED_INSTALLATION = "revoked_installation"
    AGENT_CLOSED = "agent_closed"
    HOSTILE_TEXT = "hostile_text"
    CARD_NUMBER = "card_number"
    AMOUNT_OUT_OF_RANGE = "amount_out_of_range"
    CHECK_SYMBOL = "check_symbol"
    DOUBTFUL_DATE = "doubtful_date"
    COUNTER_JUMP = "counter_jump"
    WITHDRAWN = "withdrawn"
    ANNULLED_BEFORE = "annulled_before_restore"


class Kept(StrEnum):
    """Why an envelope could not become a receipt and is kept as an `IntakeException`."""

    MALFORMED = "malformed"
    UNKNOWN_INSTALLATION = "unknown_installation"
    BAD_SIGNATURE = "bad_signature"
    UNREADABLE = "unreadable"
    MALFORMED_CONTENT = "malformed_content"
    CONTENT_MISMATCH = "content_mismatch"
    FOREIGN_NUMBER = "foreign_number"
    NUMBER_TAKEN = "number_taken"
    ID_CONFLICT = "id_conflict"
    OTHER_AGENT_ID = "other_agent_id"
    RECEIPT_KEPT_ASIDE = "receipt_kept_aside"


@dataclass(frozen=True, slots=True)
class Answer:
    """What the phone is told about one envelope. `id` is the header's, None where it cannot be read."""

    id: UUID | None
    result: Result
    state: str = ""
    reason: str = ""
