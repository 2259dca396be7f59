"""The terms on which we talk to KIAS, from the settings. All in seconds but `concurrency`."""

from dataclasses import dataclass
from typing import Self

from django.conf import settings


@dataclass(frozen=True, kw_only=True)
class Terms:
    """How many calls at once and how long things last.

    `timeout_s`: one call, logins included. `lease_s`: one claim. `settle_s`: how late KIAS may still commit
    what it did not answer. `fresh_s`: how young a first save without a question must be.
    """

    concurrency: int
    timeout_s: float
    lease_s: float
    settle_s: float
    fresh_s: float

    @classmethod
    def from_settings(cls) -> Self:
        return cls(
            concurrency=settings.KIAS_CONCURRENCY,
            timeout_s=settings.KIAS_TIMEOUT_S,
            lease_s=settings.KIAS_LEASE_S,
            settle_s=settings.KIAS_SETTLE_S,
            fresh_s=settings.KIAS_FRESH_S,
        )
