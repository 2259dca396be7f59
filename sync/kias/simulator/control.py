"""The simulator's state as a whole, and what `/control` and the ledger's page may change in it."""

import select
import socket
import threading
from collections import deque
from typing import Any

from sync.kias.simulator.faults import BadControlError, Faults
from sync.kias.simulator.ledger import FIELDS
from sync.kias.simulator.service import Service
from sync.kias.simulator.weather import Weather

_KEYS = frozenset(
    {
        "clear",
        "clear_ledger",
        "faults",
        "rates",
        "seed",
        "outage",
        "outages",
        "slow_s",
        "latency",
        "rate_limit",
    }
    | {"closed_before", "sum_limit", "unknown_series", "check_after", "page_size", "sessions", "end_sessions"}
    | {"write", "change", "annul", "remove"}
)


class World:
    """One KIAS: its service, its faults, its weather, and what was seen of its callers."""

    def __init__(self, service: Service, seed: str = "") -> None:
        self.service, self.weather = service, Weather()
        self.faults = Faults(seed) if seed else Faults()
        self._lock = threading.Lock()
        self._under_way: set[socket.socket] = set()
        self.most_at_once = 0
        self.correlation_ids: deque[str] = deque(maxlen=200)

    def enter(self, correlation_id: str, caller: socket.socket) -> None:
        with self._lock:
            self._under_way.add(caller)
            if len(self._under_way) > self.most_at_once:
                self.most_at_once = max(self.most_at_once, sum(map(_still_waits, self._under_way)))
            self.correlation_ids.append(correlation_id)

    def leave(self, caller: socket.socket) -> None:
        """Before its answer is sent: whoever has it may call again at once."""
        with self._lock:
            self._under_way.discard(caller)

    def told(self) -> dict[str, Any]:
        """What `GET /control` answers."""
        rules, service = self.service.rules, self.service
        return (
            self.faults.told()
            | self.weather.told()
            | {
                "check_after": service.ledger.check_after,
                "page_size": service.page_size,
                "sessions": service.sessions,
                "sum_limit": rules.sum_limit,
                "closed_before": rules.closed_before.isoformat(),
                "unknown_series": sorted(rules.unknown_series),
                "logins": service.logins,
                "calls": dict(service.calls),
                "most_at_once": self.most_at_once,
                "correlation_ids": list(self.correlation_ids),
            }
        )

    def change(self, order: dict[str, Any]) -> None:
        """What `POST /control` does. Raises ValueError (BadControlError) for what makes no sense."""
        if unknown := order.keys() - _KEYS:
            raise BadControlError(f"unknown: {', '.join(sorted(unknown))}")
        if "write" in order:
            _fields_of(order["write"], "write")
        self.faults.change(order)
        self.weather.change(order)
        service, ledger = self.service, self.service.ledger
        service.rules.change(order)
        if "check_after" in order:
            ledger.check_after = float(order["check_after"])
        if "page_size" in order:
            service.page_size = max(1, int(order["page_size"]))
        if "sessions" in order:
            if order["sessions"] not in {"one", "many"}:
                raise BadControlError("sessions: one, many")
            service.sessions = order["sessions"]
        if order.get("end_sessions"):
            ledger.end_sessions()
        if order.get("clear_ledger"):
            ledger.clear()
        if order.get("clear"):
            with self._lock:
                self.most_at_once = sum(map(_still_waits, self._under_way))
                self.correlation_ids.clear()
        self.by_a_person(order)

    def by_a_person(self, order: dict[str, Any]) -> None:
        """What somebody does in KIAS itself: `write`, `change` {isn, fields}, `annul` isn, `remove` isn."""
        ledger = self.service.ledger
        if "write" in order:
            ledger.save(_fields_of(order["write"], "write"), by_hand=True)
        done = True
        if "change" in order:
            given = order["change"] if isinstance(order["change"], dict) else {}
            done = ledger.change(_isn_of(given.get("isn")), _fields_of(given.get("fields"), "change"))
        if "annul" in order:
            done = ledger.annul(_isn_of(order["annul"])) and done
        if "remove" in order:
            done = ledger.remove(_isn_of(order["remove"])) and done
        if not done:
            raise BadControlError("no such document")


def _still_waits(caller: socket.socket) -> bool:
    """Whether he has not hung up: a call that nobody waits for any more is none under way."""
    if not select.select([caller], [], [], 0)[0]:
        return True
    try:
        return caller.recv(1, socket.MSG_PEEK) != b""
    except OSError:
        return False


def _fields_of(given: Any, order: str) -> dict[str, str]:
    if not isinstance(given, dict) or not given or given.keys() - set(FIELDS):
        raise BadControlError(f"{order}: {', '.join(FIELDS)}")
    return {name: str(value) for name, value in given.items()}


def _isn_of(given: Any) -> int:
    if not str(given).isdecimal() or len(str(given)) > 18:
        raise BadControlError("isn: a document's ISN")
    return int(given)
