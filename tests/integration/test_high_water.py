"""The mark outside the database: an older database is noticed, and the server closed (F15, ADR 0030)."""

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from accounts import durable
from backoffice.system_state import sections
from sync import tasks
from sync.figures import collect
from sync.models import HighWater
from sync.restore import high_water
from tests.support.factories import make_phone
from tests.support.restoring import after_restore, error_of, go_back, told_outside

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("outside")]


def test_the_mark_moves_on_with_the_work_at_most_once_a_second(outside: Path) -> None:
    before = told_outside(outside)["value"]
    phone = make_phone()
    for _ in range(5):
        phone.send(phone.issue())
    assert before <= told_outside(outside)["value"] <= before + 2
    high_water.note(at_once=True)
    assert told_outside(outside)["value"] == HighWater.objects.get().value > before


def test_the_file_never_goes_back(outside: Path) -> None:
    high_water.note(at_once=True)
    high_water.note(at_once=True)
    highest = told_outside(outside)["value"]
    HighWater.objects.update(value=1)
    high_water.write_outside()
    assert told_outside(outside)["value"] == highest


def test_a_file_that_was_lost_is_remembered_by_the_process_and_written_again(outside: Path) -> None:
    high_water.note(at_once=True)
    (outside / "high-water.json").unlink()
    assert not high_water.is_behind()
    HighWater.objects.update(value=0)
    assert high_water.is_behind()
    HighWater.objects.update(value=50)
    high_water.note(at_once=True)
    assert told_outside(outside)["value"] == 51


@pytest.mark.parametrize("left", [None, b"", b"{}", b"[1]"])
def test_f15_a_mark_that_was_lost_is_never_begun_anew_in_silence(
    outside: Path, left: bytes | None, caplog: pytest.LogCaptureFixture
) -> None:
    high_water.note(at_once=True)
    high_water._memory.values.clear()  # the machine was started anew
    (outside / "high-water.json").unlink()
    if left is not None:
        (outside / "high-water.json").write_bytes(left)
    high_water.note(at_once=True)
    high_water.note(at_once=True)
    assert [each.message for each in caplog.records].count(high_water.LOST) == 1


def test_f15_that_the_mark_was_lost_is_a_figure_for_a_day_or_until_after_restore(outside: Path) -> None:
    lost = "kias_high_water_lost"
    now = timezone.now()
    assert collect(now).one(lost) == 0
    high_water.note(at_once=True)
    high_water._memory.values.clear()
    (outside / "high-water.json").unlink()
    high_water.note(at_once=True)
    high_water.note(at_once=True)  # whoever writes next keeps it
    assert [collect(now + timedelta(hours=hours)).one(lost) for hours in (0, 23, 25)] == [1, 1, 0]
    lines = {line.name: line.value for _, part in sections(collect(now)) for line in part}
    assert lines["Отметка вне базы"] == "потеряна"
    after_restore("--anyway")
    assert collect(now).one(lost) == 0


def test_f15_after_restore_in_an_empty_folder_leaves_no_alarm(outside: Path) -> None:
    high_water.note(at_once=True)
    high_water._memory.values.clear()
    (outside / "high-water.json").unlink()
    after_restore("--anyway")
    high_water.note(at_once=True)
    assert collect(timezone.now()).one("kias_high_water_lost") == 0


def test_a_mark_that_cannot_be_written_stops_no_receipt(
    outside: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    phone = make_phone()

    def full(*_: Any) -> None:
        raise OSError("no space left on device")

    monkeypatch.setattr(durable, "write_whole", full)
    assert phone.send(phone.issue())[0]["result"] == "accepted"


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
