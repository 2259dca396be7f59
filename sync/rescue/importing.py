"""A rescue file in the office: kept, looked into, taken in (spec «Installation, identity, envelope»; F35).

Taking in goes through the same intake as a phone's batches, so an envelope that came before, in whatever
way, changes nothing. What this server cannot read yet stays with its file and is tried again when a person
says so.
"""

import hashlib
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime, timedelta
from typing import Any, TypedDict

from django.db import IntegrityError, transaction
from django.db.models import Q

from accounts import keys
from accounts.models import Installation, User
from accounts.refusals import RefusalError
from receipts.text import storable
from sync import envelope as envelopes
from sync import intake
from sync.envelope import MAX_CHARS, Header, MalformedError, UnknownVersionError
from sync.models.rescue import RescueImport
from sync.rescue import file_format
from sync.rescue.file_format import Manifest, RescueFile

#: Whoever began an import and did not end it: after this another one may go on.
CLAIM_FOR = timedelta(minutes=2)


class UnderWayError(RefusalError):
    code = "not_allowed"
    message = "Этот файл сейчас принимает другой сотрудник. Обновите страницу через минуту."


class TakenInError(RefusalError):
    code = "not_allowed"
    message = "Этот файл уже принят. Ничего не изменилось."


class LineAnswer(TypedDict):
    """What came of one envelope: the intake's answer, beside what stands outside of the seal."""

    id: str
    number: str
    kind: str
    result: str
    state: str
    reason: str


def keep(raw: bytes, *, staff: User, now: datetime) -> tuple[RescueImport, bool]:
    """Keep a file that somebody brought, before anything else is done with it; whether it is a new one.

    Raises what `rescue_file.read` raises: then nothing is kept.
    """
    found = file_format.read(raw)
    whole = file_format.normal(raw)
    digest = hashlib.sha256(whole).hexdigest()
    maker = _maker(found.manifest)
    row = RescueImport(
        file_hash=digest,
        file=whole,
        condition=found.condition,
        installation=maker,
        signed=maker is not None and keys.verify(maker.public_key, found.signature, found.signed),
        envelopes=_count(found),
        uploaded_at=now,
        uploaded_by=staff,
    )
    try:
        with transaction.atomic():
            row.save()
    except IntegrityError:
        return RescueImport.objects.get(file_hash=digest), False
    return row, True


def take_in(import_id: int, *, staff: User, now: datetime) -> RescueImport:
    """Hand every envelope to the intake, by 100, each batch durable by itself.

    Cut short (the database away, the process gone), it goes on where it was when somebody asks again.
    Raises `TakenInError`, `UnderWayError`, and what the intake raises.
    """
    row = _claim(import_id, now)
    lines = lines_of(row)
    answers: list[LineAnswer | None] = [*row.answers] or [None] * len(lines)
    mine = RescueImport.objects.filter(pk=import_id, claimed_at=row.claimed_at)
    for places in _batches(lines, [at for at, known in enumerate(answers) if _is_open(known)]):
        for at, answer in zip(places, _hand_in([lines[at] for at in places], staff), strict=True):
            answers[at] = answer
        mine.update(answers=answers)
    ended: dict[str, Any] = {} if row.imported_at else {"imported_at": now, "imported_by": staff}
    mine.update(claimed_at=None, answers=answers, **ended)
    return RescueImport.objects.get(pk=import_id)


def lines_of(row: RescueImport) -> Sequence[str]:
    """The envelopes of a kept file: as many as when it was kept, whatever a later release sees at its end."""
    found = file_format.read(bytes(row.file))
    return (*found.envelopes, found.fragment)[: row.envelopes]


def header_of(line: str) -> Header | UnknownVersionError | MalformedError:
    """What stands outside of the seal, or why it cannot be read."""
    try:
        return envelopes.read(line).header
    except (UnknownVersionError, MalformedError) as error:
        return error


def is_finished(row: RescueImport) -> bool:
    """Whether there is nothing left that a further import could do."""
    return row.imported_at is not None and not any(_is_open(answer) for answer in row.answers)


def _count(found: RescueFile) -> int:
    """How many envelopes are in it. The end of a cut file counts only where it may be one all the same."""
    whole = found.fragment and not isinstance(header_of(found.fragment), MalformedError)
    return len(found.envelopes) + bool(whole)


def _maker(manifest: Manifest | None) -> Installation | None:
    return Installation.objects.filter(pk=manifest.installation).first() if manifest else None


def _claim(import_id: int, now: datetime) -> RescueImport:
    """One at a time: whoever changes the row's `claimed_at` has it."""
    row = RescueImport.objects.get(pk=import_id)
    if is_finished(row):
        raise TakenInError
    free = Q(claimed_at=None) | Q(claimed_at__lt=now - CLAIM_FOR)
    # `imported_at` as it was read: a colleague may have finished since.
    if not RescueImport.objects.filter(free, pk=import_id, imported_at=row.imported_at).update(
        claimed_at=now
    ):
        raise UnderWayError
    return RescueImport.objects.get(pk=import_id)


def _is_open(answer: LineAnswer | None) -> bool:
    return answer is None or answer["result"] == "later"


def _batches(lines: Sequence[str], places: Iterable[int]) -> Iterator[list[int]]:
    """Places by 100 at most; a withdrawal stays with its receipt, which has its number (P01)."""
    together: dict[str, list[int]] = {}
    for at in places:
        header = header_of(lines[at])
        together.setdefault(header.number if isinstance(header, Header) else f"#{at}", []).append(at)
    batch: list[int] = []
    for group in together.values():
        if batch and len(batch) + len(group) > intake.MAX_ITEMS:
            yield batch
            batch = []
        batch += group
        while len(batch) > intake.MAX_ITEMS:
            yield batch[: intake.MAX_ITEMS]
            batch = batch[intake.MAX_ITEMS :]
    if batch:
        yield batch


def _hand_in(batch: Sequence[str], staff: User) -> list[LineAnswer]:
    """An answer for each; a line too long to be an envelope stays in its file and is never handed in."""
    fitting = [line for line in batch if len(line) <= MAX_CHARS]
    given = iter(intake.take_in_file(fitting, staff=staff))
    answers = []
    for line in batch:
        header = header_of(line)
        known = header if isinstance(header, Header) else None
        answer = next(given) if len(line) <= MAX_CHARS else None
        answers.append(
            LineAnswer(
                id=str((answer and answer.id) or (known.id if known else "")),
                number=storable(known.number)[:16] if known else "",
                kind=known.kind if known else "",
                result=answer.result if answer else "held",
                state=answer.state if answer else "",
                reason=answer.reason if answer else "too_long",
            )
        )
    return answers
