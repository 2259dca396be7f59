"""Relaying: a runner takes a slot and carries one due delivery after another to KIAS.

A few are claimed at once. For each: gather the facts, commit an attempt in the statement that looks at
leases, pause and circuit for the last time, call KIAS with no lock held and no transaction open, record the
outcome. Whatever dies in between is found by the sweep when the lease has run out, and is asked about before
it is saved again (ADR 0003, 0025).
"""

import logging
import time
from collections.abc import Callable, Collection
from dataclasses import dataclass
from datetime import date
from random import random
from typing import Literal
from uuid import UUID

from accounts import correlation
from sync.clock import Clock, database_clock, later
from sync.kias.document import document_of
from sync.kias.gateway import KiasDocument, KiasGateway, KiasUnavailableError
from sync.models import Delivery, Outcome, Stage
from sync.relay import (
    asking,
    attempts,
    checks,
    circuit,
    deliveries,
    facts,
    outcomes,
    schedule,
    slots,
)
from sync.relay.asking import Facts
from sync.relay.calls import CallDroppedError, CallEndedError, Calls, KiasAwayError
from sync.relay.terms import Terms

logger = logging.getLogger(__name__)

_LOOKS = 5  # what others are just claiming looks due for a moment; the sweep finds whatever is left
_AT_ONCE = 8  # deliveries under one claim: a runner's fair share, never more
_CHECKS_FIRST = 1 / 8  # of all claims: however many saves wait, agents get the checks that KIAS has formed


@dataclass(frozen=True, kw_only=True)
class Relay:
    """One runner's tools: whom to call, on which terms, by which clock, by which rule, with which dice."""

    gateway: KiasGateway
    terms: Terms
    clock: Clock = database_clock
    must_ask: Callable[[Facts], str | None] = asking.must_ask
    dice: Callable[[], float] = random

    @property
    def _calls(self) -> Calls:
        return Calls(self.terms, self.clock, self.dice)

    def run(self, budget_s: float) -> Literal["no_slot", "nothing_due", "away", "budget"]:
        """Relay what is due until nothing is, KIAS is away, or `budget_s` seconds are used; why it ended."""
        stop_at = time.monotonic() + budget_s
        for _ in range(_LOOKS):
            slot = slots.take(self.terms.concurrency, self.terms.lease_s, self.clock)
            if slot is None:
                return "no_slot"
            try:
                while time.monotonic() < stop_at and self._relay_some(slot, stop_at):
                    pass
            except (KiasAwayError, KiasUnavailableError):
                slots.give_back(slot)
                return "away"
            except Exception:
                slots.give_back(slot)
                raise
            slots.give_back(slot)
            if time.monotonic() >= stop_at:
                return "budget"
            if not deliveries.due(self.clock).exists():  # see nudging.nudge: this look closes its gap
                break
        return "nothing_due"

    def _relay_some(self, slot: UUID, stop_at: float) -> bool:
        """Claim what is next and do its next step; False when nothing is due or the slot must not be used.

        Saves go first, but for one claim in eight; checks are looked for one by one, or a whole day's at once
        where many are due.
        """
        # Whoever would come so late that slot or lease might not outlast an ask and a save goes back unbegun.
        stop_at = min(stop_at, time.monotonic() + self.terms.lease_s - 2 * self.terms.timeout_s)
        if not slots.renew(slot, self.terms.lease_s, self.clock):
            return False
        checks_first = self.dice() < _CHECKS_FIRST
        claimed = [] if checks_first else self._claim(Stage.SAVE)
        if not claimed:
            crowded = checks.crowded_days(self.clock)
            if crowded and checks.read_page(self.gateway, self.terms, crowded, slot, self.clock, self.dice):
                return True
            claimed = self._claim(Stage.CHECK, but_days=crowded)
        if checks_first and not claimed:
            claimed = self._claim(Stage.SAVE)
        for place, delivery in enumerate(claimed):
            if place and time.monotonic() >= stop_at:
                deliveries.give_back(claimed[place:])
                break
            try:
                self._relay_one(delivery, slot)
            except CallDroppedError:  # perhaps for the slot's sake: it is looked at before the next claim
                deliveries.give_back(claimed[place + 1 :])
                break
            except Exception:
                deliveries.give_back(claimed[place + 1 :])
                raise
        return bool(claimed)

    def _claim(self, stage: Stage, but_days: Collection[date] = ()) -> list[Delivery]:
        at_once = 1 if circuit.look().is_open else _AT_ONCE
        return deliveries.claim(
            self.terms.lease_s,
            self.clock,
            runners=self.terms.concurrency,
            most=at_once,
            stages=[stage],
            but_days=but_days,
        )

    def _relay_one(self, delivery: Delivery, slot: UUID) -> None:
        with correlation.follow(str(delivery.receipt_id)):
            known = facts.refresh(delivery, self.terms.fresh_s, self.clock)
            if known is None:
                return
            try:
                if delivery.stage == Stage.SAVE:
                    self._save(delivery, slot, known)
                else:
                    self._look_for_check(delivery, slot)
            except CallEndedError:
                pass
            except deliveries.ClaimLostError:
                logger.warning("claim_lost")

    def _save(self, delivery: Delivery, slot: UUID, known: Facts) -> None:
        document = document_of(delivery.receipt)
        why = self.must_ask(known)
        if why:
            believable = attempts.settled_at(delivery, self.terms.settle_s)
            if believable and believable > known.now:
                deliveries.finish(delivery, due_at=believable)
                return
            if self._found(delivery, slot, document, why):
                return
            # The office may have corrected the contact while KIAS was asked (P23).
            delivery.receipt.refresh_from_db(fields=["corrected_contact"])
            document = document_of(delivery.receipt)
        attempt, saved = self._calls.make(
            delivery, slot, "save", why or "", lambda within: self.gateway.save(document, within=within)
        )
        outcomes.registered(delivery, attempt, isn=saved.isn, by_hand=False, clock=self.clock)

    def _found(self, delivery: Delivery, slot: UUID, document: KiasDocument, why: str) -> bool:
        """Ask KIAS whether it has the receipt; True when the answer decides and is recorded."""
        attempt, found = self._calls.make(
            delivery,
            slot,
            "find",
            why,
            lambda within: self.gateway.find(
                external_id=document.external_id, number=document.number, within=within
            ),
        )
        return outcomes.found(delivery, attempt, asking.judge(found, document), clock=self.clock)

    def _look_for_check(self, delivery: Delivery, slot: UUID) -> None:
        receipt = delivery.receipt
        attempt, found = self._calls.make(
            delivery,
            slot,
            "find",
            "check",
            lambda within: self.gateway.find(
                external_id=str(receipt.id), number=receipt.number, within=within
            ),
        )
        ours = next((each for each in found if each.isn == receipt.kias_isn), None)
        if ours and outcomes.check_seen(delivery, ours, clock=self.clock, attempt=attempt):
            return
        if not ours and delivery.ask_first != asking.LINKED:
            moved = asking.moved(found, external_id=str(receipt.id), isn=receipt.kias_isn)
            if moved and outcomes.found(delivery, attempt, moved, clock=self.clock):
                return
        attempts.end(attempt, Outcome.OK, self.clock, detail="чека ещё нет" if ours else "документа нет")
        deliveries.finish(
            delivery,
            polls=delivery.polls + 1,
            failures=0,
            last_error="" if ours else "документа нет в КИАС",
            due_at=later(self.clock, schedule.poll_distance(delivery.polls + 1, self.dice())),
        )
