"""KIAS's maintenance: a calendar, nothing sent, no alarm, one calm sentence, a careful start (P37)."""

from datetime import UTC, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.core.exceptions import ImproperlyConfigured
from django.utils import timezone

from accounts.models import AgentNotice
from backoffice.admin.windows import WindowForm
from backoffice.roles import Role
from kias_offline.settings.kias import maintenance_windows
from receipts.states import State
from sync import figures
from sync.models import KiasCircuit, KiasPause, KiasWindow
from sync.relay import maintenance, windows
from sync.relay.kias_rest import Rest, rest
from sync.relay.windows import Window, occurrences
from tests.support.factories import make_agent, make_installation
from tests.support.office import staff_client
from tests.support.relaying import Desk, calls, state

pytestmark = pytest.mark.django_db

MOSCOW = ZoneInfo("Europe/Moscow")
NOW = datetime(2026, 11, 22, 7, 0, tzinfo=UTC)  # a Sunday, 10:00 in Moscow


def planned() -> list[tuple[datetime, datetime | None]]:
    return list(
        KiasPause.objects.exclude(calendar="").order_by("started_at").values_list("started_at", "ended_at")
    )


def test_weekly_windows_stand_at_the_same_time_of_the_office_s_day() -> None:
    nightly = Window(key="a", weekday=6, at=time(2), minutes=240, reason="ночь")
    found = occurrences([nightly], NOW, NOW + timedelta(days=15), MOSCOW)
    assert [each.starts_at.astimezone(MOSCOW).isoformat() for each in found] == [
        "2026-11-29T02:00:00+03:00",
        "2026-12-06T02:00:00+03:00",
    ]
    assert found[0].ends_at - found[0].starts_at == timedelta(hours=4)


def test_a_window_that_has_begun_is_still_one_and_one_that_is_over_is_none() -> None:
    once = Window(key="b", starts_at=NOW - timedelta(minutes=30), minutes=60, reason="раз")
    assert len(occurrences([once], NOW, NOW + timedelta(days=1), MOSCOW)) == 1
    assert occurrences([once], NOW + timedelta(minutes=30), NOW + timedelta(days=1), MOSCOW) == []
    overnight = Window(key="c", weekday=5, at=time(23), minutes=12 * 60, reason="ночь")
    assert occurrences([overnight], NOW, NOW + timedelta(hours=1), MOSCOW), "since yesterday evening"


@pytest.mark.parametrize(
    ("line", "window"),
    [("sun 02:00-06:00", (6, time(2), 240)), ("sat 23:30-00:30", (5, time(23, 30), 60))],
)
def test_the_setting_names_weekly_windows(line: str, window: tuple[int, time, int]) -> None:
    assert maintenance_windows([line]) == [window]


@pytest.mark.parametrize("line", ["sunday 02:00-06:00", "sun 02:00", "sun 25:00-26:00", ""])
def test_a_window_that_cannot_be_read_stops_the_start(line: str) -> None:
    with pytest.raises(ImproperlyConfigured, match="KIAS_WINDOWS"):
        maintenance_windows([line])


def test_the_calendar_is_written_ahead_once_and_follows_its_changes(settings: Any) -> None:
    settings.KIAS_WINDOWS = [(6, time(2), 240)]
    row = KiasWindow.objects.create(starts_at=NOW + timedelta(days=1), minutes=30, reason="обновление")
    for _ in range(2):
        windows.plan(NOW)
    assert len(planned()) == 3
    row.minutes = 45
    row.save()
    windows.plan(NOW)
    assert planned()[0] == (NOW + timedelta(days=1), NOW + timedelta(days=1, minutes=45))
    row.is_active = False
    row.save()
    windows.plan(NOW)
    assert len(planned()) == 2


def test_a_window_that_has_begun_is_history_and_a_person_s_longer_end_stays() -> None:
    row = KiasWindow.objects.create(starts_at=NOW, minutes=30, reason="обновление")
    windows.plan(NOW - timedelta(hours=1))
    KiasPause.objects.update(ended_at=NOW + timedelta(hours=2))
    for change in (45, 30):
        row.minutes = change
        row.save()
        windows.plan(NOW + timedelta(minutes=5))
    assert planned() == [(NOW, NOW + timedelta(hours=2))]
    KiasWindow.objects.all().delete()
    windows.plan(NOW + timedelta(minutes=6))
    assert len(planned()) == 1


def test_p37_inside_a_window_nothing_is_sent_and_afterwards_it_is_asked_for_first(desk: Desk) -> None:
    KiasWindow.objects.create(starts_at=desk.clock.moment, minutes=60, reason="обновление")
    windows.plan(desk.clock.moment)
    receipt = desk.accept()
    end = desk.clock.moment + timedelta(minutes=60)
    for _ in range(59):
        desk.run_after(60)
    assert (desk.kias.saves, desk.kias.finds) == (0, 0)
    assert rest(desk.clock) == Rest("maintenance", end)
    desk.run_after(60)
    assert state(receipt) == State.REGISTERED
    assert calls(receipt)[:2] == [("find", "ok"), ("save", "ok")], "the office may have typed it in meanwhile"
    assert KiasCircuit.objects.get().allowed == 1
    assert rest(desk.clock) is None


