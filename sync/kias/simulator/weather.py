"""What befalls every call alike: how long KIAS takes, when it is away, how many calls it bears."""

import random
import threading
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from sync.kias.simulator.faults import BadControlError, number

#: kind of latency → the parameters it takes, seconds all of them but sigma
LATENCIES = {"fixed": ("seconds",), "uniform": ("low", "high"), "lognormal": ("median", "sigma")}


@dataclass(frozen=True)
class Latency:
    """How long an answer takes, drawn anew for each call."""

    kind: str = "fixed"
    first: float = 0.0
    second: float = 0.0

    @classmethod
    def parse(cls, given: Any) -> "Latency":
        """`{"kind": "fixed", "seconds": 0.05}`, `uniform` with low, high, `lognormal` with median, sigma."""
        names = LATENCIES.get(given.get("kind", "")) if isinstance(given, dict) else None
        if names is None or set(given) != {"kind", *names}:
            raise BadControlError(f"latency: {LATENCIES}")
        return cls(given["kind"], *(number(given[name], name) for name in names))

    def draw(self, dice: random.Random) -> float:
        match self.kind:
            case "uniform":
                return dice.uniform(self.first, self.second)
            case "lognormal":  # the long tail of a busy server; an hour at most
                return min(self.first * dice.lognormvariate(0, self.second), 3600.0)
            case _:
                return self.first

    def told(self) -> dict[str, Any]:
        values = (self.first, self.second)
        return {"kind": self.kind} | dict(zip(LATENCIES[self.kind], values, strict=False))


@dataclass
class Weather:
    """`outage`: away until told otherwise; `outages`: from when to when, on the process's own clock."""

    clock: Callable[[], float] = time.monotonic
    outage: bool = False
    outages: list[tuple[float, float]] = field(default_factory=list)
    slow_s: float = 0.0
    latency: Latency = field(default_factory=Latency)
    most_calls: int = 0  # a second; 0: no bound
    _calls: deque[float] = field(default_factory=deque)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def away_for(self) -> float | None:
        """Seconds until KIAS is back, None while it is there. An open end counts as 5."""
        with self._lock:
            if self.outage:
                return 5.0
            now = self.clock()
            ends = [end - now for begin, end in self.outages if begin <= now < end]
        return max(ends) if ends else None

    def too_many(self) -> float | None:
        """Count this call; seconds to wait when the last second has had enough of them already."""
        with self._lock:
            if not self.most_calls:
                return None
            now = self.clock()
            while self._calls and self._calls[0] <= now - 1:
                self._calls.popleft()
            if len(self._calls) >= self.most_calls:
                return self._calls[0] + 1 - now
            self._calls.append(now)
            return None

    def change(self, order: dict[str, Any]) -> None:
        """`outage`, `outages` [{"in": s, "for": s}], `slow_s`, `latency`, `rate_limit` (calls a second)."""
        latency = Latency.parse(order["latency"]) if "latency" in order else None
        slow_s = number(order["slow_s"], "slow_s") if "slow_s" in order else None
        most = int(number(order["rate_limit"], "rate_limit", 1e6)) if "rate_limit" in order else None
        now = self.clock()
        planned = []
        for each in order.get("outages", []):
            if not isinstance(each, dict) or set(each) != {"in", "for"}:
                raise BadControlError('outages: [{"in": seconds, "for": seconds}]')
            begin = now + number(each["in"], "in", 1e6)
            planned.append((begin, begin + number(each["for"], "for", 1e6)))
        with self._lock:
            if order.get("clear"):
                self.outage, self.slow_s, self.latency, self.most_calls = False, 0.0, Latency(), 0
                self.outages.clear()
                self._calls.clear()
            self.outages.extend(planned)
            self.latency = latency or self.latency
            self.slow_s = self.slow_s if slow_s is None else slow_s
            self.most_calls = self.most_calls if most is None else most
            if "outage" in order:
                self.outage = bool(order["outage"])

    def told(self) -> dict[str, Any]:
        with self._lock:
            now = self.clock()
            ahead = [(begin - now, end - max(begin, now)) for begin, end in self.outages if end > now]
            return {
                "outage": self.outage,
                "outages": [{"in": round(max(0.0, a), 1), "for": round(b, 1)} for a, b in ahead],
                "slow_s": self.slow_s,
                "latency": self.latency.told(),
                "rate_limit": self.most_calls,
            }
