"""The audit stream: acts that take a right away, written outside the database in the same act (spec
«Epoch»).

A restored backup knows nothing of the phones revoked and the people dismissed since it was made; these
lines do (`accounts.replay`). They hold ids, statuses and codes, no personal data: a new phone number is
sealed with a secret of the settings. JSON lines in `AUDIT_STREAM`, a file a month, only ever added to; each
line names the SHA-256 of the one before, over the files. One lock for all processes that share the folder.

A line is written last in the act's transaction and before its commit: an act whose line cannot be written
is undone and says so. Should the commit itself fail, the line stands for an act that was not done; after a
restore it is done then, and `after_restore` names it.
"""

import base64
import fcntl
import hashlib
import json
import logging
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from django.conf import settings
from django.utils import timezone

from accounts import durable
from accounts.refusals import RefusalError

log = logging.getLogger(__name__)

_FILES = "audit-*.jsonl"
_TAIL = 65_536


class AuditStreamError(RefusalError):
    code = "try_later"
    message = (
        "Не сделано: журнал вне базы сейчас не записывается, и после восстановления из копии это "
        "действие пропало бы. Сообщите администратору системы и повторите позже."
    )


@dataclass(frozen=True)
class Line:
    """One act. `what` is its kind, `told` its ids."""

    at: datetime
    what: str
    told: dict[str, Any]


def folder() -> Path | None:
    """Where the stream lies; None where there is none (never in production)."""
    return Path(settings.AUDIT_STREAM) if settings.AUDIT_STREAM else None


def write(what: str, **told: str | bool | list[str] | None) -> None:
    """Add a line, durably. Raises `AuditStreamError`: then the act must not be done."""
    where = folder()
    if where is None:
        return
    try:
        with locked(where, "audit.lock"):
            _append(where, what, told)
    except OSError as error:
        log.error("audit stream cannot be written", extra={"what": what, "error": str(error)})
        raise AuditStreamError from error


def try_to_write(what: str, **told: str | bool | list[str] | None) -> None:
    """The same for an act that must not fail for it: a phone's new code, a new authenticator."""
    try:
        write(what, **told)
    except AuditStreamError:
        log.exception("done without a line in the audit stream", extra={"what": what})


def is_writable() -> bool:
    """Whether a line could be added now."""
    where = folder()
    if where is None:
        return True
    try:
        with locked(where, "audit.lock"):
            return os.access(where, os.W_OK)
    except OSError:
        return False


def all_lines() -> list[Line]:
    """Every act, oldest first. Torn lines are left out: `faults` counts them."""
    where = folder()
    found = (_read(raw) for raw in _raw_lines(where)) if where else ()
    return [line for line in found if line]


def since(moment: datetime) -> list[Line]:
    """The acts from that moment on, oldest first."""
    return [line for line in all_lines() if line.at >= moment]


def faults() -> int:
    """How many lines are torn, changed or missing: those whose predecessor is not the one they name."""
    where = folder()
    count, before = 0, ""
    for number, raw in enumerate(_raw_lines(where) if where else ()):
        try:
            named = json.loads(raw)["before"]
        except (ValueError, KeyError, TypeError):
            count += 1
        else:
            count += bool(number) and named != before  # older files may have been put away
        before = _digest(raw)
    return count


def hide(text: str) -> str:
    """A phone number as the stream may hold it."""
    nonce = os.urandom(12)
    return base64.urlsafe_b64encode(nonce + AESGCM(_key()).encrypt(nonce, text.encode(), None)).decode()


def reveal(hidden: str) -> str | None:
    """What `hide` was given; None where the secret is another one by now."""
    try:
        sealed = base64.urlsafe_b64decode(hidden)
        return AESGCM(_key()).decrypt(sealed[:12], sealed[12:], None).decode()
    except (ValueError, InvalidTag):
        return None


@contextmanager
def locked(where: Path, name: str) -> Iterator[None]:
    """One process and thread at a time, on all hosts that share the folder. Raises `OSError`."""
    where.mkdir(parents=True, exist_ok=True, mode=0o700)
    descriptor = os.open(where / name, os.O_RDWR | os.O_CREAT, 0o600)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)


def _append(where: Path, what: str, told: dict[str, Any]) -> None:
    now = timezone.now()
    files = sorted(where.glob(_FILES))
    path = where / f"audit-{now:%Y-%m}.jsonl"
    # A clock set back must not write into the past: lines stand in the order of the files.
    path = max(path, files[-1]) if files else path
    begun = {"at": now.isoformat(), "what": what, "before": _digest(_last(files[-1])) if files else ""}
    line = json.dumps(begun | told, ensure_ascii=False, sort_keys=True).encode() + b"\n"
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_APPEND, 0o600)
    try:
        size = os.fstat(descriptor).st_size
        torn = size > 0 and os.pread(descriptor, 1, size - 1) != b"\n"
        try:
            _write_whole(descriptor, b"\n" + line if torn else line)
            os.fsync(descriptor)
        except OSError:
            os.ftruncate(descriptor, size)
            raise
    finally:
        os.close(descriptor)
    if path not in files:
        durable.sync_folder(where)


def _write_whole(descriptor: int, data: bytes) -> None:
    while data:
        data = data[os.write(descriptor, data) :]


def _last(path: Path) -> bytes:
    with path.open("rb") as file:
        size = file.seek(0, os.SEEK_END)
        file.seek(max(0, size - _TAIL))
        return (file.read().splitlines() or [b""])[-1]


def _raw_lines(where: Path) -> Iterator[bytes]:
    for path in sorted(where.glob(_FILES)):
        yield from path.read_bytes().splitlines()


def _read(raw: bytes) -> Line | None:
    try:
        told = json.loads(raw)
        at, what = datetime.fromisoformat(told.pop("at")), str(told.pop("what"))
        told.pop("before", None)
    except (ValueError, KeyError, TypeError, AttributeError):
        return None
    return Line(at, what, told) if at.tzinfo else None


def _digest(raw: bytes) -> str:
    return hashlib.sha256(raw).hexdigest()


def _key() -> bytes:
    secret = settings.CONTENT_HASH_SECRET.encode()
    return HKDF(hashes.SHA256(), 32, salt=None, info=b"kias-offline/audit/1").derive(secret)
