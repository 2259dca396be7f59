"""Which dates are doubtful, which are held (spec «Dates», P13, F30)."""

from datetime import UTC, date, datetime, timedelta

import pytest

from receipts.dates import DateEvidence, Verdict, judge, parse_server_time

ARRIVED = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)


def verdict(issued_at, *, receipt_date=None, offset_min=420, backdate_days=3, **evidence) -> Verdict:
    local = (issued_at + timedelta(minutes=offset_min)).date()
    return judge(
        issued_at=issued_at,
        offset_min=offset_min,
        receipt_date=receipt_date or local,
        evidence=DateEvidence(**{"arrived_at": ARRIVED} | evidence),
        backdate_days=backdate_days,
    )


def test_an_honest_receipt_is_neither_held_nor_flagged():
    assert verdict(
        ARRIVED - HOUR, server_time=ARRIVED - 2 * HOUR, predecessor=ARRIVED - 90 * MINUTE
    ) == Verdict(False, "")


def test_without_any_evidence_an_old_receipt_is_believed():
    assert verdict(ARRIVED - 40 * DAY) == Verdict(False, "")


@pytest.mark.parametrize(
    ("issued_at", "evidence", "doubt"),
    [
        (ARRIVED - 2 * HOUR, {"server_time": ARRIVED - HOUR}, "before_server_time"),
        (ARRIVED - 64 * MINUTE, {"server_time": ARRIVED - HOUR}, ""),
        (ARRIVED + 6 * MINUTE, {}, "after_arrival"),
        (ARRIVED + 4 * MINUTE, {}, ""),
        (ARRIVED - 2 * HOUR, {"predecessor": ARRIVED - HOUR}, "before_predecessor"),
        (ARRIVED - 64 * MINUTE, {"predecessor": ARRIVED - HOUR}, ""),
    ],
)
def test_a_doubtful_date_is_flagged_and_relayed(issued_at, evidence, doubt):
    assert verdict(issued_at, **evidence) == Verdict(False, doubt)


def test_the_monotonic_distance_raises_the_lower_bound():
    evidence = {"server_time": ARRIVED - 2 * HOUR, "since_server": 90 * MINUTE}
    assert verdict(ARRIVED - 50 * MINUTE, **evidence).doubt == "before_server_time"
    assert verdict(ARRIVED - 28 * MINUTE, **evidence).doubt == ""


def test_a_phone_that_slept_is_not_doubted():
    """The monotonic clock stands still in sleep: later than it says is no contradiction."""
    assert verdict(ARRIVED - 10 * MINUTE, server_time=ARRIVED - 8 * HOUR, since_server=MINUTE).doubt == ""


@pytest.mark.parametrize("hours", [-3, -1, 2])
def test_whole_hours_off_are_a_wrong_zone_and_nothing_worse(hours):
    evidence = {"server_time": ARRIVED - HOUR, "since_server": HOUR}
    assert verdict(ARRIVED + hours * HOUR, **evidence) == Verdict(False, "wrong_zone")


def test_a_moment_more_than_a_day_outside_the_evidence_is_held():
    assert verdict(ARRIVED - 3 * DAY, server_time=ARRIVED - DAY).held
    assert verdict(ARRIVED + 25 * HOUR, receipt_date=date(2026, 11, 22)).held
    assert not verdict(ARRIVED - 47 * HOUR, server_time=ARRIVED - DAY).held


def test_the_arrivals_date_counts_at_the_receipts_own_offset():
    """22:00 UTC is tomorrow already in Vladivostok."""
    late = datetime(2026, 11, 22, 22, 0, tzinfo=UTC)
    assert not verdict(late, arrived_at=late, offset_min=600, receipt_date=date(2026, 11, 23)).held
    assert verdict(late, arrived_at=late, offset_min=0, receipt_date=date(2026, 11, 23)).held


@pytest.mark.parametrize(("days", "held"), [(0, False), (3, False), (4, True)])
def test_a_receipts_date_may_lie_back_as_far_as_the_setting(days, held):
    issued_at = ARRIVED - HOUR
    local = (issued_at + timedelta(minutes=420)).date()
    assert verdict(issued_at, receipt_date=local - days * DAY).held is held


def test_only_a_server_time_text_is_one():
    assert parse_server_time("2026-11-22T07:05:11.123Z") == datetime(
        2026, 11, 22, 7, 5, 11, 123000, tzinfo=UTC
    )
    for text in (
        "",
        "now",
        "2026-11-22",
        "2026-11-22T07:05:11",
        "0001-01-01T00:00:00+14:00",
        "9999-12-31T23:59:59Z",
    ):
        assert parse_server_time(text) is None