def test_p37_the_phone_hears_one_calm_sentence_until_it_is_read_or_the_window_is_over() -> None:
    installation = make_installation(agent=make_agent())
    KiasPause.objects.create(
        started_at=NOW, ended_at=datetime(2026, 11, 22, 9, 0, tzinfo=UTC), reason="ночь", calendar="window:1"
    )
    told = [maintenance.unread(installation, NOW + timedelta(minutes=n)) for n in (0, 1)]
    assert [[each.text for each in rows] for rows in told] == [
        ["КИАС на обслуживании до 12:00 (МСК). Квитанции приняты и в сохранности."]
    ] * 2
    assert AgentNotice.objects.count() == 1
    other = make_installation(agent=make_agent())
    assert len(maintenance.unread(other, NOW)) == 1
    AgentNotice.objects.filter(installation=installation).update(read_at=NOW)
    assert maintenance.unread(installation, NOW + timedelta(minutes=2)) == [], "read is read"
    assert maintenance.unread(other, NOW + timedelta(hours=2)) == [], "over is over"
    assert maintenance.unread(other, NOW + timedelta(hours=3)) == []


def test_a_person_s_pause_is_no_maintenance_and_tells_the_phones_nothing() -> None:
    KiasPause.objects.create(started_at=NOW, ended_at=NOW + timedelta(hours=1), reason="разбираемся")
    assert maintenance.unread(make_installation(agent=make_agent()), NOW) == []


def test_p37_a_window_that_overruns_is_counted_from_its_end_and_one_that_kias_kept_is_not() -> None:
    end = NOW - timedelta(minutes=40)
    KiasPause.objects.create(
        started_at=end - timedelta(hours=4), ended_at=end, reason="ночь", calendar="window:1"
    )
    assert figures.collect(NOW).one("kias_maintenance_overrun_seconds") == 0
    KiasCircuit.objects.create(pk=1, opened_at=end + timedelta(minutes=1), allowed=1)
    assert figures.collect(NOW).one("kias_maintenance_overrun_seconds") == 2400
    KiasCircuit.objects.update(opened_at=end + timedelta(minutes=35))
    assert figures.collect(NOW).one("kias_maintenance_overrun_seconds") == 0, "an outage of its own"


def test_a_running_window_is_told_apart_from_a_pause() -> None:
    KiasPause.objects.create(started_at=NOW, ended_at=NOW + timedelta(hours=1), reason="ночь", calendar="a")
    found = figures.collect(NOW + timedelta(minutes=1))
    assert (found.one("kias_pause"), found.one("kias_maintenance")) == (0, 1)


def test_the_office_keeps_the_calendar_and_a_saved_window_is_planned_at_once() -> None:
    office = staff_client(Role.OPS)
    tomorrow = timezone.localtime() + timedelta(days=1)
    answer = office.post(
        "/admin/sync/kiaswindow/add/",
        {
            "weekday": "", "time": "", "starts_at_0": f"{tomorrow:%d.%m.%Y}", "starts_at_1": "02:00:00",
            "minutes": "60", "reason": "обновление", "is_active": "on",
        },
    )  # fmt: skip
    assert answer.status_code == 302
    assert len(planned()) == 1


@pytest.mark.parametrize(
    ("given", "field"),
    [
        ({"minutes": 60}, "weekday"),
        ({"minutes": 60, "weekday": 6}, "time"),
        ({"minutes": 60, "weekday": 6, "time": "02:00", "starts_at": "23.11.2026 02:00"}, "starts_at"),
        ({"minutes": 0, "weekday": 6, "time": "02:00"}, "minutes"),
    ],
)
def test_a_line_of_the_calendar_is_weekly_or_once_and_says_what_is_missing(
    given: dict[str, Any], field: str
) -> None:
    class Form(WindowForm):
        class Meta:
            model = KiasWindow
            fields = "__all__"

    form = Form(given | {"reason": "работы", "is_active": True})
    assert not form.is_valid()
    assert field in form.errors


PAGES = {
    "/admin/sync/kiaswindow/add/": {
        "weekday": "", "time": "", "starts_at_0": "", "starts_at_1": "00:00:00", "minutes": "10080",
        "reason": "работы", "is_active": "on",
    },
    "/admin/sync/kiaspause/add/": {
        "started_at_0": "", "started_at_1": "00:00:00", "ended_at_0": "", "ended_at_1": "",
        "reason": "работы",
    },
}  # fmt: skip


@pytest.mark.parametrize("day", ["31.12.9999", "01.01.0001", "23.11.2062", "\0"])
@pytest.mark.parametrize("page", PAGES)
def test_p37_a_slip_of_the_year_rests_kias_for_no_age_and_is_told_at_its_field(page: str, day: str) -> None:
    begin = next(name for name in PAGES[page] if name.endswith("_at_0"))
    answer = staff_client(Role.OPS).post(page, PAGES[page] | {begin: day})
    assert answer.status_code == 200
    assert "Больше года отсюда" in answer.content.decode() or day == "\0"
    assert not KiasPause.objects.exists()
    assert not KiasWindow.objects.exists()


def test_p37_no_calendar_makes_kias_rest_for_ever() -> None:
    office = staff_client(Role.OPS)
    line = PAGES["/admin/sync/kiaswindow/add/"] | {"time": "00:00", "starts_at_1": ""}

    def add(weekday: int, minutes: int) -> Any:
        return office.post(
            "/admin/sync/kiaswindow/add/", line | {"weekday": str(weekday), "minutes": str(minutes)}
        )

    assert "больше половины недели" in add(0, 7 * 24 * 60).content.decode()
    for day in range(3):
        assert add(day, 24 * 60).status_code == 302
    assert "больше половины недели" in add(3, 24 * 60).content.decode()
    assert KiasWindow.objects.count() == 3
