"""After a restore no number and no phone's code is given twice (spec «Epoch», F15, F21)."""

from pathlib import Path
from typing import Any

import pytest
from django.utils import timezone

from accounts import audit_stream, installations
from accounts.models import Installation, InstallationCode
from receipts.models import ForgottenNumbers, NumberReservation, NumberSeries
from sync.models import HighWater, IntakeException
from sync.restore import high_water
from tests.support.factories import installation_id, make_phone, make_series
from tests.support.restoring import after_restore, go_back, log_in, told_outside

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("outside")]


def test_f15_series_jump_past_what_is_known_outside_and_no_number_is_given_twice(
    outside: Path, settings: Any
) -> None:
    settings.RESTORE_SERIES_MARGIN = 10
    series = make_series()
    phone, other = make_phone(), make_phone()
    for each in (phone, other):
        each.reserve()
    high_water.note(at_once=True)
    assert told_outside(outside)["series"][str(series.pk)] == 3
    # Yesterday: nothing had been given yet.
    NumberReservation.objects.all().delete()
    NumberSeries.objects.update(next=1)
    go_back_keeping_the_series()
    after_restore()
    series.refresh_from_db()
    assert series.next == 13
    assert list(ForgottenNumbers.objects.values_list("first", "last")) == [(1, 12)]


def go_back_keeping_the_series() -> None:
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
