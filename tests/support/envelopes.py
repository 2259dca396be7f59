"""Ids, keys and envelopes as a phone makes them (docs/protocol.md), without the server's own code."""

import base64
import hashlib
import json
import os
import uuid
import zlib
from datetime import UTC, datetime
from typing import Any

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

ALGORITHM = ec.ECDSA(hashes.SHA256())


def uuid7(at: datetime | None = None) -> uuid.UUID:
    """A UUIDv7: milliseconds, then random bits."""
    millis = int((at or datetime.now(UTC)).timestamp() * 1000)
    value = (millis << 80) | int.from_bytes(os.urandom(10), "big")
    value = (value & ~(0xF << 76)) | (7 << 76)
    return uuid.UUID(int=(value & ~(0x3 << 62)) | (0x2 << 62))


def base64url(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def raw_point(key: ec.EllipticCurvePrivateKey | ec.EllipticCurvePublicKey) -> bytes:
    public = key.public_key() if isinstance(key, ec.EllipticCurvePrivateKey) else key
    return public.public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)


def public_key_b64(key: ec.EllipticCurvePrivateKey) -> str:
    """As an installation registers it."""
    return base64.b64encode(raw_point(key)).decode()


def sign(key: ec.EllipticCurvePrivateKey, data: bytes) -> bytes:
    """Raw r‖s, as WebCrypto signs."""
    r, s = decode_dss_signature(key.sign(data, ALGORITHM))
    return r.to_bytes(32, "big") + s.to_bytes(32, "big")


def seal(
    content: bytes, *, header: dict[str, Any], sealing_key: bytes, signing_key: ec.EllipticCurvePrivateKey
) -> str:
    """An envelope of version 1. `sealing_key` is the server's raw public point; `header` may lie."""
    head = {
        "key": hashlib.sha256(sealing_key).hexdigest()[:16],
        "zip": "deflate-raw",
        "kind": "receipt",
    } | header
    opening = "kias1." + base64url(json.dumps(head, ensure_ascii=False).encode())
    if head["zip"] == "deflate-raw":
        packer = zlib.compressobj(wbits=-15)
        content = packer.compress(content) + packer.flush()
    ephemeral = ec.generate_private_key(ec.SECP256R1())
    point = raw_point(ephemeral)
    server = ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), sealing_key)
    shared = ephemeral.exchange(ec.ECDH(), server)
    key = HKDF(hashes.SHA256(), 32, salt=point, info=b"kias-offline/envelope/1").derive(shared)
    sealed = point + AESGCM(key).encrypt(bytes(12), content, opening.encode())
    body = f"{opening}.{base64url(sealed)}"
    return f"{body}.{base64url(sign(signing_key, body.encode()))}"
