"""One batch of envelopes from beginning to answers."""

import json
import logging
from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import DataError, IntegrityError, transaction

from accounts.models import Installation, User
from accounts.refusals import RefusalError
from receipts.content import content_hash
from receipts.models import Receipt
from receipts.states import State
from sync.envelope import MAX_CHARS, Envelope
from sync.intake import arrived, dating, signers, storing, withdrawing
from sync.intake.answers import Answer, Kept, Result
from sync.intake.carriers import Carrier
from sync.intake.judging import judge
from sync.intake.opening import Opened, Postponed, Problem, Withdrawn, open_up, take_apart
from sync.intake.storing import Known, Stored, problem_of
from sync.restore import annulled, epoch

log = logging.getLogger(__name__)

MAX_ITEMS = 100

Item = Opened | Withdrawn | Problem | Postponed


class TooManyItemsError(RefusalError):
    code = "too_many_items"
    message = f"Слишком много квитанций за раз. Отправьте не больше {MAX_ITEMS}."


class TooLargeError(RefusalError):
    code = "too_large"
    message = "Запрос слишком большой. Отправьте меньше квитанций за раз."


def take_in(items: Sequence[Any], *, carrier: Installation) -> list[Answer]:
    """Store a batch that `carrier` handed over; one answer per item, in their order.

    Raises `TooManyItemsError`, `TooLargeError`, and `django.db.OperationalError` when the database is away:
    then the phone keeps everything and nothing is half-written (F14).
    """
    return _take_in(
        items,
        Carrier(installation_id=carrier.pk, skew_s=carrier.clock_skew_s, skew_at=carrier.last_contact_at),
    )


def take_in_file(items: Sequence[str], *, staff: User) -> list[Answer]:
    """Store a batch out of a rescue file: as `take_in`, but the office is the carrier, and KIAS is asked
    before any save (spec «Ask before save»)."""
    return _take_in(items, Carrier(staff=staff))


def take_in_again(item: str, *, carrier_id: UUID | None) -> Answer:
    """Try an envelope that was kept as an exception once more; KIAS is asked before any save."""
    return _take_in([item], Carrier(installation_id=carrier_id, again=True))[0]


def _take_in(items: Sequence[Any], carrier: Carrier) -> list[Answer]:
    if len(items) > MAX_ITEMS:
        raise TooManyItemsError
    looked_at = [take_apart(_bounded(item)) for item in items]
    headers = [look.header for look in looked_at if isinstance(look, Envelope)]
    known = signers.load({header.installation for header in headers}, {header.number for header in headers})
    opened = [open_up(look, known) if isinstance(look, Envelope) else look for look in looked_at]
    epoch_id, at = epoch.current_id_and_now()
    batch = _Batch(opened, carrier=carrier, epoch_id=epoch_id, at=at)
    batch.store_receipts()
    verdicts = [batch.verdict(item) for item in opened]
    _keep([verdict for verdict in verdicts if isinstance(verdict, Problem)], carrier=carrier, at=at)
    answers = [_answer(verdict) if isinstance(verdict, Problem) else verdict for verdict in verdicts]
    arrived.note(zip(opened, answers, strict=True), before=batch.known_since, by_file=bool(carrier.staff))
    return answers


def _bounded(item: Any) -> str:
    """The item's text; what is no text, as the JSON it came as. Raises `TooLargeError`."""
    try:
        text = item if isinstance(item, str) else json.dumps(item)
    except RecursionError as error:
        raise TooLargeError from error
    if len(text) > MAX_CHARS:
        raise TooLargeError
    return text


