"""What may be believed of a receipt's dates, as pure functions (spec «Dates», P13, F30, ADR 0023).

Evidence never rewrites a date: a doubtful one is flagged and relayed; only what lies far outside is held.
"""

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta, timezone

TOLERANCE = timedelta(minutes=5)
FAR_OUTSIDE = timedelta(hours=24)
#: a zone set wrongly misses by whole hours, and by no more than Russia's zones lie apart, with some to spare
_HOUR, _FARTHEST_ZONE_H = timedelta(hours=1), 14

WRONG_ZONE = "wrong_zone"
BEFORE_SERVER_TIME = "before_server_time"
AFTER_ARRIVAL = "after_arrival"
BEFORE_PREDECESSOR = "before_predecessor"


@dataclass(frozen=True, slots=True)
class Issued:
    """A moment (aware) as a phone's clock gave it, and that clock's minutes east of UTC."""

    at: datetime
    offset_min: int

    @property
    def local(self) -> datetime:
        """What the phone showed; comparable with other local times only."""
        return self.at.astimezone(UTC).replace(tzinfo=None) + timedelta(minutes=self.offset_min)


@dataclass(frozen=True, slots=True, kw_only=True)
class DateEvidence:
    """What surrounds a receipt's moment.

    `server_time` is the last signed server time that the phone held, None where it held none that we signed;
    `since_server` the monotonic time since it was received, known only within one page life;
    `predecessor` the receipt before it by counter, None where that one's own moment is impossible: it would
    accuse an honest successor;
    `skew` how far the clock of the phone that brought it was ahead of ours when it did, None if not known.
    """

    arrived_at: datetime
    server_time: datetime | None = None
    since_server: timedelta | None = None
    predecessor: Issued | None = None
    skew: timedelta | None = None

    @property
    def not_before(self) -> datetime | None:
        """The lower bound. The monotonic clock may stand still in sleep, so its distance is one, too."""
        if self.server_time is None:
            return None
        return self.server_time + (self.since_server or timedelta())


@dataclass(frozen=True, slots=True, kw_only=True)
class DateBounds:
    """How far the calendar date may lie from other days (settings).

    `backdate_days`: back from the day of issue. The policy's date may follow it by `policy_ahead_days` and
    precede it by `policy_behind_days`.
    """

    backdate_days: int
    policy_ahead_days: int = 366
    policy_behind_days: int = 3660


@dataclass(frozen=True, slots=True)
class Verdict:
    """`held`: a person must look before anything goes on. `doubt`: a flag for the office, empty if none."""

    held: bool
    doubt: str = ""


def judge(
    *,
    issued: Issued,
    receipt_date: date,
    policy_date: date | None = None,
    evidence: DateEvidence,
    bounds: DateBounds,
    our_clock_is_sound: bool = True,
) -> Verdict:
    """Judge the moment of issue and the calendar date.

    While our own clock is itself the suspect, nothing is said of the moment, and of the date only what the
    receipt itself tells (P13).
    """
    held = _outside_its_own_days(issued, receipt_date, policy_date, bounds)
    if not our_clock_is_sound:
        return Verdict(held)
    doubt, hours = _doubt(issued, evidence)
    ahead = _from_the_future(receipt_date, issued, evidence.arrived_at + hours * _HOUR)
    return Verdict(held or ahead or _far_outside(issued.at, evidence), doubt)


def contradicts(earlier: Issued, later: Issued) -> str:
    """The doubt about `later`, the successor of `earlier` by counter; empty if they are in order.

    Local times in order under other zones: the zone was set wrongly, the time of day was right.
    """
    if later.at >= earlier.at - TOLERANCE:
        return ""
    if later.offset_min != earlier.offset_min and later.local >= earlier.local - TOLERANCE:
        return WRONG_ZONE
    return BEFORE_PREDECESSOR


def _outside_its_own_days(
    issued: Issued, receipt_date: date, policy_date: date | None, bounds: DateBounds
) -> bool:
    if receipt_date < issued.local.date() - timedelta(days=bounds.backdate_days):
        return True
    if policy_date is None:
        return False
    after_policy = (receipt_date - policy_date).days
    return not -bounds.policy_ahead_days <= after_policy <= bounds.policy_behind_days


def _from_the_future(receipt_date: date, issued: Issued, arrived_at: datetime) -> bool:
    """Whether the date is later than the arrival's own, at the receipt's offset.

    An honest clock may be a few minutes fast, over midnight, too.
    """
    there = timezone(timedelta(minutes=issued.offset_min))
    return receipt_date > (arrived_at + TOLERANCE).astimezone(there).date()


def _far_outside(at: datetime, evidence: DateEvidence) -> bool:
    lower = evidence.not_before
    return at > evidence.arrived_at + FAR_OUTSIDE or (lower is not None and at < lower - FAR_OUTSIDE)


def _doubt(issued: Issued, evidence: DateEvidence) -> tuple[str, int]:
    """The doubt, and by how many whole hours the phone's zone is wrong: ahead is positive, 0 if it is not."""
    lower = evidence.not_before
    doubt = ""
    if lower is not None and issued.at < lower - TOLERANCE:
        doubt = BEFORE_SERVER_TIME
    elif issued.at > evidence.arrived_at + TOLERANCE:
        doubt = AFTER_ARRIVAL
    if doubt:
        hours = _zone_hours(issued.at, evidence)
        # Behind the server's time the zone errs backwards, beyond the arrival forwards.
        if hours and (hours > 0) == (doubt == AFTER_ARRIVAL):
            return WRONG_ZONE, hours
        return doubt, 0
    return (contradicts(evidence.predecessor, issued) if evidence.predecessor else ""), 0


def _zone_hours(at: datetime, evidence: DateEvidence) -> int:
    """By how many whole hours the phone's clock was off with a right local time (P13); 0: it was not that.

    Told by the monotonic distance from our time to the moment of issue, or by the clock that the phone showed
    when it brought the receipt.
    """
    if evidence.server_time is not None and evidence.since_server is not None:
        hours = _whole_hours(at - evidence.server_time - evidence.since_server)
        if hours:
            return hours
    return _whole_hours(evidence.skew) if evidence.skew is not None else 0


def _whole_hours(off: timedelta) -> int:
    hours = round(off / _HOUR)
    near = abs(off - hours * _HOUR) <= TOLERANCE
    return hours if near and 1 <= abs(hours) <= _FARTHEST_ZONE_H else 0


def parse_server_time(text: str) -> datetime | None:
    """The moment in a server time text of ours («2026-11-22T07:05:11.123Z»), None for anything else."""
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        return None
    return moment.astimezone(UTC) if moment.tzinfo and 2000 <= moment.year <= 9000 else None
