"""Compile `locale/**/*.po` to `.mo` without gettext: `python -m scripts.translations [--check]`.

The compiled files are committed, so nothing has to be installed to run the system; a test and `--check`
hold them to their sources. Reads what we write: comments, msgid, msgid_plural, msgstr, msgstr[n].
"""

import ast
import struct
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
_MAGIC = 0x950412DE
_HEADER = 7 * 4


class CatalogueError(ValueError):
    """A line that is no part of a catalogue as we write it."""


def sources() -> list[Path]:
    return sorted((ROOT / "locale").rglob("*.po"))


def parse(text: str) -> dict[str, str]:
    """msgid → msgstr; of a plural: both ids and all forms, joined by NUL as gettext stores them."""
    catalogue: dict[str, str] = {}
    for entry in text.split("\n\n"):
        parts: dict[str, str] = {}
        key = ""
        for line in entry.splitlines():
            if line.startswith("#") or not line.strip():
                continue
            if not line.startswith('"'):
                key, _, line = line.partition(" ")
                if not key.startswith("msg"):
                    raise CatalogueError(line)
                parts[key] = ""
            if not key:
                raise CatalogueError(line)
            parts[key] += ast.literal_eval(line)
        if not parts:
            continue
        ids = [parts["msgid"], *([parts["msgid_plural"]] if "msgid_plural" in parts else [])]
        if parts["msgid"] in {known.split("\0")[0] for known in catalogue}:
            raise CatalogueError(f"twice: {parts['msgid']}")
        strings = [value for name, value in sorted(parts.items()) if name.startswith("msgstr")]
        if not all(strings):
            raise CatalogueError(f"not translated: {parts['msgid']}")
        catalogue["\0".join(ids)] = "\0".join(strings)
    return catalogue


def compiled(catalogue: dict[str, str]) -> bytes:
    """The `.mo` file: both tables sorted by msgid, no hash table."""
    pairs = sorted((key.encode(), value.encode()) for key, value in catalogue.items())
    texts = b""
    spans: tuple[list[bytes], list[bytes]] = ([], [])
    start = _HEADER + 16 * len(pairs)
    for column in (0, 1):
        for pair in pairs:
            spans[column].append(struct.pack("<II", len(pair[column]), start + len(texts)))
            texts += pair[column] + b"\0"
    head = struct.pack("<7I", _MAGIC, 0, len(pairs), _HEADER, _HEADER + 8 * len(pairs), 0, 0)
    return head + b"".join(spans[0]) + b"".join(spans[1]) + texts


def main(arguments: list[str]) -> int:
    """Compile all; with `--check` only tell which compiled file is not the one its source makes."""
    drifted = False
    for source in sources():
        wanted, target = compiled(parse(source.read_text("utf-8"))), source.with_suffix(".mo")
        if "--check" not in arguments:
            target.write_bytes(wanted)
        elif not target.is_file() or target.read_bytes() != wanted:
            drifted = True
            print(f"{target.relative_to(ROOT)} is stale: run python -m scripts.translations")
    return int(drifted)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