class _Batch:
    """The good items of one batch on their way into the database."""

    def __init__(
        self,
        opened: Sequence[Item],
        *,
        carrier: Carrier,
        epoch_id: UUID,
        at: datetime,
    ) -> None:
        self._epoch_id, self._at, self._carrier = epoch_id, at, carrier
        # Of two items with one id the first is the receipt, the other is compared with it.
        self._first: dict[UUID, Opened] = {}
        self._withdrawn: dict[UUID, list[Withdrawn]] = {}
        for item in opened:
            if isinstance(item, Opened):
                self._first.setdefault(item.content.id, item)
            elif isinstance(item, Withdrawn):
                self._withdrawn.setdefault(item.content.receipt, []).append(item)
        before = annulled.before(epoch_id)
        judged = judge(self._first.values(), carrier=carrier, arrived_at=at, annulled=before)
        self._receipts = {receipt.pk: receipt for receipt in judged.rows}
        self._late = judged.late
        self._signers = {item.signer.id: item.signer for item in self._first.values()}
        self._stored = Stored(set(), {})
        self._poisoned: set[UUID] = set()
        self._decided: dict[str, Answer | Problem] = {}

    @property
    def known_since(self) -> dict[UUID, datetime]:
        """When the receipts that are offered again were accepted first."""
        return {receipt_id: known.accepted_at for receipt_id, known in self._stored.known.items()}

    def store_receipts(self) -> None:
        """What is new, and what it says of the dates of those that came before it."""
        self._store_all()
        dating.doubt_successors(row for row in self._late if row.pk in self._stored.new)

    def _store_all(self) -> None:
        """All at once; if the database refuses, one by one, so that a poison item stands alone (F16)."""
        if not self._receipts:
            return
        rows = list(self._receipts.values())
        try:
            self._stored = self._store(rows)
            return
        except (IntegrityError, DataError):
            log.exception("the database refused a batch; storing it one by one")
        for row in rows:
            try:
                self._stored |= self._store([row])
            except (IntegrityError, DataError):
                log.exception("poison item", extra={"receipt": str(row.pk)})
                self._poisoned.add(row.pk)

    def _store(self, rows: Sequence[Receipt]) -> Stored:
        if any(row.pk in self._withdrawn for row in rows):
            return self._store_withdrawn(rows)
        return self._store_plain(rows)

    @transaction.atomic
    def _store_withdrawn(self, rows: Sequence[Receipt]) -> Stored:
        """Receipt and withdrawal at once: the relay must not come between them (P01)."""
        stored = self._store_plain(rows)
        for receipt_id in stored.new:
            for item in self._withdrawn.get(receipt_id, []):
                self._decided[item.envelope.text] = withdrawing.decide(item, at=self._at)
        return stored

    def _store_plain(self, rows: Sequence[Receipt]) -> Stored:
        return storing.store(
            rows, signers=self._signers, carrier=self._carrier, epoch_id=self._epoch_id, at=self._at
        )

    def verdict(self, item: Item) -> Answer | Problem:
        """What became of this item. Withdrawals are decided here unless their receipt came in this batch."""
        if isinstance(item, Problem):
            return item
        if isinstance(item, Withdrawn):
            known_verdict = self._decided.get(item.envelope.text)
            return known_verdict or withdrawing.decide(item, at=self._at)
        if isinstance(item, Postponed):
            return Answer(item.id, "later", reason=item.reason)
        receipt_id = item.content.id
        if receipt_id in self._poisoned:
            return problem_of(item, Kept.MALFORMED_CONTENT)
        receipt = self._receipts[receipt_id]
        if receipt_id in self._stored.new:
            if self._first[receipt_id] is item:
                return _told(receipt_id, "accepted", receipt.state, receipt.reason)
            known: Known | None = Known(
                receipt.agent_id, receipt.content_hash, receipt.state, receipt.reason, receipt.accepted_at
            )
        else:
            known = self._stored.known.get(receipt_id)
        return _compared(item, known)


def _compared(item: Opened, known: Known | None) -> Answer | Problem:
    """The answer to an item whose id or number was there before it."""
    if known is None:
        return problem_of(item, Kept.NUMBER_TAKEN)
    if known.agent_id != item.signer.agent_id:
        return problem_of(item, Kept.OTHER_AGENT_ID)
    if known.content_hash != content_hash(item.plain):
        return problem_of(item, Kept.ID_CONFLICT)
    return _told(item.content.id, "already_accepted", known.state, known.reason)


def _told(receipt_id: UUID, result: Result, state: str, reason: str) -> Answer:
    if state == State.HELD:
        return Answer(receipt_id, "held", state, reason)
    return Answer(receipt_id, result, state)


def _answer(problem: Problem) -> Answer:
    return Answer(problem.envelope.header.id if problem.envelope else None, "held", reason=problem.reason)


def _keep(problems: Sequence[Problem], *, carrier: Carrier, at: datetime) -> None:
    if not problems:
        return
    for problem in problems:
        log.warning("envelope kept as an exception", extra={"reason": problem.reason})
    storing.keep(problems, carrier_id=carrier.installation_id, at=at)
