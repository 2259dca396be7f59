"""`manage.py after_restore`: what it ends, what it leaves alone, once and whole (spec «Epoch», F15)."""

from datetime import timedelta
from typing import Any

import pytest
from django.contrib.sessions.models import Session
from django.db import transaction
from django.test import Client
from django.utils import timezone
from django_otp.oath import TOTP
from django_otp.plugins.otp_totp.models import TOTPDevice

from accounts import durable
from accounts.models import AgentSession, LoginAttempt, User
from backoffice import restoring, totp
from backoffice.models import Action, Approval, Decision
from backoffice.roles import Role
from sync.models import Delivery, Epoch, KiasPause
from sync.restore import epoch, high_water
from tests.support.elsewhere import Elsewhere
from tests.support.factories import in_process, make_agent, make_phone, make_series
from tests.support.office import make_staff
from tests.support.phone import Phone
from tests.support.restoring import after_restore, go_back
from tests.support.stack import wait_for

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("outside")]


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
