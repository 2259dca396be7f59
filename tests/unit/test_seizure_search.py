"""The search of a seized profile must be able to find: what it never finds it would call safe."""

import struct
import zlib
from pathlib import Path

from tests.support import seizure

TEXT = "Тюленбаева"


def found(tmp_path: Path, data: bytes) -> bool:
    (tmp_path / "file").write_bytes(data)
    return TEXT in seizure.search(tmp_path, [TEXT])


def test_a_text_is_found_in_every_encoding_and_in_what_zlib_packed(tmp_path: Path) -> None:
    assert found(tmp_path, b"\0\0" + TEXT.encode("utf-16-le"))
    assert found(tmp_path, b"name=" + TEXT.encode("utf-8"))
    assert found(tmp_path, b"x" * 9 + zlib.compress(TEXT.encode() * 9))
    assert not found(tmp_path, "Тюленбаев".encode())


def test_a_text_is_found_where_a_header_of_leveldb_stands_in_its_middle(tmp_path: Path) -> None:
    word = TEXT.encode("utf-16-le")
    filler = b"." * (seizure.LOG_BLOCK - 14 - 5)
    log = struct.pack("<IHB", 0, len(filler) + 5, 2) + filler + word[:5]
    log = log.ljust(seizure.LOG_BLOCK, b"\0") + struct.pack("<IHB", 0, len(word) - 5, 4) + word[5:]
    assert word not in log
    assert found(tmp_path, log)


def test_a_text_is_found_in_a_packed_value_and_in_a_table_of_leveldb(tmp_path: Path) -> None:
    word = TEXT.encode("utf-16-le")
    #: a literal of the first half, a copy of it from 10 back, then a literal of what differs
    packed = (
        bytes([len(word) + 20])
        + bytes([9 << 2])
        + word[:10]
        + bytes([9 << 2 | 2, 10, 0])
        + bytes([19 << 2])
        + word
    )
    packed = packed[:1] + packed[1:]
    assert seizure.unsnap(packed) == word[:10] * 2 + word
    cut = bytes([len(word)]) + bytes([9 << 2]) + word[:10] + bytes([9 << 2]) + word[10:]
    assert found(tmp_path, b"zz" + seizure.SNAPPED_VALUE + cut)

    index = bytes([0, 1, 2]) + b"k" + bytes([0, len(cut)]) + struct.pack("<II", 0, 1)
    table = cut + b"\1\0\0\0\0" + index + b"\0\0\0\0\0"
    footer = bytes([0, 0, len(cut) + 5, len(index)]).ljust(40, b"\0") + seizure.TABLE_MAGIC
    assert found(tmp_path, table + footer)
