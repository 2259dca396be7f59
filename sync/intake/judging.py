"""Whether a person must look at a receipt before it goes on, and the row it becomes."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from uuid import UUID

from django.conf import settings

from receipts import dates, numbers
from receipts.contacts import ContactDoubt
from receipts.content import Content, Evidence, content_hash, typed_texts_of
from receipts.models import Receipt
from receipts.states import State
from receipts.text import fold_name, fold_policy
from receipts.validation import holds_card_number, is_amount
from sync import server_time
from sync.intake.answers import HeldReceipt
from sync.intake.carriers import Carrier
from sync.intake.dating import Before, Court, Sequence
from sync.intake.opening import Opened
from sync.intake.signers import Signer


@dataclass(frozen=True, slots=True)
class Judged:
    """The rows, in the order of their counters, and those of them that came after a successor of theirs."""

    rows: list[Receipt]
    late: list[Receipt]


def judge(
    items: Iterable[Opened],
    *,
    carrier: Carrier,
    arrived_at: datetime,
    annulled: Collection[UUID] = (),
) -> Judged:
    """The rows of these receipts, `accepted` or `held`, not stored yet. `annulled`: by the office, in a time
    that this database may have forgotten.
    """
    ordered = sorted(items, key=lambda opened: opened.number.counter if opened.number else 0)
    court = Court(carrier, arrived_at)
    sequence, rows, late = Sequence(), [], []
    for opened in ordered:
        before, came_late = sequence.before(opened)
        row = _row(opened, before, court, carrier, arrived_at)
        if row.pk in annulled and row.state == State.ACCEPTED:
            row.state, row.reason = State.HELD, HeldReceipt.ANNULLED_BEFORE
        sequence.add(opened, row)
        rows.append(row)
        if came_late:
            late.append(row)
    return Judged(rows, late)


def _row(
    opened: Opened, before: Before | None, court: Court, carrier: Carrier, arrived_at: datetime
) -> Receipt:
    said, signer = opened.content, opened.signer
    verdict = court.judge(said, signer.id, before)
    reason = _reason(opened, before, verdict)
    return Receipt(
        id=said.id,
        number=said.number,
        number_folded=numbers.fold(said.number),
        counter=opened.number.counter if opened.number else None,
        agent_id=signer.agent_id,
        installation_id=signer.id,
        carrier_id=carrier.installation_id,
        source=carrier.source,
        state=State.HELD if reason else State.ACCEPTED,
        reason=reason,
        issued_at=said.issued_at.astimezone(UTC),
        issued_offset_min=said.offset_min,
        issued_zone=said.zone,
        receipt_date=said.receipt_date,
        date_doubt=verdict.doubt,
        evidence=_as_stored(said.evidence),
        product_code=said.product,
        policy_series=said.policy_series,
        policy_number=said.policy_number,
        policy_folded=fold_policy(said.policy_series, said.policy_number),
        policy_date=said.policy_date,
        instalment=said.instalment,
        amount=said.amount,
        payment_form=said.payment_form,
        payment_reference=said.payment_reference,
        no_reference_reason=said.no_reference_reason,
        insurant=said.insurant,
        insurant_folded=fold_name(said.insurant),
        insurant_kind=said.insurant_kind,
        payer=said.payer,
        check_to=said.check_to,
        document_kind=said.document_kind,
        document_number=said.document_number,
        contact_phone=said.contact_phone,
        contact_email=said.contact_email,
        no_contact=said.no_contact,
        contact_doubt=_contact_doubt(said, signer),
        comment=said.comment,
        replaces=said.replaces,
        check_token=said.check_token,
        content_hash=content_hash(opened.plain),
        envelope=opened.envelope.text,
        app_version=said.app_version,
        accepted_at=arrived_at,
    )


def _contact_doubt(said: Content, signer: Signer) -> str:
    """Only what is at hand here; the rest is looked for afterwards (`sync.contact_doubts`)."""
    own = said.contact_phone in signer.agent_contacts or said.contact_email in signer.agent_contacts
    return ContactDoubt.AGENT if own else ""


def _reason(opened: Opened, before: Before | None, verdict: dates.Verdict) -> str:
    """The gravest reason to hold it; empty to let it go on."""
    if opened.signer.revoked:
        return HeldReceipt.REVOKED_INSTALLATION
    if opened.signer.is_closed_for(opened.content.issued_at):
        return HeldReceipt.AGENT_CLOSED
    if opened.hostile:
        return HeldReceipt.HOSTILE_TEXT
    if holds_card_number("|".join(typed_texts_of(opened.content))):
        return HeldReceipt.CARD_NUMBER
    if not is_amount(opened.content.amount):
        return HeldReceipt.AMOUNT_OUT_OF_RANGE
    if opened.number and not opened.number.is_sound:
        return HeldReceipt.CHECK_SYMBOL
    if verdict.held:
        return HeldReceipt.DOUBTFUL_DATE
    if _jumps(opened, before):
        return HeldReceipt.COUNTER_JUMP
    return ""


def _jumps(opened: Opened, before: Before | None) -> bool:
    """P18. A code given to a clone, or brought back after a restore, begins where the counter stood."""
    if opened.number is None:
        return False
    counter = opened.number.counter
    if before is None:
        fresh = opened.signer.codes[opened.number.installation_code] == "registered"
        return fresh and counter > settings.COUNTER_JUMP
    return counter > before.counter + settings.COUNTER_JUMP


def _as_stored(given: Evidence) -> dict[str, str | int | None]:
    return {
        "server_time": given.server_time,
        "server_signature": given.server_signature,
        "since_server_ms": given.since_server_ms,
        "highest_wall": server_time.as_text(given.highest_wall),
        "backward_jumps": given.backward_jumps,
    }
