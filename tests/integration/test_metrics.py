"""The figures of the rows: for whom, how many, and that every alarm names one that exists (P14, P28)."""

import math
import re
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import yaml
from django.core.cache import cache
from django.db import OperationalError
from django.test import Client
from django.utils import timezone
from prometheus_client.parser import text_string_to_metric_families

from accounts import lost_nudges, throttles
from accounts.models import Installation, LoginAttempt, RateBucket
from backoffice.system_state import sections
from kias_offline import metrics
from receipts.models import NumberSeries
from receipts.states import State
from scripts.processes import free_port
from scripts.system import ROOT
from sync import heartbeat, sealing_keys
from sync.figures import CATALOGUE, Figures, collect, recent
from sync.models import Heartbeat, KiasPause, KiasSession, KiasSlot
from sync.relay import nudging
from tests.support.factories import make_agent, make_installation
from tests.support.office import make_attempt, make_delivery, make_exception, make_receipt

pytestmark = pytest.mark.django_db

ALERTS = ROOT / "docs" / "alerts.yml"


@pytest.fixture(autouse=True)
def forgotten() -> None:
    cache.clear()


def now_figures() -> Figures:
    return collect(timezone.now())


# --- for whom


def test_the_figures_are_told_to_the_inner_network_only(settings: Any) -> None:
    assert Client().get("/metrics").status_code == 200
    assert Client().get("/metrics", REMOTE_ADDR="203.0.113.9").status_code == 404
    settings.METRICS_FROM = ["203.0.113.0/24"]
    assert Client().get("/metrics", REMOTE_ADDR="203.0.113.9").status_code == 200
    assert Client().get("/metrics", REMOTE_ADDR="::ffff:203.0.113.9").status_code == 200
    assert Client().get("/metrics", REMOTE_ADDR="").status_code == 404


def test_a_forged_forwarded_address_opens_nothing(settings: Any) -> None:
    settings.TRUSTED_PROXY_COUNT = 1
    forged = {"REMOTE_ADDR": "203.0.113.9", "HTTP_X_FORWARDED_FOR": "127.0.0.1"}
    assert Client().get("/metrics", **forged).status_code == 404


def test_what_came_through_a_proxy_gets_no_figures() -> None:
    """The proxy itself stands in the inner network."""
    assert Client().get("/metrics", HTTP_X_FORWARDED_FOR="203.0.113.9").status_code == 404


# --- what is told


def test_every_figure_of_the_catalogue_is_told_in_prometheus_own_format() -> None:
    text = Client().get("/metrics").content.decode()
    families = {family.name: family for family in text_string_to_metric_families(text)}
    for name, figure in CATALOGUE.items():
        family = families[name.removesuffix("_total")]
        assert family.type == ("counter" if figure.counts else "gauge")
        for sample in family.samples:
            assert set(sample.labels) == set(figure.labels)
    assert "process_resident_memory_bytes" in families


def test_no_figure_is_counted_that_the_catalogue_does_not_name() -> None:
    assert {name for name, _, _ in now_figures().samples} <= set(CATALOGUE)


def test_receipts_and_deliveries_are_counted_by_what_they_wait_for() -> None:
    now = timezone.now()
    old = make_receipt(accepted_at=now - timedelta(minutes=20))
    make_delivery(receipt=old, due_at=now - timedelta(minutes=5))
    make_delivery(receipt=make_receipt(), due_at=now + timedelta(hours=1))
    make_receipt(state=State.HELD, reason="doubtful_date")
    make_receipt(state=State.REJECTED, acts="agent")
    make_receipt(state=State.REJECTED, acts="office")
    figures = now_figures()
    assert figures.one("kias_receipts", state="accepted") == 2
    assert figures.one("kias_receipts", state="held") == 1
    assert figures.one("kias_receipts_rejected", acts="agent") == 1
    assert figures.one("kias_receipts_rejected", acts="office") == 1
    assert figures.one("kias_deliveries_waiting") == 2
    assert 1200 <= (figures.one("kias_deliveries_oldest_seconds") or 0) < 1300
    assert figures.one("kias_deliveries_due") == 1
    assert 300 <= (figures.one("kias_deliveries_due_oldest_seconds") or 0) < 400
    assert figures.one("kias_receipts_accepted_10m") == 4


def test_open_exceptions_are_counted_by_reason() -> None:
    make_exception(reason="unreadable")
    make_exception(reason="unreadable", ended_at=timezone.now())
    make_exception(reason="number_taken")
    found = now_figures().by("kias_intake_exceptions_open")
    assert {labels["reason"]: value for labels, value in found} == {"unreadable": 1, "number_taken": 1}


