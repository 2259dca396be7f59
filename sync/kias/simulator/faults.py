"""What can go wrong on purpose: the next calls' faults from a script, random ones by rate, or an outage."""

import random
import threading
from dataclasses import dataclass, field
from typing import Any

#: kind → what it does. Those with `commits` do the work and then spoil the answer.
KINDS = {
    "refuse": "503 с Retry-After: вызов не принят",
    "rate_limit": "429: слишком часто",
    "expire": "сеанс закончился (001), вызов не принят",
    "delay": "ответ через seconds",
    "lose_answer": "документ записан, ответ потерян",
    "commit_late": "ответа нет, документ записан через seconds",
    "http_500": "ошибка 500, вызов не принят",
    "http_500_after": "ошибка 500, документ записан",
    "soap_fault": "SOAP Fault, вызов не принят",
    "malformed": "документ записан, ответ — негодный XML",
    "not_ours": "ответ 200 с чужой страницей, вызов не принят",
}


class BadControlError(ValueError):
    """What was posted to /control makes no sense; the text says what and how to put it right."""


@dataclass(frozen=True)
class Fault:
    """One fault. `only` limits it to one procedure: `save`, `find`, `list` or `auth`."""

    kind: str
    seconds: float = 0.0
    only: str = ""

    @classmethod
    def parse(cls, given: Any) -> "Fault":
        if isinstance(given, str):
            given = {"kind": given}
        if not isinstance(given, dict) or given.get("kind") not in KINDS:
            raise BadControlError(f"kind: {', '.join(KINDS)}")
        if given.keys() - {"kind", "seconds", "only"} or given.get("only", "") not in {
            "",
            "save",
            "find",
            "list",
            "auth",
        }:
            raise BadControlError("a fault holds kind, seconds, only (save, find, list, auth)")
        return cls(given["kind"], _number(given.get("seconds", 0), "seconds"), given.get("only", ""))


@dataclass
class Faults:
    """What is ordered at present. Scripted faults are used up in their order, one per call they fit."""

    script: list[Fault] = field(default_factory=list)
    rates: dict[str, float] = field(default_factory=dict)
    outage: bool = False
    slow_s: float = 0.0
    _lock: threading.Lock = field(default_factory=threading.Lock)
    _random: random.Random = field(default_factory=random.Random)

    def next_for(self, procedure: str) -> Fault | None:
        """The fault that befalls this call."""
        with self._lock:
            if self.outage:
                return Fault("refuse", 5.0)
            for fault in self.script:
                if fault.only in {"", procedure}:
                    self.script.remove(fault)
                    return fault
            for kind, rate in self.rates.items():
                if self._random.random() < rate:
                    return Fault(kind, seconds=1.0)
        return None

    def change(self, order: dict[str, Any]) -> None:
        """`faults`: a list to append, `rates`: kind → 0…1, `outage`, `slow_s`, `clear`: forget all first."""
        added = [Fault.parse(each) for each in order.get("faults", [])]
        rates = order.get("rates", {})
        if not isinstance(rates, dict) or rates.keys() - KINDS.keys():
            raise BadControlError(f"rates: {', '.join(KINDS)}")
        rates = {kind: _number(rate, kind) for kind, rate in rates.items()}
        with self._lock:
            if order.get("clear"):
                self.script.clear()
                self.rates.clear()
                self.outage, self.slow_s = False, 0.0
            self.script.extend(added)
            self.rates.update(rates)
            if "outage" in order:
                self.outage = bool(order["outage"])
            if "slow_s" in order:
                self.slow_s = _number(order["slow_s"], "slow_s")
            if "seed" in order:
                self._random.seed(str(order["seed"]))

    def told(self) -> dict[str, Any]:
        with self._lock:
            return {
                "faults": [{"kind": f.kind, "seconds": f.seconds, "only": f.only} for f in self.script],
                "rates": dict(self.rates),
                "outage": self.outage,
                "slow_s": self.slow_s,
            }


def _number(given: Any, name: str) -> float:
    if isinstance(given, bool) or not isinstance(given, int | float) or not 0 <= given <= 3600:
        raise BadControlError(f"{name}: a number from 0 to 3600")
    return float(given)
