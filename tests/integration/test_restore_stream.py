"""What was taken away since the backup is taken away again, from the audit stream (F15, F35, P20, P25)."""

from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import pytest
from django.contrib.auth.models import Group
from django.core.management import call_command
from django.db import transaction
from django.utils import timezone
from django_otp.plugins.otp_totp.models import TOTPDevice

from accounts import agents, audit_stream, installations, phone_change
from accounts.audit_stream import AuditStreamError
from accounts.models import AgentSession, AgentStatus, Installation, InstallationCode, User
from backoffice import html, roles, staff_powers, totp
from backoffice.roles import Role
from receipts.models import NumberSeries, PaidBy, Receipt
from sync.office import annulling, refunding
from sync.office.refunding import Payout
from sync.restore import annulled, epoch
from tests.support.factories import installation_id, make_agent, make_phone
from tests.support.office import make_receipt, read, staff_client
from tests.support.restoring import after_restore, go_back, log_in

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("outside")]


def test_f35_revocations_and_dismissals_are_done_again_from_the_stream() -> None:
    lost, kept = make_phone(), make_phone()
    phone = Installation.objects.get(pk=installation_id(lost))
    agent = Installation.objects.get(pk=installation_id(kept)).agent
    installations.revoke(phone, now=timezone.now())
    agents.set_status(agent, AgentStatus.HANDOVER_ONLY, by=agent, reason="", now=timezone.now())
    Installation.objects.update(revoked_at=None)
    User.objects.filter(pk=agent.pk).update(agent_status=AgentStatus.WORKING)
    go_back()
    said = after_restore()
    assert f"Телефон {phone.code} отозван снова." in said
    phone.refresh_from_db()
    agent.refresh_from_db()
    assert phone.revoked_at is not None
    assert agent.agent_status == AgentStatus.HANDOVER_ONLY
    assert Installation.objects.filter(revoked_at=None).count() == 1


def test_f35_a_phone_registered_and_revoked_since_the_backup_stays_revoked() -> None:
    lost = make_phone()
    phone = Installation.objects.get(pk=installation_id(lost))
    installations.revoke(phone, now=timezone.now())
    known = Installation.objects.get(pk=phone.pk)
    AgentSession.objects.all().delete()
    InstallationCode.objects.all().delete()
    phone.notices.all().delete()
    phone.delete()
    go_back()
    after_restore()
    again = Installation.objects.get(pk=known.pk)
    assert (again.code, again.public_key) == (known.code, known.public_key)
    assert again.revoked_at is not None


def test_p25_a_changed_number_comes_back_and_the_former_one_opens_nothing(settings: Any) -> None:
    settings.TWO_PEOPLE = True
    agent, other = make_agent(phone_number="+79120000001"), make_agent(phone_number="+79120000002")
    people = [make_agent(), make_agent()]
    changed: dict[str, Any] = {
        "asked_by": people[0],
        "confirmed_by": people[1],
        "reason": "новый",
        "now": timezone.now(),
    }
    phone_change.change_by_office(agent, "+79120000003", **changed)
    phone_change.change_by_office(other, "+79120000001", **changed)
    User.objects.filter(pk=agent.pk).update(phone_number=None)
    User.objects.filter(pk=other.pk).update(phone_number="+79120000002")
    User.objects.filter(pk=agent.pk).update(phone_number="+79120000001")
    go_back()
    after_restore()
    numbers = dict(User.objects.filter(pk__in=[agent.pk, other.pk]).values_list("pk", "phone_number"))
    assert numbers == {agent.pk: "+79120000003", other.pk: "+79120000001"}


def test_f15_lines_that_somebody_changed_stop_neither_the_restore_nor_the_intake(outside: Path) -> None:
    phone = make_phone()
    agent = Installation.objects.get(pk=installation_id(phone)).agent
    for what in ("revoked", "code", "agent_status", "powers", "password", "number", "annulled"):
        audit_stream.write(what, person="nobody", installation="nothing")
        audit_stream.write(what)
    audit_stream.write("powers", person=str(agent.pk), is_active="yes")
    audit_stream.write("agent_status", person=str(agent.pk), status="x" * 500)
    path = next(outside.glob("audit-*.jsonl"))
    path.write_bytes(path.read_bytes() + b'{"at": "2099-01-01T00:00:00", "what": "revoked"}\n[]\n7\n')
    go_back()
    said = after_restore()
    assert "НЕ ВЫПОЛНЕНО: строку журнала «powers»" in said
    assert phone.ping()["agent"] is None  # it answers again
    annulled._read.cache_clear()
    assert annulled.before(epoch.current().pk) == frozenset()


def test_p20_no_line_of_a_file_makes_anybody_a_superuser() -> None:
    person = User.objects.create(username="clerk", is_staff=True)
    audit_stream.write(
        "powers", person=str(person.pk), is_active=True, is_staff=True, is_superuser=True, roles=[]
    )
    go_back()
    after_restore()
    person.refresh_from_db()
    assert (person.is_staff, person.is_superuser) == (True, False)


