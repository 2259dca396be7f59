"""The system's figures, counted from the rows: for /metrics, the alarms and the page «Состояние системы».

One list of samples feeds all three, so that they never disagree. It is kept in the cache for a few seconds,
so that several readers cost one count; a cache that is away costs a count for each.
"""

import tomllib
from collections.abc import Iterable
from datetime import datetime
from functools import lru_cache

from django.conf import settings
from django.core.cache import cache
from django.db import connection, transaction

from sync.figures import infrastructure, phones, reconciliation, relay
from sync.figures.catalogue import CATALOGUE, Figure, Sample

__all__ = ["CATALOGUE", "Figure", "Figures", "Sample", "collect", "recent", "version"]

_KEPT_S = 5
_KEY = "figures:1"
_LONGEST_MS = 3000


class Figures:
    """Samples to be asked by name."""

    def __init__(self, samples: Iterable[Sample]) -> None:
        self.samples = list(samples)

    def one(self, name: str, **labels: str) -> float | None:
        """The value of the sample with these labels; None where there is none."""
        return next((value for key, of, value in self.samples if key == name and of == labels), None)

    def by(self, name: str) -> list[tuple[dict[str, str], float]]:
        """Labels and value of every sample of this name."""
        return [(of, value) for key, of, value in self.samples if key == name]

    def total(self, name: str) -> float:
        return sum(value for _, value in self.by(name))


def collect(now: datetime) -> Figures:
    """Everything, counted now. Raises the database's errors; no statement takes longer than 3 s."""
    with transaction.atomic():
        if connection.vendor == "postgresql":
            with connection.cursor() as cursor:
                cursor.execute("SELECT set_config('statement_timeout', %s, true)", [str(_LONGEST_MS)])
        return Figures(
            [
                *relay.samples(now),
                *reconciliation.samples(now),
                *phones.samples(now),
                *infrastructure.samples(now),
            ]
        )


def recent(now: datetime) -> Figures:
    """`collect`, at most five seconds old. Raises the database's errors."""
    kept = cache.get(_KEY)
    if isinstance(kept, list):
        return Figures((name, labels, float(value)) for name, labels, value in kept)
    figures = collect(now)
    cache.set(_KEY, [list(sample) for sample in figures.samples], _KEPT_S)
    return figures


@lru_cache(maxsize=1)
def version() -> str:
    """The release that runs, from pyproject.toml; `unknown` where the file is not shipped."""
    file = settings.BASE_DIR / "pyproject.toml"
    if not file.is_file():
        return "unknown"
    return str(tomllib.loads(file.read_text(encoding="utf-8"))["project"]["version"])
