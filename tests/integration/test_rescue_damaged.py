"""A rescue file that is cut, changed, hostile, newer or none of ours: nothing is lost (P02, F41)."""

import json
import re

import pytest
from django.utils import timezone

from backoffice.roles import Role
from receipts.models import Receipt
from sync import intake
from sync.models import IntakeException
from sync.models.rescue import RescueImport
from sync.rescue import contents as rescue_contents
from sync.rescue import importing
from sync.rescue.file_format import (
    MAX_BYTES,
    NewerFileError,
    NotOursError,
    TooLargeFileError,
    TooManyEnvelopesError,
)
from tests.support.factories import make_phone
from tests.support.office import make_staff
from tests.support.rescue import cut, ended, imported, kept, rescue_file, results

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("keys")]


@pytest.fixture
def operator():
    return make_staff(Role.OPERATOR)


def test_p02_f41_an_envelope_of_a_version_to_come_stays_whole_with_its_file_and_is_taken_in_later(
    operator, monkeypatch
):
    phone = make_phone()
    plain, newer = phone.issue(), phone.issue()
    raw = rescue_file(phone, [plain], f"kias2.{newer.envelope[6:]}")
    row = imported(raw, operator)
    assert results(row) == [("accepted", ""), ("later", "unknown_version")]
    assert bytes(row.file) == raw
    assert not importing.is_finished(row)
    again = importing.take_in(row.pk, staff=operator, now=timezone.now())  # nothing has changed yet
    assert results(again) == results(row)
    assert again.imported_at == row.imported_at

    read_before = intake.batch.take_apart  # the next release can read it
    monkeypatch.setattr(
        intake.batch, "take_apart", lambda text: read_before(text.replace("kias2.", "kias1."))
    )
    last = importing.take_in(row.pk, staff=make_staff(Role.OPERATOR), now=timezone.now())
    assert results(last) == [("accepted", ""), ("accepted", "")]
    assert last.imported_by == operator
    assert importing.is_finished(last)
    assert Receipt.objects.count() == 2


def test_a_cut_file_gives_what_is_whole_in_it_and_the_whole_one_the_rest(operator):
    phone = make_phone()
    issued = [phone.issue() for _ in range(3)]
    raw = rescue_file(phone, issued)
    row = kept(cut(raw, 2), operator)
    contents = rescue_contents.look(row)
    assert (row.condition, row.signed, len(contents.lines), contents.missing) == ("cut", False, 2, 1)
    assert results(importing.take_in(row.pk, staff=operator, now=timezone.now())) == [("accepted", "")] * 2
    assert not IntakeException.objects.exists()
    whole = imported(raw, operator)
    assert results(whole) == [("already_accepted", "")] * 2 + [("accepted", "")]


def test_a_file_cut_right_behind_an_envelope_loses_nothing(operator):
    phone = make_phone()
    raw = rescue_file(phone, [phone.issue(), phone.issue()])
    row = imported(raw[: raw.index(b"\nend.")], operator)
    assert results(row) == [("accepted", "")] * 2


def test_changed_bytes_are_told_and_only_the_changed_envelope_is_put_aside(operator):
    phone = make_phone()
    issued = [phone.issue() for _ in range(3)]
    raw = rescue_file(phone, issued)
    at = raw.index(issued[1].envelope.encode()) + len(issued[1].envelope) - 200
    changed = raw[:at] + (b"A" if raw[at : at + 1] != b"A" else b"B") + raw[at + 1 :]
    row = imported(changed, operator)
    assert row.condition == "changed"
    assert [result for result, _ in results(row)] == ["accepted", "held", "accepted"]
    assert IntakeException.objects.get().carrier is None
    assert phone.send(issued[1])[0]["result"] == "accepted"


