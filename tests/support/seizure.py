"""What somebody finds who has copied a browser's profile: every file, as it lies there and unpacked.

Looked into: bytes as they are; records of LevelDB's logs put together; blocks of its tables and large values
of IndexedDB (both snappy); gzip and zlib streams. Not looked into: brotli, which only answers for static
files carry, and deflate without a header, which nothing in a profile is known to use.
"""

import struct
import zlib
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote

TABLE_MAGIC = struct.pack("<Q", 0xDB4775248B80FB57)
#: How Blink marks a value that it has compressed before giving it to LevelDB.
SNAPPED_VALUE = b"\xff\x11\x02"
LOG_BLOCK = 32 * 1024


def spellings(text: str) -> list[bytes]:
    """The text in every form in which a browser might have written it."""
    found = {text.encode(code) for code in ("utf-8", "utf-16-le", "utf-16-be", "cp1251")}
    found.add(quote(text).encode())
    found.add(text.encode("ascii", "backslashreplace"))
    return sorted(found)


def search(folder: Path, texts: list[str]) -> dict[str, list[str]]:
    """Text → the files below `folder` that hold it in any spelling; texts that no file holds are absent."""
    needles = {text: spellings(text) for text in texts}
    hits: dict[str, list[str]] = {}
    for path in sorted(folder.rglob("*")):
        if path.is_symlink() or not path.is_file():
            continue
        for piece in unpacked(path.read_bytes()):
            for text, spelt in needles.items():
                place = str(path.relative_to(folder))
                if place not in hits.get(text, []) and any(needle in piece for needle in spelt):
                    hits.setdefault(text, []).append(place)
    return hits


def unpacked(data: bytes) -> Iterator[bytes]:
    """The bytes themselves and whatever can be unpacked from them."""
    yield data
    for piece in (b"".join(log_records(data)), *table_blocks(data)):
        yield piece
        yield from snapped_values(piece)
    yield from snapped_values(data)
    for mark, window in (
        (b"\x1f\x8b\x08", 31),
        (b"\x78\x01", 15),
        (b"\x78\x5e", 15),
        (b"\x78\x9c", 15),
        (b"\x78\xda", 15),
    ):
        for at in places(data, mark):
            try:
                yield zlib.decompressobj(window).decompress(data[at:], 4_000_000)
            except zlib.error:
                continue


def places(data: bytes, mark: bytes) -> Iterator[int]:
    at = data.find(mark)
    while at >= 0:
        yield at
        at = data.find(mark, at + 1)


def log_records(data: bytes) -> Iterator[bytes]:
    """A LevelDB log without the headers that may stand in the middle of a word."""
    for start in range(0, len(data), LOG_BLOCK):
        block = data[start : start + LOG_BLOCK]
        at = 0
        while at + 7 <= len(block):
            length, kind = struct.unpack_from("<HB", block, at + 4)
            if kind not in (1, 2, 3, 4):
                break
            yield block[at + 7 : at + 7 + length]
            at += 7 + length


def snapped_values(data: bytes) -> Iterator[bytes]:
    for at in places(data, SNAPPED_VALUE):
        yield unsnap(data[at + len(SNAPPED_VALUE) :])


def table_blocks(data: bytes) -> Iterator[bytes]:
    """The blocks of a LevelDB table, unpacked."""
    if not data.endswith(TABLE_MAGIC):
        return
    footer = data[-48:]
    _, at = varint(footer, 0)
    _, at = varint(footer, at)
    offset, at = varint(footer, at)
    size, at = varint(footer, at)
    for handle in entries(block_at(data, offset, size)):
        start, after = varint(handle, 0)
        length, _ = varint(handle, after)
        yield block_at(data, start, length)


def block_at(data: bytes, offset: int, size: int) -> bytes:
    raw = data[offset : offset + size]
    return unsnap(raw) if data[offset + size] == 1 else raw


def entries(block: bytes) -> Iterator[bytes]:
    """The values of an index block."""
    (restarts,) = struct.unpack("<I", block[-4:])
    end, at = len(block) - 4 - 4 * restarts, 0
    while at < end:
        _, at = varint(block, at)
        unshared, at = varint(block, at)
        length, at = varint(block, at)
        yield block[at + unshared : at + unshared + length]
        at += unshared + length


def varint(data: bytes, at: int) -> tuple[int, int]:
    value = shift = 0
    while True:
        byte = data[at]
        value |= (byte & 0x7F) << shift
        at, shift = at + 1, shift + 7
        if byte < 0x80:
            return value, at


def unsnap(data: bytes) -> bytes:
    """Snappy's raw format, as far as it can be read."""
    out = bytearray()
    try:
        size, at = varint(data, 0)
        while len(out) < size:
            tag = data[at]
            at += 1
            if tag & 3 == 0:
                length = (tag >> 2) + 1
                if length > 60:
                    wide = length - 60
                    length = int.from_bytes(data[at : at + wide], "little") + 1
                    at += wide
                out += data[at : at + length]
                at += length
                if at > len(data):
                    break
                continue
            wide = (0, 1, 2, 4)[tag & 3]
            offset = int.from_bytes(data[at : at + wide], "little")
            length = (tag >> 2) + 1
            if wide == 1:
                offset |= (tag >> 5) << 8
                length = ((tag >> 2) & 7) + 4
            at += wide
            if not 0 < offset <= len(out):
                break
            for _ in range(length):
                out.append(out[-offset])
    except IndexError:
        pass  # cut off: what was read so far counts
    return bytes(out)
