"""The office's pages, one file per model. Django finds them here by itself."""

from backoffice.admin import (
    deliveries,
    directories,
    exceptions,
    installations,
    log_entries,
    pauses,
    people,
    receipts,
    series,
)

__all__ = [
    "deliveries",
    "directories",
    "exceptions",
    "installations",
    "log_entries",
    "pauses",
    "people",
    "receipts",
    "series",
]