def test_p20_staff_powers_and_passwords_of_the_former_time_open_nothing() -> None:
    call_command("roles")
    left, moved = (User.objects.create(username=name, is_staff=True) for name in ("left", "moved"))
    for person in (left, moved):
        person.set_password("a former password")
        person.save()
    User.objects.filter(pk=left.pk).update(is_staff=False)
    left.refresh_from_db()
    staff_powers.write_down(left)
    moved.groups.set(Group.objects.filter(name=roles.Role.AUDITOR))
    staff_powers.write_down(moved)
    staff_powers.write_down_password(str(moved.pk))
    TOTPDevice.objects.create(user=moved, confirmed=True)
    totp.forget(moved)
    User.objects.update(is_staff=True)
    moved.groups.clear()
    TOTPDevice.objects.create(user=moved, confirmed=True)
    go_back()
    after_restore()
    left.refresh_from_db()
    moved.refresh_from_db()
    assert (left.is_staff, moved.is_staff) == (False, True)
    assert list(moved.groups.values_list("name", flat=True)) == [roles.Role.AUDITOR]
    assert not moved.has_usable_password()
    assert not TOTPDevice.objects.exists()


def test_a_revocation_that_cannot_be_written_outside_is_not_done_and_says_so(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    phone = Installation.objects.get(pk=installation_id(make_phone()))

    def full(*_: Any) -> None:
        raise OSError("read-only file system")

    monkeypatch.setattr(audit_stream, "_append", full)
    with pytest.raises(audit_stream.AuditStreamError), transaction.atomic():
        installations.revoke(phone, now=timezone.now())
    phone.refresh_from_db()
    assert phone.revoked_at is None
    assert phone.sessions.filter(ended_at=None).exists()


def test_f15_what_the_office_annulled_since_the_backup_goes_to_kias_by_no_way(settings: Any) -> None:
    phone, staff = make_phone(), User.objects.create(username="senior", is_staff=True)
    known, unknown = phone.issue(), phone.issue()
    phone.send(known)
    go_back()
    audit_stream.write("annulled", receipt=known.id)
    annulled.write_down(UUID(unknown.id))
    assert "снова ждут офис: 1" in after_restore()
    held = Receipt.objects.get(pk=known.id)
    assert (held.state, held.reason) == ("held", "annulled_before_restore")
    log_in(phone, held.agent)
    phone.register()
    phone.contact()
    answer = phone.send(unknown)[0]
    assert (answer["result"], answer["reason"]) == ("held", "annulled_before_restore")
    annulling.annul(held.pk, staff=staff, text="Клиент не заплатил.")
    assert [line.told["receipt"] for line in audit_stream.all_lines() if line.what == "annulled"] == [
        known.id,
        unknown.id,
        known.id,
    ]


def test_f15_a_refund_made_since_the_backup_is_named_so_that_nobody_pays_out_twice(
    series: NumberSeries, person: User
) -> None:
    known, forgotten, taken_back = (make_receipt(state="registered", kias_isn=isn) for isn in "123")
    payout = Payout(by=PaidBy.DESK, name="Петрова А. И.", day=timezone.localdate())
    refund = refunding.refund(known.pk, payout=payout, staff=person, text="Передумал.")
    line = audit_stream.all_lines()[-1]
    assert (line.what, line.told["refund"]) == ("given_back", str(refund.pk))
    assert "Петрова" not in str(line.told)
    gone, ended = uuid4(), uuid4()  # the backup is older than these
    for original, each, number in ((forgotten, gone, "АВ-00000007"), (taken_back, ended, "АВ-00000008")):
        audit_stream.write("given_back", receipt=str(original.pk), refund=str(each), number=number)
    annulled.write_down(ended)
    go_back()
    said = after_restore()
    assert said.count("ВОЗВРАТА НЕТ") == 1
    assert f"ВОЗВРАТА НЕТ: № АВ-00000007 по квитанции {forgotten.number}" in said
    operator = staff_client(Role.OPERATOR)
    warned = [
        "был возврат № АВ-00000007.</b> Его нет в базе" in read(operator, html.page_of(each))
        for each in (known, forgotten, taken_back)
    ]
    assert warned == [False, True, False]


def test_a_refund_that_cannot_be_written_outside_is_not_made_and_says_so(
    series: NumberSeries, person: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    original = make_receipt(state="registered", kias_isn="1")
    payout = Payout(by=PaidBy.DESK, name="Петрова А. И.", day=timezone.localdate())
    monkeypatch.setattr(audit_stream, "write", lambda *_, **__: (_ for _ in ()).throw(AuditStreamError))
    with pytest.raises(AuditStreamError, match="Не сделано"):
        refunding.refund(original.pk, payout=payout, staff=person, text="Передумал.")
    assert Receipt.objects.count() == 1
