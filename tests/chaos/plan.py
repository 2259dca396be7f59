"""What a run of chaos consists of; everything that is rolled is rolled from its seed."""

import random
import secrets
from dataclasses import dataclass, field
from typing import Any

#: seconds; environment settings that exist for all
TIMEOUT_S, LEASE_S, SETTLE_S = 2.0, 9.0, 4.0
#: calls to KIAS at once, over all workers
CONCURRENCY = 4
RECONCILE_SETTLE_S = TIMEOUT_S + SETTLE_S + 1

#: what befalls a save, in a hundred; the rest is done, some of it slowly
SAVE_FATES = {
    "lose_answer": 20,
    "commit_late": 10,
    "refuse": 2,
    "rate_limit": 1,
    "expire": 1,
    "http_500": 1,
    "http_500_after": 1,
    "malformed": 1,
    "soap_fault": 1,
    "not_ours": 1,
}
FIND_FATES = {"lose_answer": 3, "refuse": 1, "http_500": 1, "malformed": 1, "expire": 1, "not_ours": 1}

#: one of each is dealt before any comes again
DECK = (
    "kill worker",
    "kill web",
    "kill second worker",
    "kill second web",
    "kill a child of worker",
    "kill a child of web",
    "flush broker",
    "restart broker",
    "restart PostgreSQL",
    "kill simulator",
    "outage of KIAS",
    "session of KIAS expires",
    "clock of worker jumps",
    "clock of web jumps",
)


def new_seed() -> str:
    return secrets.token_hex(4)


@dataclass(frozen=True, kw_only=True)
class Plan:
    """`late`: KIAS commits after the settle time, so doubles are expected. `every_s`: between two blows."""

    seed: str = field(default_factory=new_seed)
    phones: int = 40
    receipts: int = 200
    drivers: int = 6
    every_s: float = 2.0
    #: decks of blows: at least, and at most, where a slow machine would otherwise be hit for ever
    rounds: int = 1
    most_rounds: int = 2
    late: bool = False
    #: whether processes are killed, servers restarted, clocks turned; False leaves the lines and KIAS only
    blows: bool = True
    #: what share of the receipts must have reached an end before peace is made
    share: float = 0.5
    #: how long a condition may take to come while nothing moves, seconds: generous, for busy machines
    patience_s: float = 400.0

    def dice(self, *whose: object) -> random.Random:
        """Dice of their own for each actor: what one rolls does not depend on how quick the others are."""
        return random.Random("|".join(map(str, (self.seed, *whose))))

    def quota(self) -> list[int]:
        """Receipts of each phone."""
        return [self.receipts // self.phones + (i < self.receipts % self.phones) for i in range(self.phones)]

    def late_range(self) -> tuple[float, float]:
        """How long after the call KIAS commits what it did not answer: within the settle time, or after."""
        if self.late:
            return TIMEOUT_S + SETTLE_S + 10, TIMEOUT_S + SETTLE_S + 14
        return TIMEOUT_S + 0.1, TIMEOUT_S + 0.5

    def kias_faults(self, dice: random.Random, count: int) -> list[dict[str, Any]]:
        """What befalls the next `count` saves and as many questions, as the simulator's control takes it."""
        saves = SAVE_FATES | {"commit_late": 30} if self.late else SAVE_FATES
        faults = [self._fault(dice, "save", saves) for _ in range(count)]
        faults += [self._fault(dice, "find", FIND_FATES) for _ in range(count)]
        return faults

    def _fault(self, dice: random.Random, procedure: str, fates: dict[str, int]) -> dict[str, Any]:
        rolled, seconds = dice.uniform(0, 100), dice.uniform(*self.late_range())
        for kind, share in fates.items():
            rolled -= share
            if rolled < 0:
                return {"kind": kind, "only": procedure, "seconds": seconds if kind == "commit_late" else 1}
        return {"kind": "delay", "only": procedure, "seconds": 0.2 if rolled < 3 else 0}


SHORT = Plan()
LATE = Plan(phones=8, receipts=40, late=True, blows=False, rounds=0, most_rounds=20, share=0.5)
LONG = Plan(phones=200, receipts=10_000, drivers=12, rounds=3, most_rounds=1000, share=0.9, patience_s=3600.0)
LONG_LATE = Plan(phones=40, receipts=800, late=True, most_rounds=1000, share=0.9, patience_s=3600.0)
