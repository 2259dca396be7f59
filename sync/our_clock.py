"""Whether our own clock is the one that is off: many agents' phones of an hour then show the same skew (P13).

An agent has one voice, the phone he used last: whoever registers five of them and sets their clocks must not
silence what is said of everybody's dates.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from accounts.models import Installation
from receipts.dates import TOLERANCE

HEARD_WITHIN = timedelta(hours=1)
#: phones that show one skew: so near together, so large a share of the hour's, and more than a few by chance
SAME_S = 120
SHARE = 0.2
AT_LEAST = 5


@dataclass(frozen=True, slots=True)
class Agreement:
    """`sharing` of the `heard` phones, one per agent, show about `skew_s` (seconds, ahead is positive)."""

    heard: int
    sharing: int
    skew_s: int

    @property
    def accuses_us(self) -> bool:
        return self.sharing >= AT_LEAST and self.sharing > SHARE * self.heard


def agreement(skews: Iterable[int]) -> Agreement:
    """The largest group of phones whose clocks miss ours by the same, more than the tolerance."""
    told = sorted(skews)
    off = [skew for skew in told if abs(skew) > TOLERANCE.total_seconds()]
    best, begin = (0, 0), 0
    for end, skew in enumerate(off):
        while skew - off[begin] > SAME_S:
            begin += 1
        best = max(best, (end - begin + 1, begin))
    sharing, first = best
    return Agreement(len(told), sharing, off[first + sharing // 2] if sharing else 0)


def look(now: datetime) -> Agreement:
    """What the phones of the last hour say of our clock."""
    heard = Installation.objects.filter(last_contact_at__gte=now - HEARD_WITHIN, clock_skew_s__isnull=False)
    told = heard.order_by("last_contact_at").values_list("agent_id", "clock_skew_s")
    return agreement(skew for skew in dict(told).values() if skew is not None)
