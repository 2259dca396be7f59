"""The only writer of receipts, their events and feeds. Each verb is one move of `receipts.states.FOLLOWS`.

A verb locks its receipt, checks the move, writes state and event together, and takes the event's number
from the agent's feed. All raise `Receipt.DoesNotExist` and `WrongStateError`; none is silently a no-op.
"""

from collections.abc import Collection, Sequence
from dataclasses import replace
from datetime import date
from uuid import UUID

from django.db import transaction
from django.db.models.functions import Now

from accounts import correlation
from accounts.models import User
from receipts import feed, rows
from receipts.checks import FiscalCheck
from receipts.contacts import CONTACT_CORRECTED, ContactDoubt
from receipts.models import Actor, Kind, Receipt, ReceiptEvent
from receipts.states import FINAL, State, WrongStateError, check_move
from receipts.validation import is_amount


def insert_new(
    receipts: Sequence[Receipt],
    *,
    actor: Actor = Actor.PHONE,
    staff: User | None = None,
    text: str = "",
) -> set[UUID]:
    """Store those receipts whose id and number are both free; answer their ids. Each gets its first event.

    One statement for all of them, inside the caller's transaction; a row that is taken is left out and is
    no error (F03, F04). Rows must satisfy the table's constraints: anything else fails the whole call.
    `staff`: who brought them in a file, or made them in the office; `text`: why, for their first event.
    """
    ordered = sorted(
        receipts, key=lambda receipt: receipt.pk
    )  # one order for all: no deadlock between batches
    stored = set(rows.insert(ordered, on_conflict="DO NOTHING", returning="id"))
    new = [receipt for receipt in ordered if receipt.pk in stored]
    wanted: dict[UUID, int] = {}
    for receipt in new:
        wanted[receipt.agent_id] = wanted.get(receipt.agent_id, 0) + 1
    change = feed.take(wanted)
    events = []
    for receipt in new:
        events.append(
            ReceiptEvent(
                receipt_id=receipt.pk,
                agent_id=receipt.agent_id,
                change=change[receipt.agent_id],
                state=receipt.state,
                reason=receipt.reason,
                text=text[:500],
                actor=actor,
                staff=staff,
                at=receipt.accepted_at,
                correlation_id=correlation.current(),
            )
        )
        change[receipt.agent_id] += 1
    rows.insert(events)
    return stored


@transaction.atomic
def register(receipt_id: UUID, *, isn: str, text: str = "") -> Receipt:
    """KIAS holds the document `isn` for it."""
    receipt = _locked(receipt_id, State.REGISTERED)
    receipt.kias_isn = isn
    return _move(receipt, State.REGISTERED, actor=Actor.KIAS, text=text, changed=["kias_isn"])


@transaction.atomic
def fiscalise(receipt_id: UUID, *, check: FiscalCheck, isn: str = "", text: str = "") -> Receipt:
    """Its check exists. `isn` where KIAS told both at once, so that it never was seen as registered."""
    receipt = _locked(receipt_id, State.FISCALISED)
    receipt.kias_isn = isn or receipt.kias_isn
    receipt.check_fn, receipt.check_fd, receipt.check_fpd = check.fn, check.fd, check.fpd
    receipt.check_formed_at, receipt.check_qr = check.formed_at, _qr(check, receipt)
    changed = ["kias_isn", "check_fn", "check_fd", "check_fpd", "check_formed_at", "check_qr"]
    return _move(receipt, State.FISCALISED, actor=Actor.KIAS, text=text, changed=changed)


@transaction.atomic
def reject(receipt_id: UUID, *, reason: str, text: str, acts: str = "", field: str = "") -> Receipt:
    """KIAS refuses it for good. `reason` is the machine's code, `text` what the agent reads, `acts` who has
    to do something about it, `field` what is to blame (P09)."""
    receipt = _locked(receipt_id, State.REJECTED)
    return _move(receipt, State.REJECTED, actor=Actor.KIAS, reason=reason, text=text, acts=acts, field=field)


@transaction.atomic
def hold(
    receipt_id: UUID, *, reason: str, text: str = "", actor: Actor = Actor.SERVER, staff: User | None = None
) -> Receipt:
    """It is doubtful: nothing goes on until a person has looked."""
    receipt = _locked(receipt_id, State.HELD)
    return _move(receipt, State.HELD, actor=actor, reason=reason, text=text, staff=staff)


@transaction.atomic
def release(receipt_id: UUID, *, staff: User, text: str) -> Receipt:
    """A person lets a held or rejected receipt go to KIAS; the caller gives it a delivery that asks first.

    Raises `WrongStateError` too for a sum that no check can carry.
    """
    receipt = _locked(receipt_id, State.ACCEPTED)
    if not is_amount(receipt.amount):
        raise WrongStateError(receipt.state, State.ACCEPTED)
    return _move(receipt, State.ACCEPTED, actor=Actor.OFFICE, text=text, staff=staff)


