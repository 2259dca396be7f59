"""What may be believed of a receipt's dates, as pure functions (spec «Dates», P13).

Evidence never rewrites a date: a doubtful one is flagged and relayed; only what lies far outside is held.
"""

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta, timezone

TOLERANCE = timedelta(minutes=5)
FAR_OUTSIDE = timedelta(hours=24)


@dataclass(frozen=True, slots=True, kw_only=True)
class DateEvidence:
    """What surrounds a receipt's moment.

    `server_time` is the last signed server time that the phone held, None where it held none that we signed;
    `since_server` the monotonic time since it was received, known only within one page life;
    `predecessor` the moment of the receipt before it by counter.
    """

    arrived_at: datetime
    server_time: datetime | None = None
    since_server: timedelta | None = None
    predecessor: datetime | None = None

    @property
    def not_before(self) -> datetime | None:
        """The lower bound. The monotonic clock may stand still in sleep, so its distance is one, too."""
        if self.server_time is None:
            return None
        return self.server_time + (self.since_server or timedelta())


@dataclass(frozen=True, slots=True)
class Verdict:
    """`held`: a person must look before anything goes on. `doubt`: a flag for the office, empty if none."""

    held: bool
    doubt: str = ""


def judge(
    *,
    issued_at: datetime,
    offset_min: int,
    receipt_date: date,
    evidence: DateEvidence,
    backdate_days: int,
) -> Verdict:
    """Judge `issued_at` (aware) and `receipt_date`; `offset_min` is minutes east of UTC by the phone."""
    own_zone = timezone(timedelta(minutes=offset_min))
    earliest = issued_at.astimezone(own_zone).date() - timedelta(days=backdate_days)
    latest = evidence.arrived_at.astimezone(own_zone).date()
    far = _far_outside(issued_at, evidence)
    return Verdict(held=far or not earliest <= receipt_date <= latest, doubt=_doubt(issued_at, evidence))


def _far_outside(issued_at: datetime, evidence: DateEvidence) -> bool:
    lower = evidence.not_before
    return issued_at > evidence.arrived_at + FAR_OUTSIDE or (
        lower is not None and issued_at < lower - FAR_OUTSIDE
    )


def _doubt(issued_at: datetime, evidence: DateEvidence) -> str:
    lower = evidence.not_before
    if lower is not None and issued_at < lower - TOLERANCE:
        return "wrong_zone" if _whole_hours_off(issued_at, evidence) else "before_server_time"
    if issued_at > evidence.arrived_at + TOLERANCE:
        return "wrong_zone" if _whole_hours_off(issued_at, evidence) else "after_arrival"
    if evidence.predecessor is not None and issued_at < evidence.predecessor - TOLERANCE:
        return "before_predecessor"
    return ""


def _whole_hours_off(issued_at: datetime, evidence: DateEvidence) -> bool:
    """Whether an impossible moment misses the one we can compute by whole hours.

    Then the local time was right and the zone wrong: noted, not reviewed (P13).
    """
    if evidence.server_time is None or evidence.since_server is None:
        return False
    off = abs(issued_at - (evidence.server_time + evidence.since_server))
    hours = round(off / timedelta(hours=1))
    return 1 <= hours <= 14 and abs(off - timedelta(hours=hours)) <= TOLERANCE


def parse_server_time(text: str) -> datetime | None:
    """The moment in a server time text of ours («2026-11-22T07:05:11.123Z»), None for anything else."""
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        return None
    return moment.astimezone(UTC) if moment.tzinfo and 2000 <= moment.year <= 9000 else None
