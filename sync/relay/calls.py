"""One call to KIAS for one delivery, and what becomes of both when it ends without an answer to go on with.

An attempt is committed before it, in the statement that looks at leases, pause and circuit for the last time,
and ended after it (ADR 0003). What an answer means is not decided here (`outcomes`).
"""

import logging
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal, TypeVar
from uuid import UUID

from sync.clock import Clock, later
from sync.kias.gateway import KiasRejectedError, KiasUnavailableError, KiasUnknownError
from sync.models import Acts, Delivery, Outcome
from sync.relay import attempts, circuit, deliveries, outcomes, refusals, schedule
from sync.relay.terms import Terms

logger = logging.getLogger(__name__)

T = TypeVar("T")

_AFTER_A_DROP_S = 1.0
_BLAMELESS = 30  # so many times an unavailable KIAS costs a delivery nothing but the time


class KiasAwayError(Exception):
    """KIAS takes no calls just now: the runner ends instead of trying the next delivery (F09)."""


class CallEndedError(Exception):
    """The call ended without an answer to go on with; what there is to record is recorded."""


class CallDroppedError(Exception):
    """The call was not made: the last look said no, perhaps to all that this runner holds."""


@dataclass(frozen=True)
class Calls:
    """How calls are made: on which terms, by which clock, with which dice."""

    terms: Terms
    clock: Clock
    dice: Callable[[], float]

    def make(
        self,
        delivery: Delivery,
        slot: UUID,
        operation: Literal["find", "save"],
        why: str,
        call: Callable[[float], T],
    ) -> tuple[int, T]:
        """Make one call, given the seconds that are left for it; its attempt and its answer.

        Raises `CallDroppedError`, `CallEndedError` or `KiasAwayError` once anything else has been recorded.
        """
        terms = self.terms
        must_end = time.monotonic() + terms.timeout_s  # taken before the database's clock is read
        attempt = attempts.begin(delivery, slot, operation, why, terms.timeout_s, self.clock)
        if attempt is None:
            attempts.drop(delivery, operation, why, self.clock)
            deliveries.finish(delivery, due_at=later(self.clock, _AFTER_A_DROP_S))
            raise CallDroppedError
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
            raise CallEndedError from error
        except Exception as error:
            detail = _detail(error)
            if not isinstance(error, KiasUnknownError):
                logger.exception("gateway_broke_its_contract")
            attempts.end(attempt, Outcome.UNKNOWN, self.clock, detail=detail)
            self._put_off(
                delivery, detail, at_least=terms.settle_s if operation == "save" else 0.0
            )  # the save's settle time is looked at again when it is claimed
            raise CallEndedError from error

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
