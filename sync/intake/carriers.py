"""Who handed a batch over: a phone's session, or a member of staff with a rescue file.

A receipt belongs to its signer, never to its carrier; the carrier is only recorded (spec «Envelope»).
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from accounts.models import User
from receipts.models import Actor, Source

_SKEW_IS_FRESH = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class Carrier:
    """Either the installation whose session it was, or `staff`: the office is the carrier then.

    `again`: it was kept as an exception, and somebody has the reason put right.

    `skew_s`: how far that phone's clock was ahead of ours at `skew_at`, its last contact.
    """

    installation_id: UUID | None = None
    staff: User | None = None
    skew_s: int | None = None
    skew_at: datetime | None = None
    again: bool = False

    def skew(self, now: datetime) -> timedelta | None:
        """The skew of the clock that brings this batch; None where it was told too long ago to say that."""
        if self.skew_s is None or self.skew_at is None or now - self.skew_at > _SKEW_IS_FRESH:
            return None
        return timedelta(seconds=self.skew_s)

    @property
    def source(self) -> Source:
        return Source.FILE if self.staff else Source.PHONE

    @property
    def actor(self) -> Actor:
        return Actor.OFFICE if self.staff else Actor.PHONE

    @property
    def ask_first(self) -> str:
        """Why KIAS is asked before even the first save (spec «Ask before save»); empty for a phone's own."""
        if self.again:
            return "released"
        return "file" if self.staff else ""
