"""Login rows have an end (P26)."""

import uuid
from datetime import timedelta

import pytest
from django.utils import timezone

from accounts import office_codes, retention, sessions, tasks, throttles
from accounts.models import AgentSession, Installation, LoginAttempt, OfficeCode, RateBucket
from accounts.throttles import Purse
from tests.support.factories import make_agent, make_installation
from tests.support.login import Browser

pytestmark = pytest.mark.django_db

NOW = timezone.now()
OLD = NOW - timedelta(days=181)


def attempt(browser: Browser) -> LoginAttempt:
    browser.ask(make_agent().phone_number)
    return browser.attempt


def test_p26_attempts_and_their_office_codes_go_after_180_days_and_no_sooner() -> None:
    staff = [make_agent(status="", is_staff=True) for _ in range(2)]
    old, young = attempt(Browser()), attempt(Browser())
    for each in (old, young):
        office_codes.give(each, asked_by=staff[0], confirmed_by=staff[1], reason="нет SMS", now=NOW)
    LoginAttempt.objects.filter(pk=old.pk).update(created_at=OLD)
    OfficeCode.objects.filter(attempt=old).update(given_at=OLD)
    LoginAttempt.objects.filter(pk=young.pk).update(created_at=NOW - timedelta(days=179))
    retention.forget(now=NOW)
    assert list(LoginAttempt.objects.all()) == [young]
    assert OfficeCode.objects.get().attempt == young


def test_p26_sessions_that_nobody_can_use_go_and_their_installations_stay() -> None:
    agent = make_agent()
    installation = make_installation(agent=agent)

    def session(**changed: object) -> uuid.UUID:
        row, _ = sessions.open_for(agent, now=NOW)
        AgentSession.objects.filter(pk=row.pk).update(installation=installation, **changed)
        return row.pk

    session(ended_at=OLD)
    session(last_contact_at=NOW - timedelta(days=211))
    kept = {
        session(),
        session(ended_at=NOW - timedelta(days=179)),
        session(last_contact_at=NOW - timedelta(days=181)),  # over since 151 days
    }
    retention.forget(now=NOW)
    assert set(AgentSession.objects.values_list("pk", flat=True)) == kept
    assert Installation.objects.filter(pk=installation.pk).exists()


def test_counts_of_passed_hours_go_after_two_days() -> None:
    for hours in (1, 47, 50, 1_000):
        throttles.take([Purse(f"of {hours}", 1)], now=NOW - timedelta(hours=hours))
    retention.forget(now=NOW)
    assert set(RateBucket.objects.values_list("key", flat=True)) == {"of 1", "of 47"}


def test_much_goes_a_little_at_a_time(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(retention, "AT_ONCE", 3)
    RateBucket.objects.bulk_create(RateBucket(key=f"old {n}", window_start=OLD) for n in range(7))
    assert [retention.forget(now=NOW) for _ in range(4)] == [3, 3, 1, 0]


def test_the_beat_knows_the_task() -> None:
    RateBucket.objects.create(key="old", window_start=OLD)
    tasks.forget_old_logins.apply()
    assert not RateBucket.objects.exists()
