"""From the text of one envelope to a receipt's or withdrawal's content, or to the reason why it is none."""

from collections.abc import Mapping
from dataclasses import dataclass
from uuid import UUID

from receipts import content, forgotten, numbers, withdrawal_content
from receipts.content import Content, MalformedContentError, NewerContentError
from receipts.withdrawal_content import WithdrawalContent
from sync import envelope as envelopes
from sync import sealing_keys
from sync.envelope import Envelope, MalformedError, UnknownVersionError, UnreadableError
from sync.intake.answers import Kept, Later
from sync.intake.signers import Signer


@dataclass(frozen=True, slots=True)
class Problem:
    """An envelope that cannot become a receipt. `plain` is its content where it could be opened."""

    text: str
    reason: Kept
    envelope: Envelope | None = None
    signer: Signer | None = None
    plain: bytes = b""


@dataclass(frozen=True, slots=True)
class Postponed:
    """An envelope that this server cannot read yet: nothing is stored, the phone keeps it."""

    id: UUID | None
    reason: Later


@dataclass(frozen=True, slots=True)
class Opened:
    """A verified and readable receipt. `hostile`: a text in it holds signs that break pages or XML.

    `number` is taken apart where it is an offline one, None where it is a series'.
    """

    envelope: Envelope
    signer: Signer
    content: Content
    number: numbers.Number | None
    plain: bytes
    hostile: bool


@dataclass(frozen=True, slots=True)
class Withdrawn:
    """A verified and readable withdrawal of a receipt (P01)."""

    envelope: Envelope
    signer: Signer
    content: WithdrawalContent
    plain: bytes
    hostile: bool


def take_apart(text: str) -> Envelope | Problem | Postponed:
    """First look, without database and keys."""
    try:
        return envelopes.read(text)
    except MalformedError:
        return Problem(text, Kept.MALFORMED)
    except UnknownVersionError as unknown:
        return Postponed(unknown.id, Later.UNKNOWN_VERSION)


def open_up(envelope: Envelope, signers: Mapping[UUID, Signer]) -> Opened | Withdrawn | Problem | Postponed:
    """Verify, open, read and compare with the header, in this order."""
    signer = signers.get(envelope.header.installation)
    if signer is None:
        return Problem(envelope.text, Kept.UNKNOWN_INSTALLATION, envelope)
    if not envelopes.is_signed_by(envelope, signer.public_key):
        return Problem(envelope.text, Kept.BAD_SIGNATURE, envelope)
    try:
        plain = envelopes.open_sealed(envelope, sealing_keys.find)
    except UnreadableError:
        return Problem(envelope.text, Kept.UNREADABLE, envelope, signer)
    if envelope.header.kind == "withdrawal":
        return _read_withdrawal(envelope, signer, plain)
    return _read(envelope, signer, plain)


def _read_withdrawal(envelope: Envelope, signer: Signer, plain: bytes) -> Withdrawn | Problem | Postponed:
    header = envelope.header
    try:
        said, hostile = withdrawal_content.read(plain)
    except NewerContentError:
        return Postponed(header.id, Later.UNKNOWN_VERSION)
    except MalformedContentError:
        return Problem(envelope.text, Kept.MALFORMED_CONTENT, envelope, signer, plain)
    if (said.id, said.installation, said.number) != (header.id, header.installation, header.number):
        return Problem(envelope.text, Kept.CONTENT_MISMATCH, envelope, signer, plain)
    return Withdrawn(envelope, signer, said, plain, hostile)


def _read(envelope: Envelope, signer: Signer, plain: bytes) -> Opened | Problem | Postponed:
    def problem(reason: Kept) -> Problem:
        return Problem(envelope.text, reason, envelope, signer, plain)

    header = envelope.header
    try:
        said, hostile = content.read(plain)
        number = None if numbers.may_be_online(said.number) else numbers.take_apart(said.number)
    except NewerContentError:
        return Postponed(header.id, Later.UNKNOWN_VERSION)
    except (MalformedContentError, numbers.NumberError):
        return problem(Kept.MALFORMED_CONTENT)
    if (said.id, said.installation, said.number) != (header.id, header.installation, header.number):
        return problem(Kept.CONTENT_MISMATCH)
    if not signer.owns(said.number, number) and not forgotten.is_his(said.number, signer.id):
        return problem(Kept.FOREIGN_NUMBER)
    return Opened(envelope, signer, said, number, plain, hostile)