def test_calls_of_ten_minutes_are_counted_by_outcome_and_dead_workers_show() -> None:
    now = timezone.now()
    delivery = make_delivery(receipt=make_receipt())
    make_attempt(delivery=delivery)
    make_attempt(delivery=delivery, started_at=now - timedelta(minutes=11))
    make_attempt(delivery=delivery, outcome="", ended_at=None)
    make_attempt(delivery=delivery, outcome="", ended_at=None, ends_by=now - timedelta(seconds=1))
    figures = now_figures()
    for outcome in ("ok", "running", "lost"):
        assert figures.one("kias_attempts_10m", operation="save", outcome=outcome) == 1, outcome


def test_phones_that_agree_on_another_time_accuse_our_clock() -> None:
    """P13."""
    now = timezone.now()
    for skew, at in [*[(-601, now)] * 5, (0, now), (-600, now - timedelta(minutes=61)), (None, now)]:
        make_installation(agent=make_agent(), clock_skew_s=skew, last_contact_at=at)
    figures = now_figures()
    assert (figures.one("kias_phones_heard_1h"), figures.one("kias_phones_same_skew")) == (6, 5)
    assert figures.one("kias_phones_same_skew_seconds") == -601
    assert figures.one("kias_server_clock_suspect") == 1
    line = next(
        line for line in dict(sections(figures))["Телефоны и номера"] if line.name == "Часы телефонов"
    )
    assert line.value == "за час 6, одинаково отстают 5: на 10\u00a0мин"
    assert "часы сервера" in line.note
    Installation.objects.filter(clock_skew_s=-601).update(clock_skew_s=4)
    assert now_figures().one("kias_server_clock_suspect") == 0


def test_slots_session_and_pause(settings: Any) -> None:
    now = timezone.now()
    settings.KIAS_CONCURRENCY = 4
    KiasSlot.objects.create(number=1, lease_until=now + timedelta(minutes=1))
    KiasSlot.objects.create(number=2, lease_until=now - timedelta(minutes=1))
    figures = now_figures()
    assert (figures.one("kias_slots_in_use"), figures.one("kias_slots")) == (1, 4)
    assert figures.one("kias_session_age_seconds") is None
    assert figures.one("kias_pause") == 0
    KiasSession.objects.create(sid="s", taken_at=now - timedelta(minutes=3))
    KiasPause.objects.create(started_at=now - timedelta(minutes=1), reason="ночь")
    figures = now_figures()
    assert 180 <= (figures.one("kias_session_age_seconds") or 0) < 240
    assert figures.one("kias_pause") == 1
    KiasSession.objects.update(lease_until=now + timedelta(seconds=30))
    assert now_figures().one("kias_login_refused") == 1


def test_codes_sent_and_entered_and_empty_purses(settings: Any) -> None:
    now = timezone.now()
    for place, used_at in enumerate((None, now)):
        LoginAttempt.objects.create(
            user=make_agent(), phone_number="+79120000000", browser_hash=f"{place:064}", sent_count=1,
            used_at=used_at, valid_until=now + timedelta(minutes=10),
        )  # fmt: skip
    hour = throttles.start_of_window(now)
    RateBucket.objects.create(key="login:total", window_start=hour, count=settings.LOGIN_LIMITS["total"])
    RateBucket.objects.create(key="login:number:+79120000000", window_start=hour, count=1)
    figures = now_figures()
    assert figures.one("kias_login_codes_sent_10m") == 2
    assert figures.one("kias_login_codes_entered_10m") == 1
    assert figures.one("kias_login_throttled", purse="total") == 1
    assert figures.one("kias_login_throttled", purse="phone_number") == 0


def test_phones_that_wait_and_those_that_are_silent() -> None:
    now = timezone.now()
    agent = make_agent()
    waiting = {"waiting_count": 2, "waiting_sum": 500}
    make_installation(agent=agent, last_contact_at=now, **waiting)
    make_installation(agent=agent, last_contact_at=now - timedelta(days=4), **waiting)
    make_installation(agent=agent, last_contact_at=now - timedelta(days=4))
    make_installation(agent=agent, revoked_at=now, **waiting)
    figures = now_figures()
    assert figures.one("kias_installations") == 3
    assert figures.one("kias_installations_waiting") == 2
    assert figures.one("kias_installations_silent") == 1
    assert figures.one("kias_phones_waiting_receipts") == 4
    assert figures.one("kias_phones_waiting_kopecks") == 1000


def test_numbers_left_in_a_series() -> None:
    NumberSeries.objects.create(name="Основная", first=1, next=91, last=100, alarm_at=10)
    figures = now_figures()
    assert figures.one("kias_series_remaining", series="Основная") == 10
    assert figures.one("kias_series_alarm_at", series="Основная") == 10


