"""Rescue file, version 1: taken apart (docs/protocol.md, «Rescue file»; ADR 0020).

Pure: bytes in, lines out. A line is an envelope and carries its own proof, so a file that was cut or changed
on its way still gives all that is whole in it; the sum at its end only tells whether something is missing.
"""

import base64
import binascii
import hashlib
import re
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated
from uuid import UUID

import msgspec

from accounts.refusals import RefusalError
from sync.models import Condition

#: A file as uploaded; the proxy passes 2 MiB.
MAX_BYTES = 2_000_000
#: A phone may hold a few hundred; more than this is no phone's file.
MAX_ENVELOPES = 1_000

_MAGIC = re.compile(rb"kias-rescue([1-9][0-9]{0,3})")
_END = re.compile(rb"end\.([A-Za-z0-9_-]{43})\.([A-Za-z0-9_-]{86})")
_BOM = b"\xef\xbb\xbf"


class NotOursError(RefusalError):
    code = "not_a_rescue_file"
    message = (
        "Это не файл с телефона агента. Нужен тот, который приложение делает кнопкой "
        "«Сохранить файл для офиса»: его имя начинается с «kias-». Попросите агента прислать его ещё раз."
    )


class NewerFileError(RefusalError):
    code = "unknown_version"
    message = (
        "Этот файл сделала более новая версия приложения: сервер ещё не умеет его читать. "
        "Сохраните файл у себя и примите его после обновления сервера."
    )


class TooLargeFileError(RefusalError):
    code = "too_large"
    message = "Файл больше 2 МБ: телефон таких не делает. Проверьте, тот ли файл выбран."


class TooManyEnvelopesError(RefusalError):
    code = "too_many_items"
    message = f"В файле больше {MAX_ENVELOPES} конвертов: телефон таких не делает. Покажите файл поддержке."


_Text = Annotated[str, msgspec.Meta(max_length=64)]
_Count = Annotated[int, msgspec.Meta(ge=0, le=10**15)]


class Manifest(msgspec.Struct, frozen=True):
    """What the phone says is in the file: its own word, signed by it.

    `sum` in kopecks, withdrawn receipts left out; `items` are id and number of each envelope; `counters` the
    lowest and the highest of the offline numbers that this phone's installation gave.
    """

    made_at: datetime
    offset_min: Annotated[int, msgspec.Meta(ge=-1440, le=1440)]
    app_version: _Text
    installation: UUID
    code: _Text
    agent: UUID
    count: _Count
    sum: _Count
    counters: tuple[_Count, _Count] | None
    items: list[tuple[_Text, _Text]]


@dataclass(frozen=True, slots=True)
class RescueFile:
    """`envelopes`: the lines as they stand. `fragment`: the last line of a file that was cut in the middle of
    it. `digest`: SHA-256, as base64url, of all that stands before the end. `signature` covers `signed`."""

    digest: str
    condition: Condition
    manifest: Manifest | None
    envelopes: tuple[str, ...]
    fragment: str
    signature: bytes

    @property
    def signed(self) -> bytes:
        return f"kias-rescue1.{self.digest}".encode()


_read_manifest = msgspec.json.Decoder(Manifest).decode


def normal(raw: bytes) -> bytes:
    """The same file whatever a mail program did to its line ends."""
    return raw.removeprefix(_BOM).replace(b"\r\n", b"\n").rstrip(b"\n") + b"\n" * raw.endswith(b"\n")


def read(raw: bytes) -> RescueFile:
    """Take a file apart; nothing but its first line must be whole.

    Raises `NotOursError`, `NewerFileError`, `TooLargeFileError`, `TooManyEnvelopesError`.
    """
    if len(raw) > MAX_BYTES:
        raise TooLargeFileError
    first, *rest = normal(raw).split(b"\n")
    version = _MAGIC.fullmatch(first)
    if version is None:
        raise NotOursError
    if version[1] != b"1":
        raise NewerFileError
    place = next((at for at, line in enumerate(rest) if line.startswith(b"end")), None)
    before = rest if place is None else rest[:place]
    lines = before[1:]
    fragment = lines.pop() if place is None and lines else b""  # empty where the last line has its end
    envelopes = tuple(_text(line) for line in lines if line)
    if len(envelopes) > MAX_ENVELOPES:
        raise TooManyEnvelopesError
    digest = _digest(b"".join(line + b"\n" for line in (first, *before)))
    end = None if place is None else _END.fullmatch(rest[place])
    return RescueFile(
        digest=digest,
        condition=_condition(end, digest),
        manifest=_manifest(before[0] if before else b""),
        envelopes=envelopes,
        fragment=_text(fragment),
        signature=_signature(end),
    )


def _digest(data: bytes) -> str:
    return base64.urlsafe_b64encode(hashlib.sha256(data).digest()).rstrip(b"=").decode()


def _condition(end: re.Match[bytes] | None, digest: str) -> Condition:
    if end is None:
        return Condition.CUT
    return Condition.WHOLE if end[1].decode() == digest else Condition.CHANGED


def _manifest(line: bytes) -> Manifest | None:
    try:
        manifest = _read_manifest(line)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        return None
    made = manifest.made_at  # within a year of the calendar's ends no other zone could show it
    return manifest if made.tzinfo is not None and 1 < made.year < 9999 else None


def _signature(end: re.Match[bytes] | None) -> bytes:
    try:
        return base64.urlsafe_b64decode(end[2] + b"==") if end else b""
    except binascii.Error:
        return b""


def _text(line: bytes) -> str:
    """An envelope is ASCII; what is not shows by what."""
    return line.decode("ascii", "backslashreplace")
