"""Signing keys of installations: ECDSA P-256 with SHA-256, raw r‖s, as WebCrypto makes them.

Used for the proof at registration and for every envelope, so a key is parsed once and kept.
"""

import base64
import binascii
from functools import lru_cache

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature

_POINT_BYTES = 65
_SIGNATURE_BYTES = 64
_ALGORITHM = ec.ECDSA(hashes.SHA256())
_CURVE = ec.SECP256R1()


@lru_cache(maxsize=8192)
def _load(public_key_b64: str) -> ec.EllipticCurvePublicKey:
    """The key of the base64 of its raw uncompressed point. Raises `ValueError` for anything else."""
    raw = base64.b64decode(public_key_b64, validate=True)
    if len(raw) != _POINT_BYTES:
        raise ValueError("not an uncompressed P-256 point")
    return ec.EllipticCurvePublicKey.from_encoded_point(_CURVE, raw)


def canonical(public_key_b64: str) -> str | None:
    """The one spelling under which this key is stored (88 characters of base64), or None if it is no key."""
    try:
        _load(public_key_b64)
        return base64.b64encode(base64.b64decode(public_key_b64)).decode()
    except (ValueError, binascii.Error):
        return None


def verify(public_key_b64: str, signature: bytes, data: bytes) -> bool:
    """Whether the key's holder signed exactly these bytes. Garbage of any kind is False, never an error."""
    if len(signature) != _SIGNATURE_BYTES:
        return False
    r, s = int.from_bytes(signature[:32], "big"), int.from_bytes(signature[32:], "big")
    try:
        _load(public_key_b64).verify(encode_dss_signature(r, s), data, _ALGORITHM)
    except (ValueError, binascii.Error, InvalidSignature):
        return False
    return True
