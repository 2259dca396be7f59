"""Deals blow after blow while the phones work, then makes peace."""

import threading
import time
from collections import Counter
from collections.abc import Callable

from tests.chaos.plan import DECK, Plan
from tests.chaos.town import CHECK_AFTER_S, Town
from tests.support.stack import wait_for

#: how far a clock jumps, seconds; days are beyond what the intake lets pass without a person
JUMPS = (-7200, -1500, -400, 400, 1500, 7200)
AT_ONCE = 60  # faults for KIAS that lie ready


class Conductor:
    """`play` until `enough()`; each blow stands in `dealt`."""

    def __init__(self, town: Town, plan: Plan, say: Callable[[str], None]) -> None:
        self.town, self.plan, self.say = town, plan, say
        self.dice = plan.dice("conductor")
        self.kias_dice = plan.dice("kias")
        self.dealt: Counter[str] = Counter()
        self._afterwards: list[Callable[[], None]] = []
        self._blows: dict[str, Callable[[], None]] = {
            "kill worker": lambda: town.kill_and_start("worker"),
            "kill web": lambda: town.kill_and_start("web"),
            "kill second worker": lambda: town.kill_and_start("second worker"),
            "kill second web": lambda: town.kill_and_start("second web"),
            "kill a child of worker": lambda: town.kill_a_child("second worker", self.dice.choice),
            "kill a child of web": lambda: town.kill_a_child("second web", self.dice.choice),
            "flush broker": town.flush_broker,
            "restart broker": town.restart_broker,
            "restart PostgreSQL": town.restart_postgres,
            "kill simulator": self._kill_simulator,
            "outage of KIAS": self._outage,
            "session of KIAS expires": lambda: town.control(end_sessions=True),
            "clock of worker jumps": lambda: self._jump("worker"),
            "clock of web jumps": lambda: self._jump("web"),
        }

    def play(self, enough: Callable[[], bool]) -> None:
        """Decks of blows until it is enough; never fewer nor more than the plan says."""
        began = time.monotonic()
        give_up = began + self.plan.patience_s
        rounds = 0
        while rounds < self.plan.rounds or not (
            rounds >= self.plan.most_rounds or enough() or time.monotonic() > give_up
        ):
            deck = list(DECK)
            self.dice.shuffle(deck)
            for blow in deck:
                self._arm_kias()
                if self.plan.blows:
                    self.say(f"{time.monotonic() - began:7.1f} s  {blow}")
                    self._deal(blow)
                threading.Event().wait(self.plan.every_s)
                self._let_somebody_work(give_up)
                while self._afterwards:
                    self._afterwards.pop()()
                self.town.mend()
                if rounds >= self.plan.rounds and enough():
                    return
            rounds += 1

    def _let_somebody_work(self, give_up: float) -> None:
        """However slow the machine: no blow before one web and one worker process stand again."""
        while not self.town.one_of_each_works() and time.monotonic() < give_up:
            self.town.mend()
            threading.Event().wait(0.25)

    def make_peace(self) -> None:
        """No more faults; every part works."""
        self.town.mend()
        self.town.all_ready()
        self.town.control(clear=True)
        self.town.control(check_after=CHECK_AFTER_S)

    def _deal(self, blow: str) -> None:
        if "clock" in blow and not self.town.has_clocks:
            self.say(f"NOT DONE: {blow} (apt install faketime)")
            return
        self.dealt[blow] += 1
        self._blows[blow]()

    def _arm_kias(self) -> None:
        self.town.control(clear=True, faults=self.plan.kias_faults(self.kias_dice, AT_ONCE))

    def _kill_simulator(self) -> None:
        self.town.kill_and_start("simulator")
        wait_for(self.town.kias_answers, "the simulator after its death", 60)
        self.town.control(check_after=CHECK_AFTER_S)
        self._arm_kias()

    def _outage(self) -> None:
        self.town.control(outage=True)
        self._afterwards.append(lambda: self.town.control(outage=False))

    def _jump(self, kind: str) -> None:
        self.town.set_clock(kind, self.dice.choice(JUMPS))
        self._afterwards.append(lambda: self.town.set_clock(kind, 0))
