"""What can go wrong on purpose with single calls: from a script, or by rate with a seed to replay it."""

import random
import secrets
import threading
from dataclasses import dataclass, field
from typing import Any

#: kind → what it does. Those that say «записан» do the work and then spoil the answer.
KINDS = {
    "refuse": "503 с Retry-After: вызов не принят",
    "rate_limit": "429: слишком часто",
    "expire": "сеанс закончился (001), вызов не принят",
    "delay": "ответ через seconds",
    "lose_answer": "документ записан, ответ потерян",
    "commit_late": "ответа нет, документ записан через seconds, что бы ни случилось с симулятором",
    "http_500": "ошибка 500, вызов не принят",
    "http_500_after": "ошибка 500, документ записан",
    "soap_fault": "SOAP Fault, вызов не принят",
    "malformed": "документ записан, ответ — негодный XML",
    "not_ours": "ответ 200 с чужой страницей, вызов не принят",
    "empty": "документ записан, ответ пуст",
    "no_result": "документ записан, в ответе нет result",
    "two_results": "документ записан, в ответе два result",
    "bare_error": "отказ без кода и текста, вызов не принят",
    "double": "документ записан дважды, ответ верный",
}
PROCEDURES = ("save", "find", "list", "auth")


class BadControlError(ValueError):
    """What was posted to /control makes no sense; the text says what and how to put it right."""


@dataclass(frozen=True)
class Fault:
    """One fault. `only` limits it to one procedure."""

    kind: str
    seconds: float = 0.0
    only: str = ""

    @classmethod
    def parse(cls, given: Any) -> "Fault":
        if isinstance(given, str):
            given = {"kind": given}
        if not isinstance(given, dict) or given.get("kind") not in KINDS:
            raise BadControlError(f"kind: {', '.join(KINDS)}")
        if given.keys() - {"kind", "seconds", "only"}:
            raise BadControlError("a fault holds kind, seconds, only")
        return cls(
            given["kind"], number(given.get("seconds", 0), "seconds"), procedure(given.get("only", ""))
        )


@dataclass(frozen=True)
class Rate:
    """How often a fault befalls a call: a share from 0 to 1; its `seconds` are drawn between two bounds."""

    share: float
    seconds: tuple[float, float] = (1.0, 1.0)
    only: str = ""

    @classmethod
    def parse(cls, given: Any) -> "Rate":
        """`0.2` or `{"rate": 0.2, "seconds": 3, "only": "save"}` or `{"rate": …, "seconds": [1, 30]}`."""
        if not isinstance(given, dict):
            return cls(number(given, "rate", 1))
        if given.keys() - {"rate", "seconds", "only"}:
            raise BadControlError("a rate holds rate, seconds, only")
        seconds = given.get("seconds", 1)
        low, high = seconds if isinstance(seconds, list) and len(seconds) == 2 else (seconds, seconds)
        bounds = (number(low, "seconds"), number(high, "seconds"))
        return cls(number(given.get("rate"), "rate", 1), bounds, procedure(given.get("only", "")))

    def told(self) -> Any:
        return {"rate": self.share, "seconds": list(self.seconds), "only": self.only}


@dataclass
class Faults:
    """What is ordered at present. Scripted faults are used up in their order, one per call they fit."""

    seed: str = field(default_factory=lambda: secrets.token_hex(4))
    script: list[Fault] = field(default_factory=list)
    rates: dict[str, Rate] = field(default_factory=dict)
    _lock: threading.Lock = field(default_factory=threading.Lock)
    _random: random.Random = field(init=False)

    def __post_init__(self) -> None:
        self._random = random.Random(self.seed)  # noqa: S311 (dice to be replayed, no secret)

    def next_for(self, called: str) -> Fault | None:
        """The fault that befalls this call."""
        with self._lock:
            for fault in self.script:
                if fault.only in {"", called}:
                    self.script.remove(fault)
                    return fault
            for kind, rate in self.rates.items():
                if rate.only in {"", called} and self._random.random() < rate.share:
                    return Fault(kind, seconds=self._random.uniform(*rate.seconds))
        return None

    def drawn(self, draw: Any) -> float:
        """A number drawn with our dice: `draw(dice)`."""
        with self._lock:
            return float(draw(self._random))

    def change(self, order: dict[str, Any]) -> None:
        """`faults`: a list to append, `rates`: kind → rate, `seed`, `clear`: forget all first."""
        added = [Fault.parse(each) for each in order.get("faults", [])]
        rates = order.get("rates", {})
        if not isinstance(rates, dict) or rates.keys() - KINDS.keys():
            raise BadControlError(f"rates: {', '.join(KINDS)}")
        parsed = {kind: Rate.parse(rate) for kind, rate in rates.items()}
        with self._lock:
            if order.get("clear"):
                self.script.clear()
                self.rates.clear()
            self.script.extend(added)
            self.rates.update(parsed)
            if "seed" in order:
                self.seed = str(order["seed"])
                self._random.seed(self.seed)

    def told(self) -> dict[str, Any]:
        with self._lock:
            return {
                "faults": [{"kind": f.kind, "seconds": f.seconds, "only": f.only} for f in self.script],
                "rates": {kind: rate.told() for kind, rate in self.rates.items()},
                "seed": self.seed,
            }


def number(given: Any, name: str, most: float = 3600) -> float:
    if isinstance(given, bool) or not isinstance(given, int | float) or not 0 <= given <= most:
        raise BadControlError(f"{name}: a number from 0 to {most:g}")
    return float(given)


def procedure(given: Any) -> str:
    if given not in {"", *PROCEDURES}:
        raise BadControlError(f"only: {', '.join(PROCEDURES)}")
    return str(given)
