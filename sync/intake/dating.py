"""What is asked about a receipt's dates at its arrival: its predecessor, our own signature, our own clock.

What follows from the answers stands in `receipts.dates`.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cached_property
from uuid import UUID

from django.conf import settings
from django.db.models import QuerySet

from receipts import dates, numbers, registry
from receipts.content import Content, Evidence
from receipts.models import Receipt
from sync import our_clock, server_time
from sync.intake.carriers import Carrier
from sync.intake.opening import Opened

_LONGEST_PAGE_LIFE_MS = 366 * 24 * 3600 * 1000


@dataclass(frozen=True, slots=True)
class Before:
    """The receipt before, by counter under the same code. None: this code has none yet.

    `issued` is None where its own moment is impossible: that accuses no successor.
    """

    counter: int
    issued: dates.Issued | None


class Sequence:
    """The counters of a batch's codes: those in the database and those in the batch, in whatever order."""

    def __init__(self) -> None:
        self._newest: dict[tuple[UUID, str], Before | None] = {}
        self._last: dict[tuple[UUID, str], Before] = {}

    def before(self, opened: Opened) -> tuple[Before | None, bool]:
        """The predecessor of this receipt, and whether a successor came before it. Ask in rising order.

        An online number has neither: numbers of a series are spent in any order, on many phones.
        """
        if opened.number is None:
            return None, False
        key, counter = (opened.signer.id, opened.number.installation_code), opened.number.counter
        if key not in self._newest:
            self._newest[key] = _highest(*key)
        newest = self._newest[key]
        late = newest is not None and newest.counter >= counter
        stored = _highest(*key, below=counter) if late else newest
        last = self._last.get(key)
        if last is None or (stored is not None and stored.counter >= last.counter):
            return stored, late
        return last, late

    def add(self, opened: Opened, row: Receipt) -> None:
        """This receipt is the predecessor of whatever follows in its batch."""
        if opened.number is not None:
            issued = _believed(row.issued_at, row.issued_offset_min, row.date_doubt)
            key = (opened.signer.id, opened.number.installation_code)
            self._last[key] = Before(opened.number.counter, issued)


def _highest(installation_id: UUID, code: str, below: int = numbers.MAX_COUNTER + 1) -> Before | None:
    rows = _of_code(installation_id, code).filter(counter__lt=below).order_by("-counter")
    row = rows.values_list("counter", "issued_at", "issued_offset_min", "date_doubt").first()
    return Before(row[0] or 0, _believed(*row[1:])) if row else None


def _of_code(installation_id: UUID, code: str) -> QuerySet[Receipt]:
    return Receipt.objects.filter(
        installation_id=installation_id, number__startswith=f"{numbers.PREFIX}-{code}-"
    )


def _believed(issued_at: datetime, offset_min: int, doubt: str) -> dates.Issued | None:
    impossible = doubt in {dates.AFTER_ARRIVAL, dates.WRONG_ZONE}
    return None if impossible else dates.Issued(issued_at, offset_min)


class Court:
    """What is the same for all dates of a batch: who brought it, when, and whether our own clock is sound."""

    def __init__(self, carrier: Carrier, arrived_at: datetime) -> None:
        self._arrived_at, self._skew = arrived_at, carrier.skew(arrived_at)
        self._bounds = dates.DateBounds(
            backdate_days=settings.BACKDATE_DAYS,
            policy_ahead_days=settings.POLICY_DATE_AHEAD_DAYS,
            policy_behind_days=settings.POLICY_DATE_BEHIND_DAYS,
        )

    def judge(self, said: Content, installation_id: UUID, before: Before | None) -> dates.Verdict:
        """The verdict on its dates. Our own clock is looked after only where a date is in doubt."""
        verdict = self._ask(said, installation_id, before, our_clock_is_sound=True)
        if (verdict.doubt or verdict.held) and self._we_are_accused:
            return self._ask(said, installation_id, before, our_clock_is_sound=False)
        return verdict

    def _ask(
        self, said: Content, installation_id: UUID, before: Before | None, *, our_clock_is_sound: bool
    ) -> dates.Verdict:
        return dates.judge(
            issued=dates.Issued(said.issued_at, said.offset_min),
            receipt_date=said.receipt_date,
            policy_date=said.policy_date,
            evidence=self._evidence(said.evidence, installation_id, before),
            bounds=self._bounds,
            our_clock_is_sound=our_clock_is_sound,
        )

    @cached_property
    def _we_are_accused(self) -> bool:
        return our_clock.look(self._arrived_at).accuses_us

    def _evidence(self, given: Evidence, installation_id: UUID, before: Before | None) -> dates.DateEvidence:
        """What of the phone's evidence may be believed: a server time only with our own signature."""
        held = None
        if given.server_time and server_time.is_ours(
            given.server_time, given.server_signature or "", installation_id
        ):
            held = dates.parse_server_time(given.server_time)
        since = timedelta(milliseconds=min(given.since_server_ms or 0, _LONGEST_PAGE_LIFE_MS))
        return dates.DateEvidence(
            arrived_at=self._arrived_at,
            server_time=held,
            since_server=since if given.since_server_ms is not None else None,
            predecessor=before.issued if before else None,
            skew=self._skew,
        )


def doubt_successors(late: Iterable[Receipt]) -> None:
    """Flag the stored successors of receipts that came after them, where the two contradict each other.

    A successor was judged without its predecessor; the order of arrival must make no difference.
    """
    for row in late:
        earlier = _believed(row.issued_at, row.issued_offset_min, row.date_doubt)
        code = numbers.take_apart(row.number).installation_code
        after = _of_code(row.installation_id, code).filter(counter__gt=row.counter)
        later = after.order_by("counter").first()
        if earlier is None or later is None:
            continue
        doubt = dates.contradicts(earlier, dates.Issued(later.issued_at, later.issued_offset_min))
        if doubt:
            registry.note_date_doubt(later.pk, doubt)
