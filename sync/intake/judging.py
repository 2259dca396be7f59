"""Whether a person must look at a receipt before it goes on, and the row it becomes."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
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
from sync.intake.opening import Opened
from sync.intake.signers import Signer

_LONGEST_PAGE_LIFE_MS = 366 * 24 * 3600 * 1000


@dataclass(frozen=True, slots=True)
class Before:
    """The receipt before, by counter under the same code. None: this code has none yet."""

    counter: int
    issued_at: datetime


class Sequence:
    """The counters of the codes in a batch: what the database holds, then the batch itself, in order."""

    def __init__(self) -> None:
        self._newest: dict[tuple[UUID, str], Before | None] = {}

    def before(self, opened: Opened) -> Before | None:
        """The predecessor of this receipt; afterwards the receipt itself is the newest if it is ahead.

        An online number has none: numbers of a series are spent in any order, on many phones.
        """
        if opened.number is None:
            return None
        key = (opened.signer.id, opened.number.installation_code)
        if key not in self._newest:
            self._newest[key] = _highest(*key)
        newest = self._newest[key]
        if newest is not None and newest.counter >= opened.number.counter:
            return _highest(*key, below=opened.number.counter)
        self._newest[key] = Before(opened.number.counter, opened.content.issued_at)
        return newest


def _highest(installation_id: UUID, code: str, below: int = numbers.MAX_COUNTER + 1) -> Before | None:
    rows = Receipt.objects.filter(
        installation_id=installation_id, counter__lt=below, number__startswith=f"{numbers.PREFIX}-{code}-"
    ).order_by("-counter")
    row = rows.values_list("counter", "issued_at").first()
    return Before(row[0] or 0, row[1]) if row else None


def judge(items: Iterable[Opened], *, carrier_id: UUID, arrived_at: datetime) -> list[Receipt]:
    """The rows of these receipts, `accepted` or `held`, not stored yet. In the order of their counters."""
    sequence = Sequence()
    ordered = sorted(items, key=lambda opened: opened.number.counter if opened.number else 0)
    return [_row(opened, sequence.before(opened), carrier_id, arrived_at) for opened in ordered]


def _row(opened: Opened, before: Before | None, carrier_id: UUID, arrived_at: datetime) -> Receipt:
    said, signer = opened.content, opened.signer
    verdict = dates.judge(
        issued_at=said.issued_at,
        offset_min=said.offset_min,
        receipt_date=said.receipt_date,
        evidence=_evidence(said.evidence, signer.id, before, arrived_at),
        backdate_days=settings.BACKDATE_DAYS,
    )
    reason = _reason(opened, before, verdict)
    return Receipt(
        id=said.id,
        number=said.number,
        number_folded=numbers.fold(said.number),
        counter=opened.number.counter if opened.number else None,
        agent_id=signer.agent_id,
        installation_id=signer.id,
        carrier_id=carrier_id,
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


def _evidence(
    given: Evidence, installation_id: UUID, before: Before | None, arrived_at: datetime
) -> dates.DateEvidence:
    """What of the phone's evidence may be believed: a server time only with our own signature."""
    held = None
    if given.server_time and server_time.is_ours(
        given.server_time, given.server_signature or "", installation_id
    ):
        held = dates.parse_server_time(given.server_time)
    since = timedelta(milliseconds=min(given.since_server_ms or 0, _LONGEST_PAGE_LIFE_MS))
    return dates.DateEvidence(
        arrived_at=arrived_at,
        server_time=held,
        since_server=since if given.since_server_ms is not None else None,
        predecessor=before.issued_at if before else None,
    )


def _as_stored(given: Evidence) -> dict[str, str | int | None]:
    return {
        "server_time": given.server_time,
        "server_signature": given.server_signature,
        "since_server_ms": given.since_server_ms,
        "highest_wall": server_time.as_text(given.highest_wall),
        "backward_jumps": given.backward_jumps,
    }