@pytest.mark.parametrize(
    ("raw", "refusal"),
    [
        (b"", NotOursError),
        (b"\x00" * 5000, NotOursError),
        (b"PK\x03\x04 some archive", NotOursError),
        ("квитанции.xlsx".encode("cp1251"), NotOursError),
        (b"kias-rescue1 \n{}\n", NotOursError),
        (b"kias-rescue2\n{}\n", NewerFileError),
        (b"kias-rescue1\n{}\n" + b"x" * MAX_BYTES, TooLargeFileError),
        (b"kias-rescue1\n{}\n" + b"kias1.a.b.c\n" * 10_000, TooManyEnvelopesError),
    ],
)
def test_what_is_no_file_of_ours_is_refused_and_not_kept(raw, refusal, operator):
    with pytest.raises(refusal):
        importing.keep(raw, staff=operator, now=timezone.now())
    assert not RescueImport.objects.exists()


@pytest.mark.parametrize(
    "manifest",
    [
        "",
        "{}",
        "null",
        "[" * 5000,
        '{"count": 1e400}',
        '{"count": -1}',
        "\ud800".encode("utf-8", "replace").decode(),
    ],
)
def test_without_a_readable_manifest_the_envelopes_come_in_all_the_same(manifest, operator):
    phone = make_phone()
    issued = phone.issue()
    row = imported(ended(phone, f"kias-rescue1\n{manifest}\n{issued.envelope}\n"), operator)
    assert results(row) == [("accepted", "")]
    assert (row.installation, row.signed) == (None, False)


def test_every_line_of_a_hostile_file_has_an_answer_and_is_kept(operator):
    """Bombs, other people's keys, junk: nothing raises, the good one among them arrives (F16)."""
    phone, stranger = make_phone(), make_phone()
    good = phone.issue()
    bomb = phone.sealed(phone.content(comment="я" * 500_000))
    forged = stranger.sealed(phone.content())
    junk = ["kias1", "kias1...", "kias9999.x", "\\x00", "и", "kias1." + "A" * 40_000, "{}", good.envelope]
    row = kept(rescue_file(phone, [bomb, forged, good], *junk), operator)
    assert len(rescue_contents.look(row).lines) == 11
    row = importing.take_in(row.pk, staff=operator, now=timezone.now())
    assert results(row)[:4] == [
        ("held", "unreadable"),
        ("held", "bad_signature"),
        ("accepted", ""),
        ("held", "malformed"),
    ]
    assert results(row)[5:] == [
        ("later", "unknown_version"),
        ("held", "malformed"),
        ("held", "malformed"),
        ("held", "too_long"),
        ("held", "malformed"),
        ("already_accepted", ""),
    ]
    assert Receipt.objects.count() == 1
    json.dumps(row.answers)


def test_p02_the_end_of_a_cut_file_stays_a_line_of_it_whatever_a_later_server_makes_of_it(
    operator, monkeypatch
):
    """Unknown to this server, malformed to the next: still as many answers as lines, and the end is kept."""
    phone = make_phone()
    issued = phone.issue()
    raw = rescue_file(phone, [issued]).decode().split("end.")[0] + "kias2.cut-in-the-mid"
    row = imported(raw.encode(), operator)
    assert results(row) == [("accepted", ""), ("later", "unknown_version")]
    # The next release knows version 2, and this is none.
    monkeypatch.setattr(importing.envelopes, "_VERSION", re.compile(r"kias(1)\."))
    row = importing.take_in(row.pk, staff=operator, now=timezone.now())
    assert results(row) == [("accepted", ""), ("held", "malformed")]
    assert len(rescue_contents.look(row).lines) == 2


def test_a_manifest_that_another_phone_signed_proves_nothing(operator):
    phone, stranger = make_phone(), make_phone()
    text = rescue_file(phone, [phone.issue()]).decode().split("end.")[0]
    row = kept(ended(stranger, text), operator)
    assert (row.condition, row.signed) == ("whole", False)
    short = kept(rescue_file(phone, [])[:-20] + b"\n", operator)
    assert (short.condition, short.signed) == ("cut", False)
