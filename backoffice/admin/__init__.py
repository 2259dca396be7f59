"""The office's pages, one file per model. Django finds them here by itself."""

from django.contrib import admin
from django_otp.plugins.otp_totp.models import TOTPDevice

from backoffice.admin import (
    approvals,
    deliveries,
    directories,
    exceptions,
    installations,
    log_entries,
    office_codes,
    pauses,
    people,
    receipts,
    reconciliation,
    reconciliation_runs,
    refusals,
    rescue,
    series,
    windows,
    withdrawals,
)

__all__ = [
    "approvals",
    "deliveries",
    "directories",
    "exceptions",
    "installations",
    "log_entries",
    "office_codes",
    "pauses",
    "people",
    "receipts",
    "reconciliation",
    "reconciliation_runs",
    "refusals",
    "rescue",
    "series",
    "windows",
    "withdrawals",
]

admin.site.unregister(TOTPDevice)  # django-otp's own page would show the keys; see `person_acts`
