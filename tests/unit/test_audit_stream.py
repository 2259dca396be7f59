"""The audit stream: what is written outside the database stays written, and tells when it was touched."""

import json
import os
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from accounts import audit_stream
from accounts.audit_stream import AuditStreamError
from scripts.system import ROOT

LONG_AGO = datetime(2020, 1, 1, tzinfo=UTC)
WRITER = """
import sys
import django
django.setup()
from accounts import audit_stream
for number in range(40):
    audit_stream.write("code", installation=sys.argv[1], installation_code=str(number))
"""


@pytest.fixture
def folder(settings: Any, tmp_path: Path) -> Path:
    settings.AUDIT_STREAM = str(tmp_path / "audit")
    return tmp_path / "audit"


def the_file(folder: Path) -> Path:
    (path,) = folder.glob("audit-*.jsonl")
    return path


def test_what_was_written_is_read_in_its_order(folder: Path) -> None:
    audit_stream.write("revoked", installation="1")
    audit_stream.write("agent_status", person="2", status="closed")
    lines = audit_stream.since(LONG_AGO)
    assert [(line.what, line.told) for line in lines] == [
        ("revoked", {"installation": "1"}),
        ("agent_status", {"person": "2", "status": "closed"}),
    ]
    assert audit_stream.faults() == 0
    assert audit_stream.since(datetime.now(UTC) + timedelta(minutes=1)) == []
    assert the_file(folder).stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize("change", ["word", "line", "torn"])
def test_a_line_changed_taken_out_or_torn_is_counted(folder: Path, change: str) -> None:
    for number in range(4):
        audit_stream.write("agent_status", person=str(number), status="closed")
    path = the_file(folder)
    lines = path.read_bytes().splitlines(keepends=True)
    match change:
        case "word":
            lines[1] = lines[1].replace(b"closed", b"working")
        case "line":
            del lines[1]
        case "torn":
            lines[-1] = lines[-1][:30]  # the power went
    path.write_bytes(b"".join(lines))
    audit_stream.write("revoked", installation="9")
    assert audit_stream.faults() == 1
    assert audit_stream.since(LONG_AGO)[-1].told == {"installation": "9"}


def test_the_chain_goes_on_over_the_months_and_a_clock_set_back_writes_into_no_older_file(
    folder: Path,
) -> None:
    audit_stream.write("revoked", installation="1")
    path = the_file(folder)
    path.rename(folder / "audit-2999-12.jsonl")
    audit_stream.write("revoked", installation="2")
    assert audit_stream.faults() == 0
    assert [line.told["installation"] for line in audit_stream.since(LONG_AGO)] == ["1", "2"]
    assert [each.name for each in folder.glob("audit-*.jsonl")] == ["audit-2999-12.jsonl"]


def test_several_processes_write_one_chain(folder: Path) -> None:
    env = os.environ | {"AUDIT_STREAM": str(folder)}
    command = [sys.executable, "-c", WRITER]
    writers = [subprocess.Popen([*command, str(each)], env=env, cwd=ROOT) for each in range(2)]
    assert [each.wait(120) for each in writers] == [0, 0]
    assert len(audit_stream.since(LONG_AGO)) == 80
    assert audit_stream.faults() == 0


def test_what_cannot_be_written_is_refused_in_words_and_leaves_no_half_line(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    audit_stream.write("revoked", installation="1")
    before = the_file(folder).read_bytes()
    really = os.write

    def full(descriptor: int, data: bytes) -> int:
        if data.startswith(b"{"):
            really(descriptor, data[:10])
            raise OSError("no space left on device")
        return really(descriptor, data)

    monkeypatch.setattr(os, "write", full)
    with pytest.raises(AuditStreamError) as refused:
        audit_stream.write("revoked", installation="2")
    assert "Не сделано" in refused.value.message
    assert the_file(folder).read_bytes() == before
    audit_stream.try_to_write("code", installation="3")  # must not fail for it


def test_no_phone_number_stands_in_it_and_only_our_secret_reads_it(folder: Path, settings: Any) -> None:
    hidden = audit_stream.hide("+79123456789")
    audit_stream.write("number", person="1", number=hidden)
    assert b"9123456789" not in the_file(folder).read_bytes()
    assert json.loads(the_file(folder).read_bytes())["number"] == hidden
    assert audit_stream.reveal(hidden) == "+79123456789"
    settings.CONTENT_HASH_SECRET = "another secret"
    assert audit_stream.reveal(hidden) is None
    assert audit_stream.reveal("nonsense") is None


def test_without_a_folder_there_is_no_stream(settings: Any) -> None:
    settings.AUDIT_STREAM = ""
    audit_stream.write("revoked", installation="1")
    assert (audit_stream.all_lines(), audit_stream.faults(), audit_stream.is_writable()) == ([], 0, True)
