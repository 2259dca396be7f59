"""The server's sealing keys: files outside the database, in at least two folders (spec «Envelope», P06, F40).

A file is `<moment>-<key id>.pem`, PKCS 8, readable by the server alone. The newest key that lies in **all**
folders goes to phones; opening looks into every folder, so one lost disk loses nothing. Files are never
deleted: phones may hold envelopes sealed long ago.
"""

import hashlib
import logging
import re
from datetime import UTC, datetime
from functools import lru_cache
from pathlib import Path

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec
from django.conf import settings

from accounts import durable

log = logging.getLogger(__name__)

_FILE_NAME = re.compile(r"[0-9]{8}T[0-9]{6}Z-([0-9a-f]{16})\.pem")
_KEY_ID = re.compile(r"[0-9a-f]{16}")
_opened: dict[str, ec.EllipticCurvePrivateKey] = {}


class NoSealingKeyError(Exception):
    """No key lies in all folders: phones get none until somebody has seen to it."""


def raw_public_key(key: ec.EllipticCurvePrivateKey) -> bytes:
    """The 65 bytes of the uncompressed public point."""
    return key.public_key().public_bytes(
        serialization.Encoding.X962, serialization.PublicFormat.UncompressedPoint
    )


def key_id(raw_public: bytes) -> str:
    """First 16 hex digits of SHA-256 over the raw point."""
    return hashlib.sha256(raw_public).hexdigest()[:16]


def find(wanted: str) -> ec.EllipticCurvePrivateKey | None:
    """The private key with this id from any folder, None if no file holds it. Found ones stay in memory."""
    if wanted not in _opened:
        if not _KEY_ID.fullmatch(wanted):
            return None
        paths = (path for folder in settings.SEALING_KEY_DIRS for path in folder.glob(f"*-{wanted}.pem"))
        key = next((key for path in paths if (key := _load(path))), None)
        if key is None:
            return None
        _opened[wanted] = key
    return _opened[wanted]


def current() -> ec.EllipticCurvePrivateKey:
    """The key that phones are to seal for. Raises `NoSealingKeyError`."""
    folders: list[Path] = settings.SEALING_KEY_DIRS
    in_all = set.intersection(*({path.name for path in folder.glob("*.pem")} for folder in folders))
    for name in sorted(in_all, reverse=True):
        copies = [_load(folder / name) for folder in folders]
        if copies[0] is not None and all(copies):
            return copies[0]
    raise NoSealingKeyError


def counts() -> tuple[int, int]:
    """How many key files lie in all folders, and how many are missing from at least one."""
    folders = [{path.name for path in folder.glob("*.pem")} for folder in settings.SEALING_KEY_DIRS]
    complete = set.intersection(*folders)
    return len(complete), len(set.union(*folders) - complete)


def make() -> str:
    """Write a new key into every folder (0600) and return its id. Raises `OSError`."""
    key = ec.generate_private_key(ec.SECP256R1())
    made = key_id(raw_public_key(key))
    pem = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    name = f"{datetime.now(UTC):%Y%m%dT%H%M%SZ}-{made}.pem"
    for folder in settings.SEALING_KEY_DIRS:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        durable.write_whole(folder / name, pem)
    return made


def _load(path: Path) -> ec.EllipticCurvePrivateKey | None:
    """The key of a file, None (and a line in the log) for one that is damaged or not what its name says."""
    try:
        changed = path.stat().st_mtime_ns
        return _parse(path, changed)
    except (OSError, ValueError, TypeError) as error:
        log.error("sealing key file cannot be used", extra={"file": path.name, "error": str(error)})
        return None


@lru_cache(maxsize=256)
def _parse(path: Path, changed: int) -> ec.EllipticCurvePrivateKey:
    name = _FILE_NAME.fullmatch(path.name)
    key = serialization.load_pem_private_key(path.read_bytes(), password=None)
    if not isinstance(key, ec.EllipticCurvePrivateKey) or not isinstance(key.curve, ec.SECP256R1):
        raise ValueError("no P-256 key")
    if name is None or key_id(raw_public_key(key)) != name[1]:
        raise ValueError("the key is not the one of the file's name")
    return key