@transaction.atomic
def enter_on(receipt_id: UUID, *, day: date, staff: User, text: str) -> Receipt:
    """KIAS refused it because its day is closed: it goes again, to be entered under another day (P09).

    The receipt's own date never changes. The caller has made sure that this was KIAS's reason.
    """
    receipt = _locked(receipt_id, State.ACCEPTED)
    receipt.accounting_date = day
    return _move(
        receipt, State.ACCEPTED, actor=Actor.OFFICE, text=text, staff=staff, changed=["accounting_date"]
    )


@transaction.atomic
def note(receipt_id: UUID, *, reason: str, text: str, staff: User | None = None) -> Receipt:
    """What the office did about a receipt by another one: refunded it, corrected it, took that back (P08); by
    no person: that a restored server has forgotten it.

    The state does not move: the event repeats it under a reason of its own, which its agent reads.
    """
    receipt = Receipt.objects.select_for_update().get(pk=receipt_id)
    _tell(receipt, actor=Actor.OFFICE if staff else Actor.SERVER, reason=reason, text=text, staff=staff)
    return receipt


@transaction.atomic
def annul(
    receipt_id: UUID,
    *,
    text: str,
    staff: User | None = None,
    actor: Actor = Actor.OFFICE,
    reason: str = "",
) -> Receipt:
    """It ends before KIAS, by a person of the office or by its own agent (`Actor.PHONE`, P01); `text` is the
    reason that the agent reads."""
    receipt = _locked(receipt_id, State.ANNULLED)
    return _move(receipt, State.ANNULLED, actor=actor, reason=reason, text=text, staff=staff)


@transaction.atomic
def correct_contact(receipt_id: UUID, *, contact: str, staff: User, text: str) -> Receipt:
    """The office's better contact for the check; what was typed stays in its columns (P23).

    `contact` is E.164 or an e-mail. The state does not move: the event repeats it under a reason of its own,
    which says nothing about the state. Raises `WrongStateError` where the check is formed or never will be.
    """
    receipt = Receipt.objects.select_for_update().get(pk=receipt_id)
    if receipt.state in FINAL:
        raise WrongStateError(receipt.state, receipt.state)
    receipt.corrected_contact, receipt.contact_doubt = contact, ""
    receipt.save(update_fields=["corrected_contact", "contact_doubt"])
    _tell(receipt, actor=Actor.OFFICE, reason=CONTACT_CORRECTED, text=text, staff=staff)
    return receipt


def note_contact_doubt(receipt_ids: Collection[UUID], doubt: ContactDoubt) -> int:
    """Mark the contact of these receipts as perhaps not the client's; one that is marked stays as it is.

    No step of a receipt's life, so no event: the agent is not told of it.
    """
    unmarked = Receipt.objects.filter(pk__in=receipt_ids, contact_doubt="", corrected_contact="")
    return unmarked.update(contact_doubt=doubt)


def note_date_doubt(receipt_id: UUID, doubt: str) -> None:
    """Mark its date as doubtful; a doubt that is there stays. No step of its life, so no event."""
    Receipt.objects.filter(pk=receipt_id, date_doubt="").update(date_doubt=doubt)


def _qr(check: FiscalCheck, receipt: Receipt) -> str:
    """The text of its QR, which says whether money was taken or given back."""
    return replace(check, sign=2 if receipt.kind == Kind.REFUND else 1).qr


def _locked(receipt_id: UUID, wanted: State) -> Receipt:
    receipt = Receipt.objects.select_for_update().get(pk=receipt_id)
    check_move(receipt.state, wanted)
    return receipt


def _move(
    receipt: Receipt,
    state: State,
    *,
    actor: Actor,
    reason: str = "",
    text: str = "",
    acts: str = "",
    field: str = "",
    staff: User | None = None,
    changed: Sequence[str] = (),
) -> Receipt:
    receipt.state, receipt.reason, receipt.acts = state, reason, acts
    receipt.save(update_fields=["state", "reason", "acts", *changed])
    _tell(receipt, actor=actor, reason=reason, text=text, acts=acts, field=field, staff=staff)
    return receipt


def _tell(
    receipt: Receipt,
    *,
    actor: Actor,
    reason: str,
    text: str,
    acts: str = "",
    field: str = "",
    staff: User | None,
) -> None:
    change = feed.take({receipt.agent_id: 1})[receipt.agent_id]
    ReceiptEvent.objects.create(
        receipt=receipt,
        agent_id=receipt.agent_id,
        change=change,
        state=receipt.state,
        reason=reason,
        text=text[:500],
        acts=acts,
        field=field,
        actor=actor,
        staff=staff,
        at=Now(),
        correlation_id=correlation.current(),
    )
