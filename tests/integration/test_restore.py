"""A restored database: noticed, closed, and set right by `manage.py after_restore` (spec «Epoch», F15)."""

import io
import json
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from django.contrib.auth.models import Group
from django.contrib.sessions.models import Session
from django.core.management import call_command
from django.db import transaction
from django.test import Client
from django.utils import timezone
from django_otp.oath import TOTP
from django_otp.plugins.otp_totp.models import TOTPDevice

from accounts import agents, audit_stream, durable, installations, phone_change, sessions
from accounts.models import AgentSession, AgentStatus, Installation, InstallationCode, LoginAttempt, User
from backoffice import restoring, roles, staff_powers, totp
from backoffice.models import Action, Approval, Decision
from backoffice.roles import Role
from backoffice.system_state import sections
from receipts.models import ForgottenNumbers, NumberReservation, NumberSeries, Receipt
from sync import sealing_keys, tasks
from sync.figures import collect
from sync.models import Delivery, Epoch, HighWater, IntakeException, KiasPause
from sync.office import annulling
from sync.restore import annulled, epoch, high_water
from tests.support.elsewhere import Elsewhere
from tests.support.factories import in_process, installation_id, make_agent, make_phone, make_series
from tests.support.office import make_staff
from tests.support.phone import Phone
from tests.support.stack import wait_for

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def folder(settings: Any, tmp_path: Path) -> Path:
    settings.SEALING_KEY_DIRS = [tmp_path / "a", tmp_path / "b"]
    sealing_keys.make()
    settings.AUDIT_STREAM = str(tmp_path / "audit")
    epoch.current()
    high_water.note(at_once=True)
    return tmp_path / "audit"


def told_outside(folder: Path) -> dict[str, Any]:
    told: dict[str, Any] = json.loads((folder / "high-water.json").read_bytes())
    return told


def go_back() -> None:
    """As a backup has it: the database's mark is behind the file's."""
    high_water.note(at_once=True)
    HighWater.objects.update(value=1)
    high_water._sound.line = None  # a restored database comes with new connections


def after_restore(*options: str) -> str:
    said = io.StringIO()
    call_command("after_restore", *options, stdout=said)
    return said.getvalue()


def error_of(answer: Any) -> tuple[int, str]:
    return answer.status_code, answer.json()["error"]["code"]


# --- the mark


def test_the_mark_moves_on_with_the_work_at_most_once_a_second(folder: Path) -> None:
    before = told_outside(folder)["value"]
    phone = make_phone()
    for _ in range(5):
        phone.send(phone.issue())
    assert before <= told_outside(folder)["value"] <= before + 2
    high_water.note(at_once=True)
    assert told_outside(folder)["value"] == HighWater.objects.get().value > before


def test_the_file_never_goes_back(folder: Path) -> None:
    high_water.note(at_once=True)
    high_water.note(at_once=True)
    highest = told_outside(folder)["value"]
    HighWater.objects.update(value=1)
    high_water.write_outside()
    assert told_outside(folder)["value"] == highest


def test_a_file_that_was_lost_is_remembered_by_the_process_and_written_again(folder: Path) -> None:
    high_water.note(at_once=True)
    (folder / "high-water.json").unlink()
    assert not high_water.is_behind()
    HighWater.objects.update(value=0)
    assert high_water.is_behind()
    HighWater.objects.update(value=50)
    high_water.note(at_once=True)
    assert told_outside(folder)["value"] == 51


@pytest.mark.parametrize("left", [None, b"", b"{}", b"[1]"])
def test_f15_a_mark_that_was_lost_is_never_begun_anew_in_silence(
    folder: Path, left: bytes | None, caplog: pytest.LogCaptureFixture
) -> None:
    high_water.note(at_once=True)
    high_water._memory.values.clear()  # the machine was started anew
    (folder / "high-water.json").unlink()
    if left is not None:
        (folder / "high-water.json").write_bytes(left)
    high_water.note(at_once=True)
    high_water.note(at_once=True)
    assert [each.message for each in caplog.records].count(high_water.LOST) == 1


