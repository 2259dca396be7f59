"""What is in a rescue file, before anybody takes it in: nothing is written here."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal
from uuid import UUID

from receipts.models import Receipt, Withdrawal
from receipts.text import storable
from sync.envelope import MAX_CHARS, Envelope
from sync.intake import signers
from sync.intake.opening import Opened, Postponed, Problem, Withdrawn, open_up, take_apart
from sync.models.rescue import RescueImport
from sync.rescue.file_format import Manifest, RescueFile, read
from sync.rescue.importing import lines_of

Standing = Literal["new", "known", "later", "aside"]


@dataclass(frozen=True, slots=True)
class Line:
    """One envelope. `standing`: `new` to us, `known` (its id came before), for `later` (this server cannot
    read it), or to be kept `aside` as an intake exception, for `reason`. `amount` in kopecks, of receipts."""

    number: str
    kind: str
    amount: int | None
    standing: Standing
    reason: str
    agent_id: UUID | None


@dataclass(frozen=True, slots=True)
class Contents:
    """The whole of a file. `missing`: how many envelopes its manifest promises beside those in it."""

    file: RescueFile
    lines: Sequence[Line]
    missing: int

    @property
    def manifest(self) -> Manifest | None:
        return self.file.manifest

    @property
    def total(self) -> int:
        """The receipts' sum in kopecks, as their envelopes say; withdrawn ones are in it."""
        return sum(line.amount or 0 for line in self.lines)

    def count(self, *standings: Standing) -> int:
        return sum(line.standing in standings for line in self.lines)

    def agents(self) -> set[UUID]:
        """Whose receipts they are, as the signatures prove."""
        return {line.agent_id for line in self.lines if line.agent_id}


def look(row: RescueImport) -> Contents:
    """Open every envelope of a kept file and see what we have of it already."""
    found = read(bytes(row.file))
    lines = lines_of(row)
    first = [None if len(line) > MAX_CHARS else take_apart(line) for line in lines]
    headers = [each.header for each in first if isinstance(each, Envelope)]
    known = signers.load({header.installation for header in headers}, {header.number for header in headers})
    opened = [open_up(each, known) if isinstance(each, Envelope) else each for each in first]
    ids = {header.id for header in headers}
    here = set(Receipt.objects.filter(pk__in=ids).values_list("pk", flat=True))
    here |= set(Withdrawal.objects.filter(pk__in=ids).values_list("pk", flat=True))
    promised = found.manifest.count if found.manifest else 0
    return Contents(found, [_line(each, here) for each in opened], max(0, promised - len(lines)))


def _line(item: Opened | Withdrawn | Problem | Postponed | None, here: set[UUID]) -> Line:
    if item is None:
        return Line("", "", None, "aside", "too_long", None)
    if isinstance(item, Postponed):
        return Line("", "", None, "later", item.reason, None)
    header = item.envelope.header if item.envelope else None
    number = storable(header.number)[:16] if header else ""
    kind = header.kind if header else ""
    agent_id = item.signer.agent_id if item.signer else None
    if isinstance(item, Problem):
        return Line(number, kind, None, "aside", item.reason, agent_id)
    amount = item.content.amount if isinstance(item, Opened) else None
    return Line(number, kind, amount, "known" if item.content.id in here else "new", "", agent_id)
