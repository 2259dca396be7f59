"""One run from the first receipt to the books that are checked."""

import time
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field

from tests.chaos.books import Books, of_kias, of_ours
from tests.chaos.checker import ENDS
from tests.chaos.conductor import Conductor
from tests.chaos.plan import Plan
from tests.chaos.rough import RoughLine
from tests.chaos.town import Town, at_rest
from tests.chaos.walkers import TROUBLE, Crowd, Walker, client
from tests.support.phone import Phone
from tests.support.stack import wait_for

UNFINISHED = f"SELECT count(*) FROM receipts_receipt WHERE state NOT IN {ENDS}"
STATES = "SELECT state, count(*) FROM receipts_receipt WHERE agent_id::text = ANY(%s) GROUP BY state"


@dataclass
class Run:
    """All phones of one town; `go` may be called again with another plan and other phones."""

    town: Town
    say: Callable[[str], None] = print
    walkers: list[Walker] = field(default_factory=list)
    #: the phones of the latest run only
    latest: list[Walker] = field(default_factory=list)
    #: what was dealt and what befell the phones' requests, over all runs
    dealt: Counter[str] = field(default_factory=Counter)
    befell: Counter[str] = field(default_factory=Counter)

    def go(self, plan: Plan) -> Books:
        """Let it happen, make peace, wait until all is at rest; the three ledgers."""
        self.say(f"chaos: seed {plan.seed}, {plan.phones} phones, {plan.receipts} receipts, late={plan.late}")
        began = time.monotonic()
        line = RoughLine(self.town.port, f"{plan.seed}|line")
        try:
            walkers = self._register(plan, line)
            crowd, conductor = Crowd(walkers, plan.drivers), Conductor(self.town, plan, self.say)
            line.rough()
            crowd.start()
            try:
                conductor.play(lambda: bool(crowd.broke) or (crowd.idle and self._ended(plan.share)))
            finally:
                line.smooth()
                conductor.make_peace()
            fought = time.monotonic() - began
            self._settle(plan, crowd, line)
            crowd.stop()
            if crowd.broke:
                raise crowd.broke[0]
            self._read_to_the_end(walkers)
        finally:
            line.close()
        self.dealt += conductor.dealt
        self.befell += line.happened
        self._tell(walkers, conductor, line, fought, time.monotonic() - began)
        return self.books()

    def books(self) -> Books:
        """The ledgers as they are, and what our own reconciliation says of them."""
        found = self.town.reconcile()
        if others := {difference for difference, _ in found} - {"twice"}:
            self.say(f"  reconciliation found as well: {sorted(others)}")
        return Books(
            named_twice=tuple(sorted({isn for difference, isn in found if difference == "twice"})),
            saved=tuple(saved for walker in self.walkers for saved in walker.saved()),
            heard={walker.agent: tuple(walker.heard) for walker in self.walkers},
            documents=of_kias(self.town.ledger()),
            most_at_once=self.town.most_at_once(),
            allowed_at_once=int(self.town.env["KIAS_CONCURRENCY"]),
            **of_ours(self.town.database_url),
        )

    def _register(self, plan: Plan, line: RoughLine) -> list[Walker]:
        people = self.town.people(len(self.walkers), plan.phones)
        new = [
            Walker(Phone(client(line.url, token)), agent, plan.dice("phone", i), quota)
            for i, ((agent, token), quota) in enumerate(zip(people, plan.quota(), strict=True))
        ]
        with ThreadPoolExecutor(plan.drivers) as pool:
            list(pool.map(_register, new))
        self.walkers += new
        self.latest = new
        return new

    def _ended(self, share: float) -> bool:
        counted = dict(self.town.query(STATES, [walker.agent for walker in self.latest]))
        return sum(counted.get(state, 0) for state in ENDS) >= share * sum(counted.values())

    def _settle(self, plan: Plan, crowd: Crowd, line: RoughLine) -> None:
        """Whatever is not at rest when patience ends, the checker will name. There is patience as long as
        receipts come to an end, however slowly."""
        left, give_up = -1, time.monotonic() + plan.patience_s
        while time.monotonic() < give_up and not crowd.broke:
            (unfinished,) = self.town.query(UNFINISHED)[0]
            if crowd.idle and line.quiet and unfinished == 0:
                break
            if unfinished != left:
                left, give_up = unfinished, time.monotonic() + plan.patience_s
            self.town.mend()
            time.sleep(0.25)
        # What KIAS did not answer it may still commit.
        at_rest(lambda: len(self.town.ledger()["documents"]), plan.late_range()[1] + 1, plan.patience_s)

    def _read_to_the_end(self, walkers: list[Walker]) -> None:
        def read(walker: Walker) -> None:
            wait_for(lambda: _read_page(walker), f"{walker.agent}'s feed", 60)

        with ThreadPoolExecutor(4) as pool:
            list(pool.map(read, walkers))

    def _tell(
        self, walkers: list[Walker], conductor: Conductor, line: RoughLine, fought: float, whole: float
    ) -> None:
        met: Counter[str] = Counter()
        for walker in walkers:
            met += walker.met
        self.say(f"  blows: {_list(conductor.dealt)}")
        self.say(f"  requests: {_list(line.happened)}")
        self.say(f"  phones met: {_list(met)}")
        for words in self.town.deaths:
            self.say(f"  ended by itself: {words}")
        self.say(f"  {fought:.0f} s of faults, {whole:.0f} s in all")


def _register(walker: Walker) -> None:
    walker.phone.register()
    walker.phone.fetch_setup()
    walker.phone.contact()


def _read_page(walker: Walker) -> bool:
    """Whether the feed is read to its end."""
    try:
        return not walker.read()
    except TROUBLE:
        return False


def _list(counted: Counter[str]) -> str:
    return ", ".join(f"{name} {times}" for name, times in sorted(counted.items()))
