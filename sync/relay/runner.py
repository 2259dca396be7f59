"""Relaying: a runner takes a slot and carries one due delivery after another to KIAS.

For each: claim the row, commit an attempt, look at leases, pause and circuit once more, call KIAS with no
lock held and no transaction open, record the outcome. Whatever dies in between is found by the sweep when the
lease has run out, and is asked about before it is saved again (ADR 0003, 0025).
"""

import logging
import time
from collections.abc import Callable
from dataclasses import dataclass
from random import random
from typing import Any, Literal, TypeVar
from uuid import UUID

from accounts import correlation
from sync.clock import Clock, database_clock, later
from sync.kias.document import document_of
from sync.kias.gateway import (
    KiasDocument,
    KiasGateway,
    KiasRejectedError,
    KiasUnavailableError,
    KiasUnknownError,
)
from sync.models import Acts, Delivery, Outcome, Stage
from sync.relay import (
    asking,
    attempts,
    checks,
    circuit,
    deliveries,
    facts,
    outcomes,
    refusals,
    schedule,
    slots,
)
from sync.relay.asking import Facts
from sync.relay.terms import Terms

logger = logging.getLogger(__name__)

T = TypeVar("T")

_LOOKS = 5  # what others are just claiming looks due for a moment; the sweep finds whatever is left
_AFTER_A_DROP_S = 1.0
_AT_ONCE = 8  # deliveries under one claim: a runner's fair share, never more
_BLAMELESS = 30  # so many times an unavailable KIAS costs a delivery nothing but the time


class KiasAwayError(Exception):
    """KIAS takes no calls just now: the runner ends instead of trying the next delivery (F09)."""


class _EndedError(Exception):
    """The call ended without an answer to go on with; what there is to record is recorded."""


