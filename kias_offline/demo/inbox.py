"""The SMS inbox of the demo: what the demo gateway wrote, newest first."""

import json
import re
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

_CODE = re.compile(r"(?<!\d)\d{4,8}(?!\d)")
#: The file only grows; the desk shows its end.
_LONGEST_TAIL = 64 * 1024


@dataclass(frozen=True)
class Message:
    """One SMS. `at` is an ISO moment; `code` is the login code in it, empty if there is none."""

    to: str
    text: str
    at: str
    code: str


def newest(inbox: Path, limit: int = 30) -> list[dict[str, Any]]:
    """The last messages, newest first. No file yet is no message yet; a half-written line is left out."""
    try:
        with inbox.open("rb") as file:
            file.seek(0, 2)
            start = max(0, file.tell() - _LONGEST_TAIL)
            file.seek(start)
            lines = file.read().decode("utf-8", "replace").splitlines()
    except FileNotFoundError:
        return []
    messages = [message for line in lines if (message := _read(line))]
    return [asdict(message) for message in messages[::-1][:limit]]


def _read(line: str) -> Message | None:
    try:
        said = json.loads(line)
        to, text, at = str(said["to"]), str(said["text"]), str(said["at"])
    except (ValueError, KeyError, TypeError):
        return None
    found = _CODE.search(text)
    return Message(to, text, at, found[0] if found else "")