def test_f15_that_the_mark_was_lost_is_a_figure_for_a_day_or_until_after_restore(folder: Path) -> None:
    lost = "kias_high_water_lost"
    now = timezone.now()
    assert collect(now).one(lost) == 0
    high_water.note(at_once=True)
    high_water._memory.values.clear()
    (folder / "high-water.json").unlink()
    high_water.note(at_once=True)
    high_water.note(at_once=True)  # whoever writes next keeps it
    assert [collect(now + timedelta(hours=hours)).one(lost) for hours in (0, 23, 25)] == [1, 1, 0]
    lines = {line.name: line.value for _, part in sections(collect(now)) for line in part}
    assert lines["Отметка вне базы"] == "потеряна"
    after_restore("--anyway")
    assert collect(now).one(lost) == 0


def test_f15_after_restore_in_an_empty_folder_leaves_no_alarm(folder: Path) -> None:
    high_water.note(at_once=True)
    high_water._memory.values.clear()
    (folder / "high-water.json").unlink()
    after_restore("--anyway")
    high_water.note(at_once=True)
    assert collect(timezone.now()).one("kias_high_water_lost") == 0


def test_a_mark_that_cannot_be_written_stops_no_receipt(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    phone = make_phone()

    def full(*_: Any) -> None:
        raise OSError("no space left on device")

    monkeypatch.setattr(durable, "write_whole", full)
    assert phone.send(phone.issue())[0]["result"] == "accepted"


# --- closed


def test_f15_an_older_database_takes_nothing_tells_nothing_and_sends_nothing(monkeypatch: Any) -> None:
    phone = make_phone()
    waiting = phone.issue()
    go_back()
    assert error_of(phone.get("ping")) == (503, "try_later")
    assert error_of(phone.get("setup")) == (503, "try_later")
    refused = phone.post("receipts", {"envelopes": [waiting.envelope]})
    assert error_of(refused) == (503, "try_later")
    assert int(refused.headers["Retry-After"]) > 0
    assert error_of(phone.post("login/code", {"phone_number": "+79120000000"})) == (503, "try_later")
    acts = Client().get("/admin/login/")
    assert (acts.status_code, "after_restore" in acts.content.decode()) == (503, True)
    assert Client().get("/").status_code != 503  # the app itself opens
    monkeypatch.setattr(tasks, "kias_gateway", lambda: pytest.fail("KIAS was called"))
    tasks.relay()
    before = HighWater.objects.get().value
    tasks.sweep()
    assert HighWater.objects.get().value == before  # never counted over the gap

    after_restore()
    assert phone.get("ping").status_code == 200


# --- what the command does


def test_f15_it_does_nothing_where_nothing_was_restored() -> None:
    assert "Делать нечего" in after_restore()
    assert Epoch.objects.count() == 1
    assert "Новая эпоха" in after_restore("--anyway")
    assert Epoch.objects.count() == 2
    assert "Делать нечего" in after_restore()


@pytest.mark.django_db(transaction=True)
def test_f15_killed_at_any_step_it_has_done_nothing_and_the_server_stays_closed(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    make_phone()
    make_series()
    go_back()
    steps = ["_staff", "_again", "_series"]
    for step in steps:
        with monkeypatch.context() as patch:
            patch.setattr(restoring, step, lambda *_: (_ for _ in ()).throw(KeyboardInterrupt))
            with pytest.raises(KeyboardInterrupt):
                after_restore()
        assert Epoch.objects.count() == 1
        assert AgentSession.objects.filter(ended_at=None).count() == 1
        assert high_water.is_behind()
    with monkeypatch.context() as patch:  # after the commit: the database is ahead already
        patch.setattr(durable, "write_whole", lambda *_: (_ for _ in ()).throw(KeyboardInterrupt))
        with pytest.raises(KeyboardInterrupt):
            after_restore()
    assert Epoch.objects.count() == 2
    assert not high_water.is_behind()
    assert "Делать нечего" in after_restore()


def test_f15_every_session_code_and_request_of_the_former_time_is_over() -> None:
    phone = make_phone()
    staff = User.objects.create(username="office", is_staff=True)
    device = TOTPDevice.objects.create(user=staff, confirmed=True)
    client = Client()
    client.force_login(staff)
    agent = make_agent()
    asking = Phone(in_process())
    asking.ping()
    assert asking.post("login/code", {"phone_number": agent.phone_number}).status_code == 202
    attempt = LoginAttempt.objects.get()
    go_back()
    after_restore()
    assert phone.ping()["agent"] is None
    assert not Session.objects.exists()
    attempt.refresh_from_db()
    assert not attempt.is_open
    otp: Any = TOTP(device.bin_key, device.step, device.t0, device.digits, device.drift)  # type: ignore[no-untyped-call]
    otp.time = timezone.now().timestamp()
    with pytest.raises(totp.WrongTokenError):
        totp.accept(device, f"{otp.token():06}", address="10.0.0.1", now=timezone.now())


def test_p20_requests_that_wait_for_a_senior_lapse_and_stop_no_restore() -> None:
    now = timezone.now()
    asked = Approval.objects.create(
        action=Action.RELEASE, subject="x", asked_by=make_staff(Role.OPERATOR), asked_at=now, reason="Надо"
    )
    go_back()
    assert "Снято просьб о подтверждении: 1" in after_restore()
    asked.refresh_from_db()
    assert (asked.decision, asked.decided_by) == (Decision.LAPSED, None)


def test_f15_kias_is_left_alone_until_the_former_calls_have_ended(settings: Any) -> None:
    phone = make_phone()
    phone.send(phone.issue())
    Delivery.objects.update(claim=epoch.current().pk, lease_until=timezone.now() + timedelta(hours=1))
    go_back()
    after_restore()
    delivery = Delivery.objects.get()
    assert (delivery.claim, delivery.lease_until) == (None, None)
    pause = KiasPause.objects.get()
    assert pause.ended_at is not None
    lasts = (pause.ended_at - pause.started_at).total_seconds()
    assert lasts == settings.KIAS_TIMEOUT_S + settings.KIAS_SETTLE_S


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


def test_f15_lines_that_somebody_changed_stop_neither_the_restore_nor_the_intake(folder: Path) -> None:
    phone = make_phone()
    agent = Installation.objects.get(pk=installation_id(phone)).agent
    for what in ("revoked", "code", "agent_status", "powers", "password", "number", "annulled"):
        audit_stream.write(what, person="nobody", installation="nothing")
        audit_stream.write(what)
    audit_stream.write("powers", person=str(agent.pk), is_active="yes")
    audit_stream.write("agent_status", person=str(agent.pk), status="x" * 500)
    path = next(folder.glob("audit-*.jsonl"))
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


# --- what the office had annulled


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


# --- numbers


def test_f15_series_jump_past_what_is_known_outside_and_no_number_is_given_twice(
    folder: Path, settings: Any
) -> None:
    settings.RESTORE_SERIES_MARGIN = 10
    series = make_series()
    phone, other = make_phone(), make_phone()
    for each in (phone, other):
        each.reserve()
    high_water.note(at_once=True)
    assert told_outside(folder)["series"][str(series.pk)] == 3
    # Yesterday: nothing had been given yet.
    NumberReservation.objects.all().delete()
    NumberSeries.objects.update(next=1)
    go_back_keeping_the_series(folder)
    after_restore()
    series.refresh_from_db()
    assert series.next == 13
    assert list(ForgottenNumbers.objects.values_list("first", "last")) == [(1, 12)]


def go_back_keeping_the_series(folder: Path) -> None:
    HighWater.objects.update(value=0)
    high_water._sound.line = None
    assert high_water.is_behind()


def test_f15_a_receipt_under_a_forgotten_number_is_accepted_once_and_another_phone_s_is_held() -> None:
    series = make_series()
    series.next = 40
    series.save()
    now = timezone.now()
    ForgottenNumbers.objects.create(series=series, first=1, last=39, since=now)
    phone, other = make_phone(), make_phone()
    own = phone.reserve()  # it has asked for a new one already
    answer = phone.send(phone.sealed(phone.content(number="АВ-00000007")))
    assert answer[0]["result"] == "accepted"
    assert NumberReservation.objects.get(number="АВ-00000007").spent_at is not None
    assert phone.reserve() == own
    taken = other.send(other.sealed(other.content(number="АВ-00000007")))
    assert (taken[0]["result"], taken[0]["reason"]) == ("held", "foreign_number")
    beyond = other.send(other.sealed(other.content(number="АВ-00000041")))
    assert (beyond[0]["result"], beyond[0]["reason"]) == ("held", "foreign_number")
    assert IntakeException.objects.count() == 2


# --- phones


def test_f15_a_phone_with_a_code_and_counter_of_the_forgotten_time_keeps_both() -> None:
    phone = make_phone()
    pk = installation_id(phone)
    row = Installation.objects.get(pk=pk)
    former = row.code
    new = installations.give_code(row, "clone")
    # The backup knows the former code only, and the stream was lost.
    InstallationCode.objects.filter(code=new).delete()
    Installation.objects.filter(pk=pk).update(code=former, counter=3)
    assert phone.installation is not None
    phone.installation |= {"code": new, "counter": 17}
    go_back()
    for path in Path(audit_stream.folder() or "").glob("audit-*.jsonl"):
        path.unlink()
    after_restore()
    agent = row.agent
    phone.client.cookies.clear()
    log_in(phone, agent)
    assert phone.register()["installation"] == {"id": str(pk), "code": new, "counter": 17}
    phone.contact()
    assert phone.send(phone.issue())[0]["result"] == "accepted"
    phone.installation |= {"code": "АВЕКМ"}  # from now on nobody names his own code
    log_in(phone, agent)
    assert phone.register()["installation"]["code"] == new


def test_f21_a_code_given_since_comes_back_from_the_stream() -> None:
    phone = make_phone()
    row = Installation.objects.get(pk=installation_id(phone))
    former = row.code
    new = installations.give_code(row, "clone")
    InstallationCode.objects.filter(code=new).delete()
    Installation.objects.update(code=former)
    go_back()
    after_restore()
    row.refresh_from_db()
    assert row.code == new
    assert set(row.codes.values_list("code", flat=True)) == {former, new}


def log_in(phone: Phone, agent: User) -> None:
    _, token = sessions.open_for(agent, now=timezone.now())
    phone.client.cookies.set("kias_session", token, path="/api/")


@pytest.mark.django_db(transaction=True)
def test_f15_two_commands_at_once_begin_one_epoch() -> None:
    make_phone()
    go_back()
    with transaction.atomic():
        epoch.only_one()
        both = [Elsewhere(after_restore).begin() for _ in range(2)]
        wait_for(lambda: all(each.waits_for_a_lock() for each in both), "both wait")
    said = [each.result() for each in both]
    assert sorted("Делать нечего" in each for each in said) == [False, True]
    assert Epoch.objects.count() == 2


# --- keys


def test_f40_p06_an_envelope_kept_while_its_key_was_gone_is_taken_in_when_the_file_is_back(
    settings: Any,
) -> None:
    phone = make_phone()
    issued = phone.issue()
    away = []
    for folder in settings.SEALING_KEY_DIRS:
        for path in folder.glob("*.pem"):
            away.append((path, path.read_bytes()))
            path.unlink()
    sealing_keys._opened.clear()
    sealing_keys.make()
    assert phone.send(issued)[0] | {"id": None} == {"id": None, "result": "held", "reason": "unreadable"}
    assert IntakeException.objects.get().envelope == issued.envelope
    said = io.StringIO()
    call_command("take_in_again", stdout=said)
    assert "Принято: 0. Осталось в исключениях: 1." in said.getvalue()
    for path, pem in away:
        path.write_bytes(pem)
    call_command("take_in_again", stdout=said)
    assert "Принято: 1. Осталось в исключениях: 0." in said.getvalue()
    assert IntakeException.objects.get().ended_at is not None
    assert phone.status(issued.id)[issued.id]["result"] == "accepted"
    assert Delivery.objects.get().ask_first == "released"
    assert phone.send(issued)[0]["result"] == "already_accepted"
