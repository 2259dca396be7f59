"""P13, F30: what an honest phone can do to its clock never gets its agent into trouble."""

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from receipts.dates import DateBounds, DateEvidence, Issued, Verdict, judge

START = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)
BOUNDS = DateBounds(backdate_days=3)
RUSSIA = st.integers(2, 12).map(lambda hours: hours * 60)
seconds = st.integers(0, 7 * 86_400).map(lambda value: timedelta(seconds=value))


@st.composite
def days_of_an_honest_phone(draw):
    """Receipts, contacts, sleeps, reboots, journeys and corrections of the clock, in the order of real time.

    Its quartz runs fast or slow, by five minutes at most, and is set right at any time.
    """
    side = draw(st.sampled_from([-1, 1]))
    real, heard, monotonic, offset = START, None, None, draw(RUSSIA)
    issued = []
    for _ in range(draw(st.integers(1, 12))):
        passed = draw(seconds)
        real += passed
        if monotonic is not None:
            monotonic += passed * draw(st.sampled_from([0, 0.5, 1]))  # it may stand still in sleep
        error = timedelta(seconds=side * draw(st.integers(0, 300)))
        match draw(st.sampled_from(["issue", "contact", "reboot", "journey"])):
            case "contact":
                heard, monotonic = real, timedelta()
            case "reboot":
                monotonic = None
            case "journey":
                offset = draw(RUSSIA)
            case "issue":
                issued.append((real, Issued(real + error, offset), heard, monotonic))
    return issued, draw(seconds), error


@given(days_of_an_honest_phone())
def test_an_honest_phone_is_never_flagged_nor_held(day):
    issued, until_arrival, skew = day
    predecessor = None
    for real, moment, heard, monotonic in issued:
        verdict = judge(
            issued=moment,
            receipt_date=moment.local.date(),
            evidence=DateEvidence(
                arrived_at=issued[-1][0] + until_arrival,
                server_time=heard,
                since_server=monotonic,
                predecessor=predecessor,
                skew=skew,
            ),
            bounds=BOUNDS,
        )
        assert verdict == Verdict(held=False), real
        predecessor = moment


@given(days_of_an_honest_phone(), st.integers(25, 1000))
def test_a_phone_set_ahead_beyond_the_evidence_is_always_held(day, hours):
    for _, moment, heard, monotonic in day[0]:
        ahead = Issued(moment.at + timedelta(hours=hours), moment.offset_min)
        evidence = DateEvidence(arrived_at=moment.at, server_time=heard, since_server=monotonic)
        verdict = judge(issued=ahead, receipt_date=ahead.local.date(), evidence=evidence, bounds=BOUNDS)
        assert verdict.held
        assert verdict.doubt
