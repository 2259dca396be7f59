"""Envelope version 1: taken apart, verified, opened (docs/protocol.md, «Envelope»; ADR 0001).

`read` needs nothing but the text, `is_signed_by` the signer's public key, `open_sealed` the server's private
key; in this order, so that nobody without a registered key makes us search for sealing keys.
"""

import binascii
import re
import zlib
from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal
from uuid import UUID

import msgspec
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from accounts import keys

#: An envelope as text; the longest content that a phone can issue takes less than a third of it.
MAX_CHARS = 32 * 1024
#: Content after inflating, in bytes.
MAX_CONTENT = 64 * 1024

#: What may be in one.
KINDS = frozenset({"receipt", "withdrawal"})

_VERSION = re.compile(r"kias([1-9][0-9]{0,3})\.")
_BASE64URL = re.compile(r"[A-Za-z0-9_-]+")
_TO_BASE64 = str.maketrans("-_", "+/")
_INFO = b"kias-offline/envelope/1"
_NONCE = bytes(12)  # every key is used once
_POINT_BYTES = 65
_CURVE = ec.SECP256R1()
_HASH = hashes.SHA256()


class MalformedError(Exception):
    """This is no envelope."""


class UnknownVersionError(Exception):
    """An envelope of a version or kind that this server does not know yet. `id` where it could be read."""

    def __init__(self, receipt_id: UUID | None = None) -> None:
        super().__init__("unknown version")
        self.id = receipt_id


class UnreadableError(Exception):
    """No key of ours opens it, or what comes out is no content."""


class Header(msgspec.Struct, frozen=True):
    """What stands outside of the seal, covered by the signature and by the seal's tag."""

    id: UUID
    installation: UUID
    kind: str
    number: str
    key: str
    zip: Literal["deflate-raw", "none"]


@dataclass(frozen=True, slots=True)
class Envelope:
    header: Header
    text: str
    sealed: bytes
    signature: bytes

    @property
    def signed(self) -> bytes:
        """The bytes that the signature covers."""
        return self.text.rpartition(".")[0].encode("ascii")

    @property
    def associated(self) -> bytes:
        """The bytes that the seal's tag covers besides the content."""
        return self.text[: self.text.index(".", 6)].encode("ascii")


_read_header = msgspec.json.Decoder(Header).decode


def read(text: str) -> Envelope:
    """Take an envelope apart. Raises `UnknownVersionError` and `MalformedError`."""
    version = _VERSION.match(text)
    if version is None or len(text) > MAX_CHARS:
        raise MalformedError
    if version[1] != "1":
        raise UnknownVersionError
    parts = text.split(".")
    if len(parts) != 4:
        raise MalformedError
    try:
        header = _read_header(_unbase64(parts[1]))
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
        raise MalformedError from error
    if header.kind not in KINDS:
        raise UnknownVersionError(header.id)
    sealed, signature = _unbase64(parts[2]), _unbase64(parts[3])
    if len(sealed) < _POINT_BYTES or len(signature) != 64:
        raise MalformedError
    return Envelope(header, text, sealed, signature)


def is_signed_by(envelope: Envelope, public_key_b64: str) -> bool:
    """Whether the installation with this key signed exactly these bytes."""
    return keys.verify(public_key_b64, envelope.signature, envelope.signed)


def open_sealed(envelope: Envelope, find_key: Callable[[str], ec.EllipticCurvePrivateKey | None]) -> bytes:
    """The content's bytes. `find_key` gives the private key of a sealing key id. Raises `UnreadableError`."""
    private_key = find_key(envelope.header.key)
    if private_key is None:
        raise UnreadableError
    point, sealed = envelope.sealed[:_POINT_BYTES], envelope.sealed[_POINT_BYTES:]
    try:
        ephemeral = ec.EllipticCurvePublicKey.from_encoded_point(_CURVE, point)
        shared = private_key.exchange(ec.ECDH(), ephemeral)
        key = HKDF(algorithm=_HASH, length=32, salt=point, info=_INFO).derive(shared)
        plain = AESGCM(key).decrypt(_NONCE, sealed, envelope.associated)
    except (ValueError, InvalidTag) as error:
        raise UnreadableError from error
    if envelope.header.zip == "none":
        if len(plain) > MAX_CONTENT:
            raise UnreadableError
        return plain
    return _inflate(plain)


def _inflate(packed: bytes) -> bytes:
    machine = zlib.decompressobj(wbits=-zlib.MAX_WBITS)
    try:
        plain = machine.decompress(packed, MAX_CONTENT + 1)
    except zlib.error as error:
        raise UnreadableError from error
    if len(plain) > MAX_CONTENT or not machine.eof:
        raise UnreadableError
    return plain


def _unbase64(text: str) -> bytes:
    if not _BASE64URL.fullmatch(text):
        raise MalformedError
    try:
        return binascii.a2b_base64(text.translate(_TO_BASE64) + "=" * (-len(text) % 4), strict_mode=True)
    except binascii.Error as error:
        raise MalformedError from error
