"""What a withdrawal does to its receipt when it arrives (docs/protocol.md, «Intake»; P01).

Decided under the locks of receipt and delivery by a pure function: either the relay has claimed the receipt
before, then the office has a task, or it never will.
"""

import logging
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.conf import settings
from django.db import DataError, IntegrityError, transaction
from django.db.models import Q

from receipts import registry, withdrawals
from receipts.content import content_hash
from receipts.models import Actor, Receipt, Withdrawal, WithdrawalEffect
from receipts.states import State
from sync.intake.answers import Answer, HeldReceipt, Kept, Later, Result
from sync.intake.opening import Problem, Withdrawn
from sync.intake.storing import problem_of
from sync.models import IntakeException
from sync.relay import deliveries

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """What is known when a withdrawal arrives.

    `begun`: the relay has claimed the receipt or called KIAS for it. `timely`: withdrawn soon after saving,
    by the phone's own clock. `trusted`: signed by a living installation of a working agent, no hidden signs.
    """

    state: str
    begun: bool
    timely: bool
    copy_shown: bool
    trusted: bool


def effect_of(facts: Facts) -> WithdrawalEffect:
    """P01: only what nobody has seen yet is annulled by the agent himself; the rest a person decides.

    What KIAS has refused for good is not in KIAS, however often it was called.
    """
    if facts.state == State.ANNULLED:
        return WithdrawalEffect.NOTHING
    if facts.state in {State.REGISTERED, State.FISCALISED} or (facts.begun and facts.state != State.REJECTED):
        return WithdrawalEffect.TASK
    if facts.timely and facts.trusted and not facts.copy_shown:
        return WithdrawalEffect.ANNULLED
    return WithdrawalEffect.HELD


def is_timely(saved_at: datetime, withdrawn_at: datetime, *, within: timedelta, clock_jumped: bool) -> bool:
    """Whether so little time lay between the two; a clock that was turned back proves nothing."""
    return not clock_jumped and timedelta() <= withdrawn_at - saved_at <= within


def decide(item: Withdrawn, *, at: datetime) -> Answer | Problem:
    """Store the withdrawal and do what follows from it, in one transaction; idempotent by its id."""
    try:
        return _decide(item, at)
    except (IntegrityError, DataError):
        log.exception("poison withdrawal", extra={"withdrawal": str(item.content.id)})
        return problem_of(item, Kept.MALFORMED_CONTENT)


@transaction.atomic
def _decide(item: Withdrawn, at: datetime) -> Answer | Problem:
    said = item.content
    receipt = Receipt.objects.select_for_update().defer("envelope").filter(pk=said.receipt).first()
    if receipt is None:
        return _without_receipt(item)
    if receipt.agent_id != item.signer.agent_id:
        return problem_of(item, Kept.OTHER_AGENT_ID)
    if receipt.number != said.number:
        return problem_of(item, Kept.CONTENT_MISMATCH)
    effect = effect_of(_facts(item, receipt))
    if not withdrawals.record(_row(item, receipt, effect, at)):
        return _known(item)
    _follow(receipt, effect, withdrawals.in_words(said.reason, said.text))
    receipt.refresh_from_db(fields=["state", "reason"])
    return _told(item, "accepted", receipt)


def _facts(item: Withdrawn, receipt: Receipt) -> Facts:
    said, signer = item.content, item.signer
    jumps = receipt.evidence.get("backward_jumps", 0)
    return Facts(
        state=receipt.state,
        begun=deliveries.begun(receipt.pk),
        timely=is_timely(
            receipt.issued_at,
            said.withdrawn_at,
            within=settings.WITHDRAW_WITHIN,
            # counted per phone: another phone's count says nothing about this one's clock
            clock_jumped=signer.id == receipt.installation_id and said.evidence.backward_jumps > jumps,
        ),
        copy_shown=said.copy_shown,
        trusted=not (signer.revoked or signer.is_closed_for(said.withdrawn_at) or item.hostile),
    )


def _row(item: Withdrawn, receipt: Receipt, effect: WithdrawalEffect, at: datetime) -> Withdrawal:
    said = item.content
    return Withdrawal(
        id=said.id,
        receipt=receipt,
        agent_id=item.signer.agent_id,
        installation_id=item.signer.id,
        reason=said.reason,
        text=said.text,
        withdrawn_at=said.withdrawn_at,
        copy_shown=said.copy_shown,
        effect=effect,
        accepted_at=at,
        content_hash=content_hash(item.plain),
        envelope=item.envelope.text,
    )


def _follow(receipt: Receipt, effect: WithdrawalEffect, words: str) -> None:
    if effect == WithdrawalEffect.ANNULLED:
        registry.annul(receipt.pk, text=words, actor=Actor.PHONE, reason=HeldReceipt.WITHDRAWN)
        deliveries.stop(receipt.pk)
    elif effect == WithdrawalEffect.HELD and receipt.state != State.HELD:
        registry.hold(receipt.pk, reason=HeldReceipt.WITHDRAWN, text=words, actor=Actor.PHONE)
        deliveries.stop(receipt.pk)


def _without_receipt(item: Withdrawn) -> Answer | Problem:
    """Its receipt is still to come, or lies whole among the exceptions: then a person looks at both."""
    # One whose signer could not be told (a bad signature, a forgotten installation) is his who carried it.
    his = Q(signer__agent_id=item.signer.agent_id) | Q(signer=None, carrier__agent_id=item.signer.agent_id)
    kept = IntakeException.objects.filter(his, claimed_id=item.content.receipt)
    if kept.exists():
        return problem_of(item, Kept.RECEIPT_KEPT_ASIDE)
    return Answer(item.content.id, "later", reason=Later.RECEIPT_FIRST)


def _known(item: Withdrawn) -> Answer | Problem:
    """The answer to a withdrawal whose id was there before."""
    known = Withdrawal.objects.select_related("receipt").get(pk=item.content.id)
    if known.agent_id != item.signer.agent_id:
        return problem_of(item, Kept.OTHER_AGENT_ID)
    if known.content_hash != content_hash(item.plain):
        return problem_of(item, Kept.ID_CONFLICT)
    return _told(item, "already_accepted", known.receipt)


def _told(item: Withdrawn, result: Result, receipt: Receipt) -> Answer:
    if receipt.state == State.HELD:
        return Answer(item.content.id, "held", receipt.state, receipt.reason)
    return Answer(item.content.id, result, receipt.state)
