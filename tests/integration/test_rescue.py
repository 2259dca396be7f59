"""A rescue file in the office: everything in it arrives, once (P36, P02, F33, F35, F41)."""

import json
import re
from datetime import timedelta

import pytest
from django.utils import timezone

from accounts import installations
from accounts.models import AgentStatus, Installation
from backoffice.roles import Role
from receipts.models import Receipt, ReceiptEvent, Withdrawal
from receipts.states import State
from sync import intake
from sync.models import Delivery, IntakeException
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
from sync.rescue.importing import TakenInError, UnderWayError
from tests.support.elsewhere import Elsewhere
from tests.support.factories import installation_id, make_agent, make_phone
from tests.support.office import make_staff
from tests.support.phone import moment
from tests.support.rescue import cut, ended, rescue_file

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("keys")]


@pytest.fixture
def operator():
    return make_staff(Role.OPERATOR)


def kept(raw, operator):
    row, is_new = importing.keep(raw, staff=operator, now=timezone.now())
    assert is_new
    return row


def imported(raw, operator):
    return importing.take_in(kept(raw, operator).pk, staff=operator, now=timezone.now())


def results(row):
    return [(answer["result"], answer["reason"]) for answer in row.answers]


def test_what_an_offline_phone_holds_arrives_by_file_and_kias_is_asked_before_any_save(operator):
    """Spec «Ask before save»: came by file. The office is the carrier, the person stands in the history."""
    phone = make_phone()
    issued = [phone.issue() for _ in range(3)]
    row = imported(rescue_file(phone, issued), operator)
    assert results(row) == [("accepted", "")] * 3
    assert [answer["number"] for answer in row.answers] == [each.number for each in issued]
    assert (row.condition, row.signed, row.installation_id) == ("whole", True, installation_id(phone))
    assert row.imported_by == row.uploaded_by == operator
    for receipt in Receipt.objects.all():
        assert (receipt.state, receipt.source, receipt.carrier_id) == (State.ACCEPTED, "file", None)
    assert set(Delivery.objects.values_list("ask_first", flat=True)) == {"file"}
    assert set(ReceiptEvent.objects.values_list("actor", "staff")) == {("office", operator.pk)}


def test_f01_the_phone_that_comes_back_hears_already_accepted(operator):
    phone = make_phone()
    issued = [phone.issue() for _ in range(3)]
    imported(rescue_file(phone, issued), operator)
    answers = phone.send(*issued)
    assert [answer["result"] for answer in answers] == ["already_accepted"] * 3
    assert Receipt.objects.count() == Delivery.objects.count() == 3


def test_what_the_phone_has_sent_before_changes_nothing(operator):
    phone = make_phone()
    issued = [phone.issue() for _ in range(2)]
    phone.send(*issued)
    row = kept(rescue_file(phone, issued), operator)
    assert rescue_contents.look(row).count("known") == 2
    row = importing.take_in(row.pk, staff=operator, now=timezone.now())
    assert results(row) == [("already_accepted", "")] * 2
    assert set(Delivery.objects.values_list("ask_first", flat=True)) == {""}
    assert set(Receipt.objects.values_list("source", flat=True)) == {"phone"}


def test_the_same_file_again_is_the_same_row_and_changes_nothing(operator):
    """Also when a mail program has turned its line ends, or put a byte order mark before it."""
    phone = make_phone()
    raw = rescue_file(phone, [phone.issue()])
    row = imported(raw, operator)
    for again in (raw, raw.replace(b"\n", b"\r\n"), b"\xef\xbb\xbf" + raw, raw + b"\n\n"):
        assert importing.keep(again, staff=operator, now=timezone.now()) == (row, False)
    with pytest.raises(TakenInError):
        importing.take_in(row.pk, staff=make_staff(Role.OPERATOR), now=timezone.now())
    row.refresh_from_db()
    assert row.imported_by == operator
    assert Receipt.objects.count() == RescueImport.objects.count() == ReceiptEvent.objects.count() == 1


def test_f35_what_a_revoked_phone_had_not_sent_comes_by_file_and_is_held(operator):
    phone = make_phone()
    issued = [phone.issue() for _ in range(2)]
    installations.revoke(Installation.objects.get(pk=installation_id(phone)), now=timezone.now())
    row = imported(rescue_file(phone, issued), operator)
    assert results(row) == [("held", "revoked_installation")] * 2
    assert row.signed
    assert set(Receipt.objects.values_list("state", "reason")) == {("held", "revoked_installation")}
    assert not Delivery.objects.exists()


