"""The whole path walked at random: phones, the server, KIAS; lost answers, doubled tasks, killed workers.

The phone and the intake are the real protocol, the relay is the real one on a real database, KIAS is the
twin, and the clock is turned by hand. At the end everything heals, and the books must be right.
"""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import Any
from uuid import UUID

import pytest
from django.db import transaction
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from backoffice import reasons
from receipts.models import Kind, NumberReservation, Receipt, ReceiptEvent
from receipts.states import FOLLOWS, State
from sync.models import Attempt, Delivery, IntakeException, Outcome, Stage
from sync.relay.asking import Facts
from sync.relay.terms import Terms
from sync.restore import epoch
from tests.support.factories import make_phone, make_series
from tests.support.kias_documents import make_document
from tests.support.kias_twin import WorkerKilled
from tests.support.phone import Issued, Phone, moment
from tests.support.relaying import TERMS, Desk, TurnedClock, current_epoch

#: Longest delay of a late commit that the settle time covers, counted from the call's beginning.
LATEST = TERMS.timeout_s + TERMS.settle_s - 1

FAULTS = (
    "refuse", "rate_limit", "http_500", "soap_fault", "not_ours",
    "lose_answer", "http_500_after", "malformed", "commit_late",
    "kill_before", "kill_after", "kill_late",
)  # fmt: skip


#: What becomes of a batch that a phone sends.
SENDING = ("not yet", "request lost", "answer lost", "heard")


#: What the line does while a receipt is issued; the last one: another tab had given the number back.
LINES = ("no line", "online", "lost at saving", "online and void")


def in_order(number: int) -> UUID:
    """UUIDv7s in the order of their making, the same in every walk: the relay's order hangs on them."""
    return UUID(f"019aa0000000700080000000{number:08x}")


@dataclass
class Pocket:
    """A phone and what it has not handed over."""

    phone: Phone
    outbox: list[Issued] = field(default_factory=list)


