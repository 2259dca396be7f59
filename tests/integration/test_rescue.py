"""A rescue file in the office: everything in it arrives, once (P36, P02, F33, F35, F41)."""

from datetime import timedelta

import pytest
from django.utils import timezone

from accounts import installations
from accounts.models import AgentStatus, Installation
from backoffice.roles import Role
from receipts.models import Receipt, ReceiptEvent, Withdrawal
from receipts.states import State
from sync import intake
from sync.models import Delivery
from sync.models.rescue import RescueImport
from sync.rescue import contents as rescue_contents
from sync.rescue import importing
from sync.rescue.importing import TakenInError, UnderWayError
from tests.support.elsewhere import Elsewhere
from tests.support.factories import installation_id, make_agent, make_phone
from tests.support.office import make_staff
from tests.support.phone import moment
from tests.support.rescue import imported, kept, rescue_file, results

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("keys")]


@pytest.fixture
def operator():
    return make_staff(Role.OPERATOR)


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