@dataclass(frozen=True, kw_only=True)
class Relay:
    """One runner's tools: whom to call, on which terms, by which clock, by which rule, with which dice."""

    gateway: KiasGateway
    terms: Terms
    clock: Clock = database_clock
    must_ask: Callable[[Facts], str | None] = asking.must_ask
    dice: Callable[[], float] = random

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

        Saves go first; checks are looked for one by one, or a whole day's at once where many are due.
        """
        if not slots.renew(slot, self.terms.lease_s, self.clock):
            return False
        # Whoever would come so late that his lease might not outlast an ask and a save goes back unbegun.
        stop_at = min(stop_at, time.monotonic() + self.terms.lease_s - 2 * self.terms.timeout_s)
        claimed = self._claim(Stage.SAVE)
        if not claimed:
            crowded = checks.crowded_days(self.clock)
            page = (self.gateway, self.terms, crowded, slot, self.clock, self.dice)
            if crowded and checks.read_page(*page):
                return True
            claimed = self._claim(Stage.CHECK, but_days=crowded)
        for place, delivery in enumerate(claimed):
            if place and (
                time.monotonic() >= stop_at or not slots.renew(slot, self.terms.lease_s, self.clock)
            ):
                deliveries.give_back(claimed[place:])
                break
            try:
                self._relay_one(delivery, slot)
            except Exception:
                deliveries.give_back(claimed[place + 1 :])
                raise
        return bool(claimed)

    def _claim(self, stage: Stage, **given: Any) -> list[Delivery]:
        at_once = 1 if circuit.look().is_open else _AT_ONCE
        return deliveries.claim(
            self.terms.lease_s,
            self.clock,
            runners=self.terms.concurrency,
            most=at_once,
            stages=[stage],
            **given,
        )

    def _relay_one(self, claimed: Delivery, slot: UUID) -> None:
        delivery = deliveries.read(claimed)
        if delivery is None:
            return
        with correlation.follow(str(delivery.receipt_id)):
            try:
                if delivery.stage == Stage.SAVE:
                    self._save(delivery, slot)
                else:
                    self._look_for_check(delivery, slot)
            except _EndedError:
                pass
            except deliveries.ClaimLostError:
                logger.warning("claim_lost")

    def _save(self, delivery: Delivery, slot: UUID) -> None:
        document = document_of(delivery.receipt)
        known = facts.gather(delivery, self.terms.fresh_s, self.clock)
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
        attempt, saved = self._call(
            delivery, slot, "save", why or "", lambda within: self.gateway.save(document, within=within)
        )
        outcomes.registered(delivery, attempt, isn=saved.isn, by_hand=False, clock=self.clock)

    def _found(self, delivery: Delivery, slot: UUID, document: KiasDocument, why: str) -> bool:
        """Ask KIAS whether it has the receipt; True when the answer decides and is recorded."""
        attempt, found = self._call(
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
        attempt, found = self._call(
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
        attempts.end(attempt, Outcome.OK, self.clock, detail="чека ещё нет" if ours else "документа нет")
        deliveries.finish(
            delivery,
            polls=delivery.polls + 1,
            failures=0,
            last_error="" if ours else "документа нет в КИАС",
            due_at=later(self.clock, schedule.poll_distance(delivery.polls + 1, self.dice())),
        )

    def _call(
        self,
        delivery: Delivery,
        slot: UUID,
        operation: Literal["find", "save"],
        why: str,
        call: Callable[[float], T],
    ) -> tuple[int, T]:
        """Make one call and return its attempt and answer; raises once anything else has been recorded."""
        terms = self.terms
        must_end = time.monotonic() + terms.timeout_s  # taken before the attempt's own clock is read
        attempt = attempts.begin(delivery, operation, why, terms.timeout_s, self.clock)
        if not deliveries.may_send(delivery, slot, terms.timeout_s, self.clock):
            attempts.end(attempt, Outcome.DROPPED, self.clock, detail="не успела бы или уже не нужна")
            deliveries.finish(delivery, due_at=later(self.clock, _AFTER_A_DROP_S))
            raise _EndedError
        try:
            with circuit.counted(terms.concurrency, self.clock, self.dice):
                return attempt, call(must_end - time.monotonic())
        except KiasUnavailableError as error:
            attempts.end(attempt, Outcome.UNAVAILABLE, self.clock, detail=error.detail)
            self._keep_its_turn(delivery, error.detail)
            raise KiasAwayError from error
        except KiasRejectedError as error:
            refusal = refusals.lookup(error.code, error.text)
            if operation == "save" and refusal.acts != Acts.WAIT:
                outcomes.rejected(delivery, attempt, error_code=error.code, refusal=refusal, clock=self.clock)
            else:  # nothing was refused but our question, or only for now (P09)
                attempts.end(attempt, Outcome.REJECTED, self.clock, detail=error.code)
                self._put_off(delivery, error.code)
            raise _EndedError from error
        except Exception as error:
            detail = _detail(error)
            if not isinstance(error, KiasUnknownError):
                logger.exception("gateway_broke_its_contract")
            attempts.end(attempt, Outcome.UNKNOWN, self.clock, detail=detail)
            self._put_off(
                delivery, detail, at_least=terms.settle_s if operation == "save" else 0.0
            )  # the save's settle time is looked at again when it is claimed
            raise _EndedError from error

    def _keep_its_turn(self, delivery: Delivery, detail: str) -> None:
        """KIAS being away is no delivery's fault: it stays due, and the circuit says when (F09: in order of
        age). Only one that meets it again and again steps aside for a while: perhaps it is to blame."""
        failures = delivery.failures + 1
        if failures <= _BLAMELESS:
            deliveries.finish(delivery, failures=failures, last_error=detail[:200])
        else:
            self._put_off(delivery, detail)

    def _put_off(self, delivery: Delivery, detail: str, at_least: float = 0.0) -> None:
        failures = delivery.failures + 1
        pause = max(schedule.backoff(failures, self.dice()), at_least)
        deliveries.finish(
            delivery, failures=failures, last_error=detail[:200], due_at=later(self.clock, pause)
        )


def _detail(error: Exception) -> str:
    """What may be written down of a failure: no personal data."""
    return error.detail if isinstance(error, KiasUnknownError) else type(error).__name__
