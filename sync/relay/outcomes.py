"""What a call to KIAS ended in, recorded: attempt, receipt and delivery in one transaction each.

The receipt is written first, then the delivery, in this order everywhere, so two writers cannot wait for each
other. Nothing is decided here that a lost claim could make wrong: only the fact that KIAS has a receipt is
written even without the claim.
"""

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from typing import assert_never

from django.db import IntegrityError, transaction

from receipts import registry
from receipts.models import Receipt
from receipts.states import State, WrongStateError
from sync.clock import Clock, later
from sync.kias.gateway import FoundDocument
from sync.models import Delivery, Outcome, Stage
from sync.relay import attempts, deliveries
from sync.relay.asking import LINKED, Differs, Doubled, Finding, NumberTaken, Ours, differs
from sync.relay.deliveries import ClaimLostError
from sync.relay.refusals import Refusal
from sync.relay.schedule import POLL_FIRST_S

logger = logging.getLogger(__name__)

BY_HAND = "внесена в КИАС вручную"
TOO_LATE = "в КИАС уже ISN "  # what a delivery says that KIAS took although the receipt was moved meanwhile


def registered(delivery: Delivery, attempt: int, *, isn: str, by_hand: bool, clock: Clock) -> None:
    """KIAS has the receipt as `isn`. A receipt that was moved meanwhile stays where it is, and it shows."""
    try:
        with transaction.atomic():
            attempts.end(attempt, Outcome.OK, clock, detail=f"ISN {isn}")
            if _register(delivery, isn, BY_HAND if by_hand else ""):
                deliveries.look_for_check(delivery, later(clock, POLL_FIRST_S))
                return
            Delivery.objects.filter(pk=delivery.pk, claim=delivery.claim).update(
                claim=None, lease_until=None, due_at=None, stage=Stage.STOPPED, last_error=f"{TOO_LATE}{isn}"
            )
    except IntegrityError:  # two receipts of ours cannot be one document
        text = f"КИАС назвал ISN {isn}, но это документ другой нашей квитанции."
        held(delivery, attempt, reason="isn_of_another", text=text, clock=clock)


def _register(delivery: Delivery, isn: str, text: str) -> bool:
    try:
        registry.register(delivery.receipt_id, isn=isn, text=text)
    except WrongStateError:
        receipt = Receipt.objects.get(pk=delivery.receipt_id)
        known = receipt.state in {State.REGISTERED, State.FISCALISED} and receipt.kias_isn == isn
        if not known:
            logger.error(
                "registered_too_late",
                extra={"isn": isn, "state": receipt.state, "known_isn": receipt.kias_isn},
            )
        return known
    return True


def found(delivery: Delivery, attempt: int, finding: Finding, *, clock: Clock) -> bool:
    """What KIAS said to our question; False: it does not have the receipt, so it may be saved."""
    match finding:
        case None:
            attempts.end(attempt, Outcome.OK, clock, detail="нет в КИАС")
            return False
        case Ours(isn=isn, by_hand=by_hand):
            registered(delivery, attempt, isn=isn, by_hand=by_hand, clock=clock)
        case NumberTaken(isn=isn):
            text = f"В КИАС под этим номером другой документ, ISN {isn}."
            held(delivery, attempt, reason="number_taken_in_kias", text=text, clock=clock)
        case Doubled(isns=isns):
            logger.error("doubled_in_kias", extra={"isns": isns})
            text = f"В КИАС несколько документов этой квитанции, ISN {', '.join(isns)}."
            held(delivery, attempt, reason="doubled_in_kias", text=text, clock=clock)
        case Differs(reason=reason, text=text):
            held(delivery, attempt, reason=reason, text=text, clock=clock)
        case _:
            assert_never(finding)
    return True


def check_seen(
    delivery: Delivery, document: FoundDocument, *, clock: Clock, attempt: int | None = None
) -> bool:
    """What KIAS's document of a registered receipt says: its check, or a reason to hold it; False: neither.

    Number and sum may differ where a person linked them, knowing it (P04).
    """
    receipt = delivery.receipt
    wrong = differs(
        document,
        external_id=str(receipt.pk),
        number=receipt.number,
        amount=receipt.amount,
        kind=receipt.kind,
    )
    if wrong and not (wrong.reason == "differs_in_kias" and delivery.ask_first == LINKED):
        held(delivery, attempt, reason=wrong.reason, text=wrong.text, clock=clock)
        return True
    if document.check is None:
        return False
    check = document.check
    try:
        with _recording(delivery, attempt, Outcome.OK, clock):
            registry.fiscalise(delivery.receipt_id, check=check)
            deliveries.finish(delivery, stage=Stage.DONE, due_at=None, failures=0, last_error="")
    except IntegrityError:  # one check, one receipt
        text = f"КИАС показал чек другой квитанции: ФН {check.fn}, ФД {check.fd}."
        held(delivery, attempt, reason="check_of_another", text=text, clock=clock)
    return True


def rejected(delivery: Delivery, attempt: int, *, error_code: str, refusal: Refusal, clock: Clock) -> None:
    """KIAS refused it for good: it waits for whoever has to act, the others flow (F11, P09)."""
    with _recording(delivery, attempt, Outcome.REJECTED, clock, detail=error_code):
        registry.reject(
            delivery.receipt_id,
            reason=error_code[:40],
            text=refusal.text,
            acts=refusal.acts,
            field=refusal.field,
        )
        deliveries.finish(delivery, stage=Stage.STOPPED, due_at=None, last_error=error_code[:200])


def held(delivery: Delivery, attempt: int | None, *, reason: str, text: str, clock: Clock) -> None:
    """KIAS's answer is doubtful: a person looks before anything else happens."""
    with _recording(delivery, attempt, Outcome.OK, clock, detail=reason):
        registry.hold(delivery.receipt_id, reason=reason, text=text)
        deliveries.finish(delivery, stage=Stage.STOPPED, due_at=None, last_error=reason)


@contextmanager
def _recording(
    delivery: Delivery, attempt: int | None, outcome: Outcome, clock: Clock, detail: str = ""
) -> Iterator[None]:
    """One transaction for all of it. Where another runner or a person decided meanwhile, only the attempt's
    end is written."""
    try:
        with transaction.atomic():
            if attempt is not None:
                attempts.end(attempt, outcome, clock, detail)
            yield
    except (ClaimLostError, WrongStateError) as error:
        if attempt is not None:
            attempts.end(attempt, outcome, clock, detail)
        Delivery.objects.filter(pk=delivery.pk, claim=delivery.claim).update(claim=None, lease_until=None)
        logger.warning("decided_elsewhere", extra={"why": type(error).__name__, "outcome": str(outcome)})