class Path(RuleBasedStateMachine):
    """`must_ask` and `terms` are the policy under test; `taken` are the answers that a phone may hear."""

    taken = frozenset({"accepted", "already_accepted"})

    def __init__(self, must_ask: Callable[[Facts], str | None], terms: Terms) -> None:
        super().__init__()
        self._undo = transaction.atomic()
        self._undo.__enter__()
        self.clock = TurnedClock(datetime.now(UTC))
        self._patch = pytest.MonkeyPatch()
        begun = current_epoch(self.clock.moment).pk
        self._patch.setattr(epoch, "current_id_and_now", lambda: (begun, self.clock.moment))
        self.desk = Desk(clock=self.clock, terms=terms)
        self.desk.relay = replace(self.desk.relay, must_ask=must_ask)
        self.kias = self.desk.kias
        self.kias.check_after = timedelta(seconds=0.5)
        self.pockets: list[Pocket] = []
        self.issued: list[Issued] = []

    @initialize(count=st.integers(1, 2))
    def log_in(self, count: int) -> None:
        self.pockets = [Pocket(make_phone()) for _ in range(count)]
        make_series()
        self.issue(0, 2, "heard", "online")

    # --- phones

    def _pocket(self, which: int) -> Pocket:
        return self.pockets[which % len(self.pockets)]

    @rule(
        which=st.integers(0, 1),
        count=st.integers(1, 3),
        sending=st.sampled_from(SENDING),
        line=st.sampled_from(LINES),
    )
    def issue(self, which: int, count: int, sending: str, line: str) -> None:
        for _ in range(count):
            self.issue_one(self._pocket(which), line)
        self.drain(which, sending)

    def issue_one(self, pocket: Pocket, line: str, **changed: Any) -> None:
        now = self.clock.moment
        day = (now + timedelta(minutes=pocket.phone.offset_min)).date().isoformat()
        told = {
            "id": str(in_order(len(self.issued))),
            "issued_at": moment(now),
            "receipt_date": day,
        } | changed
        number = self._online_number(pocket.phone, line)
        if number:
            receipt = pocket.phone.sealed(pocket.phone.content(number=number, **told))
        else:
            receipt = pocket.phone.issue(**told)
        pocket.outbox.append(receipt)
        self.issued.append(receipt)

    def _online_number(self, phone: Phone, line: str) -> str | None:
        """What the form shows: nothing of a series for want of a line, or while a receipt has the number."""
        number = None if line == "no line" else phone.reserve()
        if number is None or number in {receipt.number for receipt in self.issued}:
            return None
        if line != "online":
            phone.contact(void_numbers=[number])
        return None if line == "lost at saving" else number

    @rule(which=st.integers(0, 1), sending=st.sampled_from(SENDING))
    def drain(self, which: int, sending: str) -> None:
        pocket = self._pocket(which)
        if not pocket.outbox or sending in {"not yet", "request lost"}:
            return
        answers = pocket.phone.send(*pocket.outbox)
        assert {answer["result"] for answer in answers} <= self.taken
        if sending == "heard":
            pocket.outbox.clear()

    @rule(which=st.integers(0, 1))
    def offer_again_what_was_accepted_long_ago(self, which: int) -> None:
        """The phone's own memory of the answer was lost; F01-F03."""
        pocket = self._pocket(which)
        assert pocket.phone.installation
        mine = [
            each for each in self.issued if each.content["installation"] == pocket.phone.installation["id"]
        ]
        pocket.outbox = [*{each.id: each for each in [*pocket.outbox, *mine[:3]]}.values()]
        self.drain(which, "answer lost")

    # --- the server's workers

    @rule(seconds=st.sampled_from([0.0, 0.0, 0.0, 3.0, 20.0, 61.0, 90.0, 700.0]))
    def run_a_task(self, seconds: float) -> None:
        """Woken by a nudge, a sweep, or delivered twice: it makes no difference."""
        self.clock.turn(seconds)
        try:
            self.desk.run()
        except WorkerKilled:
            return

    @rule(frozen_s=st.sampled_from([0.0, 1.0, 30.0, 70.0]))
    def run_two_tasks_at_once(self, frozen_s: float) -> None:
        """The second starts while the first is in a call, `frozen_s` after it began."""
        self.kias.during = lambda: self.run_a_task(frozen_s)
        self.run_a_task(0.0)

    # --- KIAS

    @precondition(lambda self: len(self.kias.faults) < 4)
    @rule(kind=st.sampled_from(FAULTS), seconds=st.floats(0, LATEST), only=st.sampled_from(["", "save"]))
    def something_will_go_wrong(self, kind: str, seconds: float, only: str) -> None:
        self.kias.order(kind, seconds, only)

    @rule()
    def kias_is_away_while_the_office_types_a_receipt_into_it(self) -> None:
        self.kias.outage = True
        self.run_a_task(1.0)
        self._type_into_kias()
        self.kias.outage = False

    def _type_into_kias(self) -> None:
        """F39: only what it sees missing, once the relay was seen failing and no save may be under way."""
        if not Attempt.objects.filter(
            outcome=Outcome.UNAVAILABLE, ended_at__gte=self.clock.moment - timedelta(minutes=5)
        ).exists():
            return
        doubtful = Attempt.objects.filter(operation="save", outcome__in=["", Outcome.UNKNOWN])
        receipt = (
            Receipt.objects.filter(state=State.ACCEPTED, kind=Kind.SALE)
            .exclude(pk__in=doubtful.values("delivery_id"))
            .exclude(number__in=self.kias.numbers())
            .first()
        )
        if receipt:
            self.kias.write_by_hand(
                make_document(
                    number=receipt.number,
                    date=receipt.receipt_date,
                    amount=receipt.amount,
                    policy_series=receipt.policy_series,
                    policy_number=receipt.policy_number,
                    instalment=receipt.instalment,
                )
            )

    # --- what must always hold

    @invariant()
    def nothing_is_twice_in_kias(self) -> None:
        numbers = self.kias.numbers()
        assert len(numbers) == len(set(numbers)), "a number stands twice in KIAS"

    @invariant()
    def what_we_call_registered_is_in_kias(self) -> None:
        isns = {document.isn for document in self.kias.documents}
        known = set(Receipt.objects.exclude(kias_isn="").values_list("kias_isn", flat=True))
        assert known <= isns
        unregistered = Receipt.objects.filter(state__in=[State.REGISTERED, State.FISCALISED], kias_isn="")
        assert not unregistered.exists()

    def teardown(self) -> None:
        try:
            if self.pockets:
                self.everything_heals()
                self.nothing_is_twice_in_kias()
                self.the_books_are_right()
        finally:
            self._patch.undo()
            transaction.set_rollback(True)
            self._undo.__exit__(None, None, None)

    def everything_heals(self) -> None:
        self.kias.outage, self.kias.during = False, None
        self.kias.faults.clear()
        for pocket in self.pockets:
            if pocket.outbox:
                pocket.phone.send(*pocket.outbox)
        self.desk.settle(hours=2)

    def the_books_are_right(self) -> None:
        numbers = [receipt.number for receipt in self.issued]
        assert len(set(numbers)) == len(numbers)
        assert sorted(self.kias.numbers()) == sorted(numbers), "KIAS holds each receipt exactly once"
        rows = {str(receipt.pk): receipt for receipt in Receipt.objects.all()}
        assert set(rows) == {receipt.id for receipt in self.issued}, "nothing lost, nothing invented"
        assert {receipt.state for receipt in rows.values()} <= {State.FISCALISED}
        assert not IntakeException.objects.exists()
        assert not Delivery.objects.exclude(stage=Stage.DONE, claim=None, due_at=None).exists()
        spent = NumberReservation.objects.exclude(spent_at=None).filter(voided_at=None)
        assert {(row.number, row.receipt_id) for row in spent} == {
            (receipt.number, receipt.pk) for receipt in rows.values() if receipt.counter is None
        }, "each series' number on a receipt is spent by it"
        self.histories_follow_the_table()

    def histories_follow_the_table(self) -> None:
        seen: dict[Any, list[ReceiptEvent]] = {}
        feeds: dict[Any, list[int]] = {}
        for event in ReceiptEvent.objects.order_by("change"):
            seen.setdefault(event.receipt_id, []).append(event)
            feeds.setdefault(event.agent_id, []).append(event.change)
        for changes in feeds.values():
            assert changes == list(range(1, len(changes) + 1)), "the feed has no gaps"
        for events in seen.values():
            moves = [event for event in events if event.reason not in reasons.OTHER]
            for before, after in pairwise(moves):
                assert after.state in FOLLOWS[State(before.state)]
