"""Giving a check back (P08): whether «Вернуть деньги» and «Исправить чек» may be done (ADR 0029).

`verbs` decides by facts alone; the database holds that no receipt is given back twice.
"""

from dataclasses import dataclass
from uuid import UUID

from django.db.models import QuerySet

from receipts import chains
from receipts.models import Kind, OfficeReceipt, Purpose, Receipt, Source
from receipts.states import IN_KIAS, State
from sync.office.refused import AlreadyRefundedError, NotPossibleError


@dataclass(frozen=True, kw_only=True)
class Facts:
    """What decides. `refunded`: why its check was given back, empty where it was not; `corrected`: there is a
    living new receipt for it.
    """

    kind: str
    source: str
    state: str
    refunded: str
    corrected: bool


def verbs(facts: Facts) -> frozenset[str]:
    """`refund` and `correct` as far as there is a check in KIAS to give back, and only once.

    A correction whose new receipt came to nothing can be finished, and one that KIAS or the office doubts can
    be put right, without a second refund.
    """
    if facts.kind == Kind.REFUND:
        return frozenset()
    if facts.state in IN_KIAS:
        if not facts.refunded:
            return frozenset({"refund", "correct"})
        unfinished = facts.refunded == Purpose.CORRECTION and not facts.corrected
        return frozenset({"correct"}) if unfinished else frozenset()
    wrong_again = facts.source == Source.OFFICE and facts.state in {State.REJECTED, State.HELD}
    return frozenset({"correct"}) if wrong_again else frozenset()


def possible(receipt: Receipt) -> frozenset[str]:
    """`verbs` of this receipt as it stands."""
    refund = refund_of(receipt.pk)
    return verbs(
        Facts(
            kind=receipt.kind,
            source=receipt.source,
            state=receipt.state,
            refunded=refund.purpose if refund else "",
            corrected=_corrections(receipt.pk).exists(),
        )
    )


def locked(receipt_id: UUID, verb: str) -> Receipt:
    """The receipt, locked until the transaction ends; raises where `verb` may not be done to it."""
    receipt = Receipt.objects.select_for_update().get(pk=receipt_id)
    if verb in possible(receipt):
        return receipt
    raise AlreadyRefundedError if refund_of(receipt_id) else NotPossibleError


def refund_of(receipt_id: UUID) -> OfficeReceipt | None:
    """The refund that gave its check back and was not annulled; None: its check was not given back."""
    living = chains.living_refunds().filter(refund_of=receipt_id)
    return OfficeReceipt.objects.select_related("receipt").filter(receipt__in=living).first()


def _corrections(receipt_id: UUID) -> QuerySet[Receipt]:
    return Receipt.objects.filter(replaces=receipt_id, source=Source.OFFICE).exclude(state=State.ANNULLED)
