"""What a batch leaves behind: receipts with their events and deliveries in one transaction, then exceptions.

A crash between the two leaves the phone without an answer, so it offers everything again.
"""

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from uuid import UUID

from django.conf import settings
from django.db import transaction

from accounts.models import Installation
from receipts import registry, rows, series
from receipts.models import Receipt
from receipts.states import State
from receipts.text import storable
from sync.intake.answers import Kept
from sync.intake.carriers import Carrier
from sync.intake.opening import Opened, Problem, Withdrawn
from sync.intake.signers import Signer
from sync.intake.waking import wake
from sync.models import IntakeException
from sync.relay import deliveries


@dataclass(frozen=True, slots=True)
class Known:
    """What the database holds under an id that was offered again."""

    agent_id: UUID
    content_hash: str
    state: str
    reason: str
    accepted_at: datetime


@dataclass(frozen=True, slots=True)
class Stored:
    """What became of a batch: ids stored now, and what was there before under the other ids."""

    new: set[UUID]
    known: Mapping[UUID, Known]

    def __or__(self, other: "Stored") -> "Stored":
        return Stored(self.new | other.new, {**self.known, **other.known})


@transaction.atomic
def store(
    receipts: Sequence[Receipt],
    *,
    signers: Mapping[UUID, Signer],
    carrier: Carrier,
    epoch_id: UUID,
    at: datetime,
) -> Stored:
    """Insert what is new; find what is known. Raises what the database raises, and then stores nothing.

    Only when this has returned, outside of any transaction, may anybody be told `accepted`.
    """
    new = registry.insert_new(receipts, actor=carrier.actor, staff=carrier.staff)
    going = [(r.pk, r.agent_id) for r in receipts if r.pk in new and r.state == State.ACCEPTED]
    if going:
        deliveries.enqueue(
            going,
            epoch_id=epoch_id,
            accepted_at=at,
            ask_first=carrier.ask_first,
            rest_s=settings.RELAY_GRACE_S,
        )
        transaction.on_commit(partial(wake, len(going)))
    stored = [receipt for receipt in receipts if receipt.pk in new]
    series.spend([receipt.number for receipt in stored if receipt.counter is None], at=at)
    _note_counters(stored, signers)
    return Stored(new, _known(receipt.pk for receipt in receipts if receipt.pk not in new))


def keep(problems: Sequence[Problem], *, carrier_id: UUID | None, at: datetime) -> None:
    """Keep these envelopes to the byte, each once however often it comes. No carrier: the office's file."""
    unique = {row.envelope_hash: row for row in (_exception(p, carrier_id, at) for p in problems)}
    ordered = [unique[key] for key in sorted(unique)]
    rows.insert(ordered, on_conflict="DO NOTHING")


def problem_of(opened: Opened | Withdrawn, reason: Kept) -> Problem:
    """The same envelope as an exception."""
    return Problem(opened.envelope.text, reason, opened.envelope, opened.signer, opened.plain)


def _note_counters(receipts: Iterable[Receipt], signers: Mapping[UUID, Signer]) -> None:
    """Raise the highest counter seen of each installation, for the code it gives now (F20, F21).

    Mostly there is nothing to do: the contact that opened the drain has reported it.
    """
    highest: dict[UUID, int] = {}
    for receipt in receipts:
        signer = signers[receipt.installation_id]
        if f"-{signer.code}-" in receipt.number and receipt.counter:
            highest[signer.id] = max(highest.get(signer.id, signer.counter), receipt.counter)
    for installation_id, counter in highest.items():
        signer = signers[installation_id]
        if counter > signer.counter:
            Installation.objects.filter(pk=installation_id, code=signer.code, counter__lt=counter).update(
                counter=counter
            )


def _known(ids: Iterable[UUID]) -> dict[UUID, Known]:
    wanted = list(ids)
    if not wanted:
        return {}
    found = Receipt.objects.filter(pk__in=wanted).values_list(
        "pk", "agent_id", "content_hash", "state", "reason", "accepted_at"
    )
    return {
        pk: Known(agent_id, digest, state, reason, accepted_at)
        for pk, agent_id, digest, state, reason, accepted_at in found
    }


def _exception(problem: Problem, carrier_id: UUID | None, at: datetime) -> IntakeException:
    header = problem.envelope.header if problem.envelope else None
    return IntakeException(
        envelope_hash=hashlib.sha256(problem.text.encode("utf-8", "surrogatepass")).hexdigest(),
        envelope=_whole(problem.text),
        reason=problem.reason,
        claimed_id=header.id if header else None,
        claimed_number=storable(header.number)[:16] if header else "",
        content=_whole(problem.plain.decode("utf-8", "backslashreplace")),
        signer_id=problem.signer.id if problem.signer else None,
        carrier_id=carrier_id,
        received_at=at,
    )


def _whole(text: str) -> str:
    """The text as a column can hold it; what no column can hold is written as a JSON string."""
    return text if text == storable(text) else json.dumps(text)