def test_p17_a_dismissed_agents_receipts_come_by_file(operator):
    """Issued before the dismissal as usual, afterwards held."""
    agent = make_agent()
    phone = make_phone(agent=agent)
    before = phone.issue()
    agent.agent_status, agent.status_since = AgentStatus.HANDOVER_ONLY, timezone.now()
    agent.save()
    after = phone.issue(issued_at=moment(timezone.now() + timedelta(seconds=1)))  # it has no microseconds
    row = imported(rescue_file(phone, [before, after]), operator)
    assert results(row) == [("accepted", ""), ("held", "agent_closed")]


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


def test_p01_a_withdrawal_in_the_file_takes_its_receipt_back(operator):
    phone = make_phone()
    issued = phone.issue()
    row = imported(rescue_file(phone, [issued, phone.withdraw(issued)]), operator)
    assert [result for result, _ in results(row)] == ["accepted", "accepted"]
    assert Receipt.objects.get().state == State.ANNULLED
    assert Withdrawal.objects.get().effect == "annulled"


def test_p01_receipt_and_withdrawal_stay_in_one_batch_however_many_there_are(operator, monkeypatch):
    """The relay must not come between them."""
    phone = make_phone()
    receipts = [phone.issue() for _ in range(101)]
    pairs = [(each, phone.withdraw(each)) for each in (receipts[0], receipts[100])]
    raw = rescue_file(phone, [*receipts, *(taken for _, taken in pairs)])
    batches = []
    real = intake.take_in_file
    monkeypatch.setattr(
        intake, "take_in_file", lambda items, staff: batches.append(items) or real(items, staff=staff)
    )
    row = imported(raw, operator)
    assert [len(batch) for batch in batches] == [100, 3]
    for receipt, taken in pairs:
        assert any({receipt.envelope, taken.envelope} <= set(batch) for batch in batches)
    assert {result for result, _ in results(row)} == {"accepted"}
    assert Receipt.objects.filter(state=State.ANNULLED).count() == 2
    assert [answer["id"] for answer in row.answers[:101]] == [each.id for each in receipts]


def test_an_import_cut_short_goes_on_where_it_was(operator, monkeypatch):
    """The database goes away after the first batch; whoever asks again, later, ends it."""
    phone = make_phone()
    row = kept(rescue_file(phone, [phone.issue() for _ in range(120)]), operator)
    real, calls = intake.take_in_file, []

    def fails_once(items, *, staff):
        calls.append(len(items))
        if len(calls) == 2:
            raise ConnectionError
        return real(items, staff=staff)

    monkeypatch.setattr(intake, "take_in_file", fails_once)
    now = timezone.now()
    with pytest.raises(ConnectionError):
        importing.take_in(row.pk, staff=operator, now=now)
    assert Receipt.objects.count() == 100
    with pytest.raises(UnderWayError):
        importing.take_in(row.pk, staff=operator, now=now + timedelta(seconds=30))
    done = importing.take_in(row.pk, staff=operator, now=now + timedelta(minutes=3))
    assert calls == [100, 20, 20]
    assert results(done) == [("accepted", "")] * 120


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


def test_p35_what_came_by_file_waits_on_its_phone_no_longer_for_the_office(operator):
    phone = make_phone()
    issued = [phone.issue() for _ in range(2)]
    phone.contact(waiting={"count": 2, "sum": 649100})
    imported(rescue_file(phone, issued), operator)
    there = Installation.objects.get(pk=installation_id(phone))
    assert (there.waiting_count, there.waiting_sum) == (0, 0)


@pytest.mark.django_db(transaction=True)
def test_two_operators_at_once_take_one_file_in_once():
    phone = make_phone()
    row = kept(rescue_file(phone, [phone.issue() for _ in range(5)]), make_staff(Role.OPERATOR))
    people = [make_staff(Role.OPERATOR) for _ in range(4)]
    now = timezone.now()
    tries = [
        Elsewhere(lambda who=who: importing.take_in(row.pk, staff=who, now=now)).begin() for who in people
    ]
    for each in tries:
        each.join(20)
    done = [each.outcome for each in tries if isinstance(each.outcome, RescueImport)]
    assert len(done) == 1
    assert all(isinstance(each.outcome, TakenInError | UnderWayError | RescueImport) for each in tries)
    row.refresh_from_db()
    assert results(row) == [("accepted", "")] * 5
    assert Receipt.objects.count() == Delivery.objects.count() == 5


@pytest.mark.django_db(transaction=True)
def test_two_operators_who_bring_one_file_at_once_have_one_row():
    phone = make_phone()
    raw = rescue_file(phone, [phone.issue()])
    operator = make_staff(Role.OPERATOR)
    tries = [
        Elsewhere(lambda: importing.keep(raw, staff=operator, now=timezone.now())).begin() for _ in range(4)
    ]
    rows = [each.result() for each in tries]
    assert {row.pk for row, _ in rows} == {RescueImport.objects.get().pk}
    assert sum(is_new for _, is_new in rows) == 1
