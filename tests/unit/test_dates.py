"""Which dates are doubtful, which are held (spec «Dates», P13, F30)."""

from datetime import UTC, date, datetime, timedelta

import pytest

from receipts.dates import DateBounds, DateEvidence, Issued, Verdict, contradicts, judge, parse_server_time

ARRIVED = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)


def verdict(issued_at, *, offset_min=420, predecessor=None, our_clock_is_sound=True, **given) -> Verdict:
    local = (issued_at + timedelta(minutes=offset_min)).date()
    said = {name: given.pop(name) for name in ("receipt_date", "policy_date") if name in given}
    if predecessor is not None and not isinstance(predecessor, Issued):
        predecessor = Issued(predecessor, offset_min)
    return judge(
        issued=Issued(issued_at, offset_min),
        **{"receipt_date": local} | said,
        evidence=DateEvidence(**{"arrived_at": ARRIVED, "predecessor": predecessor} | given),
        bounds=DateBounds(backdate_days=3, policy_ahead_days=30, policy_behind_days=400),
        our_clock_is_sound=our_clock_is_sound,
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


@pytest.mark.parametrize(("hours", "evidence"), [(3, {}), (-2, {"server_time": ARRIVED - MINUTE})])
def test_the_clock_that_a_phone_shows_at_its_contact_tells_a_wrong_zone_too(hours, evidence):
    issued_at = ARRIVED - 10 * MINUTE + hours * HOUR
    skew = hours * HOUR + 20 * MINUTE / 60
    assert verdict(issued_at, skew=skew, **evidence) == Verdict(False, "wrong_zone")
    assert verdict(issued_at, skew=-skew, **evidence).doubt in {"after_arrival", "before_server_time"}
    assert verdict(issued_at, skew=skew + 30 * MINUTE, **evidence).doubt in {
        "after_arrival",
        "before_server_time",
    }


def test_a_wrong_zone_does_not_hold_a_date_that_is_right_by_the_local_time():
    """One at night in Vladivostok, the phone set to Moscow's zone: at its own offset it is yesterday."""
    arrived = datetime(2026, 11, 22, 15, 0, tzinfo=UTC)
    issued_at = datetime(2026, 11, 22, 22, 0, tzinfo=UTC)  # 01:00 on the 23rd by the phone, at UTC+3
    given = {"arrived_at": arrived, "offset_min": 180, "receipt_date": date(2026, 11, 23)}
    assert verdict(issued_at, skew=7 * HOUR, **given) == Verdict(False, "wrong_zone")
    assert verdict(issued_at, **given) == Verdict(True, "after_arrival")


@pytest.mark.parametrize(
    ("later", "doubt"),
    [
        (Issued(ARRIVED - 6 * MINUTE, 420), "before_predecessor"),
        (Issued(ARRIVED - 4 * MINUTE, 420), ""),
        (Issued(ARRIVED - 3 * HOUR + MINUTE, 600), "wrong_zone"),
        (Issued(ARRIVED - 3 * HOUR + MINUTE, 420), "before_predecessor"),
        (Issued(ARRIVED - 4 * HOUR, 600), "before_predecessor"),
        (Issued(ARRIVED + HOUR, 180), ""),
    ],
)
def test_two_receipts_contradict_each_other_by_their_moments_not_by_their_zones(later, doubt):
    assert contradicts(Issued(ARRIVED, 420), later) == doubt


def test_while_our_own_clock_is_the_suspect_nobody_is_flagged_or_held_for_it():
    far = {"server_time": ARRIVED + 3 * DAY, "predecessor": ARRIVED}
    assert verdict(ARRIVED - HOUR, **far) == Verdict(True, "before_server_time")
    assert verdict(ARRIVED - HOUR, our_clock_is_sound=False, **far) == Verdict(False)
    tomorrow = {"receipt_date": date(2026, 11, 24)}
    assert verdict(ARRIVED + 30 * HOUR, our_clock_is_sound=False, **tomorrow) == Verdict(False)
    assert verdict(ARRIVED, our_clock_is_sound=False, receipt_date=date(2026, 11, 1)).held


@pytest.mark.parametrize(
    ("policy_date", "held"),
    [
        (None, False),
        (date(2026, 12, 22), False),
        (date(2026, 12, 23), True),
        (date(2025, 10, 18), False),
        (date(2025, 10, 17), True),
    ],
)
def test_a_date_outside_the_policys_own_bounds_is_held(policy_date, held):
    assert verdict(ARRIVED - HOUR, policy_date=policy_date).held is held


def test_a_clock_a_few_minutes_fast_over_midnight_holds_nothing():
    arrived = datetime(2026, 11, 22, 16, 58, tzinfo=UTC)  # 23:58 there
    issued_at = arrived + 4 * MINUTE
    assert verdict(issued_at, arrived_at=arrived) == Verdict(False)


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