def test_p14_beat_s_age_is_infinite_before_its_first_sign_and_workers_are_named() -> None:
    assert math.isinf(now_figures().one("kias_heartbeat_age_seconds") or 0)
    heartbeat.beat("celery@relay-1")
    Heartbeat.objects.create(name="worker:gone", at=timezone.now() - timedelta(days=2))
    heartbeat.beat("celery@relay-1")
    figures = now_figures()
    assert (figures.one("kias_heartbeat_age_seconds") or 0) < 60
    assert [labels for labels, _ in figures.by("kias_worker_age_seconds")] == [{"worker": "relay-1"}]


def test_p28_nudges_that_the_broker_did_not_take_are_counted(monkeypatch: pytest.MonkeyPatch) -> None:
    def away(*_: Any, **__: Any) -> None:
        raise OSError("away")

    monkeypatch.setattr(nudging.current_app, "send_task", away)
    before = lost_nudges.count(lost_nudges.RELAY)
    nudging.nudge(1)
    nudging.call_others(2)
    assert now_figures().one("kias_nudges_lost_total", kind="relay") == before + 2


def test_sealing_keys_in_all_folders_and_those_that_are_not(settings: Any, tmp_path: Path) -> None:
    settings.SEALING_KEY_DIRS = [tmp_path / "a", tmp_path / "b"]
    assert now_figures().one("kias_sealing_keys") == 0
    sealing_keys.make()
    next((tmp_path / "a").glob("*.pem")).rename(tmp_path / "a" / "kept-elsewhere.old")
    figures = now_figures()
    assert (figures.one("kias_sealing_keys"), figures.one("kias_sealing_keys_incomplete")) == (0, 1)


def test_p28_a_broker_that_is_away_costs_its_own_figures_only(settings: Any) -> None:
    assert now_figures().one("kias_broker_up") == 1
    settings.CELERY_BROKER_URL = f"redis://127.0.0.1:{free_port()}/0"
    figures = now_figures()
    assert figures.one("kias_broker_up") == 0
    assert figures.by("kias_queue_length") == []
    assert figures.one("kias_receipts", state="accepted") == 0


def test_the_rows_away_leave_the_process_s_own_figures(monkeypatch: pytest.MonkeyPatch) -> None:
    def away(now: Any) -> Figures:
        raise OperationalError

    monkeypatch.setattr(metrics.figures, "recent", away)
    text = Client().get("/metrics").content.decode()
    assert "kias_database_up 0.0" in text
    assert "process_resident_memory_bytes" in text


def test_several_readers_within_seconds_cost_one_count(django_assert_num_queries: Any) -> None:
    recent(timezone.now())
    with django_assert_num_queries(0):
        assert recent(timezone.now()).one("kias_receipts", state="held") == 0


# --- alarms


def rules() -> list[dict[str, Any]]:
    return [rule for group in yaml.safe_load(ALERTS.read_text())["groups"] for rule in group["rules"]]


def test_every_alarm_names_figures_that_exist_and_says_what_to_do() -> None:
    ours = set(CATALOGUE)
    runbook = (ROOT / "docs" / "runbook.md").read_text()
    anchors = {
        re.sub(r"[^\w\- ]", "", line.lstrip("# ").lower()).replace(" ", "-")
        for line in runbook.splitlines()
        if line.startswith("#")
    }
    assert rules()
    for rule in rules():
        assert set(rule) <= {"alert", "expr", "for", "labels", "annotations"}, rule["alert"]
        named = set(re.findall(r"\b(?:kias|process)_\w+", rule["expr"]))
        assert named, rule["alert"]
        assert named <= ours | {"process_open_fds", "process_max_fds"}, rule["alert"]
        for selector in re.findall(r"\b(kias_\w+)\{(\w+)", rule["expr"]):
            assert selector[1] in CATALOGUE[selector[0]].labels, rule["alert"]
        assert rule["expr"].count("(") == rule["expr"].count(")")
        assert rule["labels"]["severity"] in {"page", "ticket"}
        assert re.fullmatch(r"\d+[smhd]", rule.get("for", "1m"))
        assert rule["annotations"]["summary"]
        assert rule["annotations"]["runbook"].removeprefix("docs/runbook.md#") in anchors, rule["alert"]


def test_the_alarms_that_the_situations_ask_for_are_there() -> None:
    said = "\n".join(rule["expr"] for rule in rules())
    for name in (
        "kias_heartbeat_age_seconds > 180",
        'kias_intake_exceptions_open{reason="unreadable"} > 0',
        "kias_broker_evicts",
        "kias_series_remaining",
        "kias_login_codes_entered_10m",
        'kias_login_throttled{purse="total"}',
        "kias_sealing_keys",
    ):
        assert name in said, name
