"""The ping that opens a drain: contact token, reported figures, clock (docs/protocol.md, «Contact token»).

A token is an HMAC of installation, epoch and serial, so none lies in the database (ADR 0008). Serial 1 of an
epoch has not been confirmed by the phone yet: until it is presented, any token gets it again, for the answer
with it may have been lost, and after a restore no phone has one that we know.
"""

import base64
import logging
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.utils.crypto import constant_time_compare, salted_hmac

from accounts import installations
from accounts.models import Installation
from receipts import series, spoiled
from receipts.numbers import MAX_COUNTER

log = logging.getLogger(__name__)

#: A skew that is worth a line in the log (domain facts, «Validation»).
SKEW_TO_NOTE_S = 300
_MAX_SKEW_S = 2**31 - 1
#: Bytes and kopecks: more than any phone has, and little enough for the office to add up.
_MOST = 10**15


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """What a phone says of itself when it opens a drain. `waiting_sum` is in kopecks, storage in bytes.

    `backward_jumps`: of its clock, as far as it has seen them. `void_numbers`: online numbers it gives back;
    `spoiled`: offline ones that it will never use.
    """

    contact_token: str | None
    counter: int
    waiting_count: int
    waiting_sum: int
    app_version: str
    device_time: datetime
    storage_persisted: bool | None
    storage_usage: int | None = None
    storage_quota: int | None = None
    backward_jumps: int = 0
    void_numbers: Sequence[str] = ()
    spoiled: Sequence[str] = ()


@dataclass(frozen=True, slots=True)
class Contact:
    """The installation after the contact, perhaps under a new code, and the token to present next time."""

    installation: Installation
    token: str


def open_drain(installation_id: UUID, report: Report, *, epoch_id: UUID, now: datetime) -> Contact:
    """Note the contact under the installation's row lock and renew the token, or give a new code (F21).

    What it reports of its numbers is stored before, in statements of their own: an intake that holds such a
    number may be waiting for the installation's row. Told again after a lost answer, it changes nothing.
    """
    series.void(installation_id, report.void_numbers, now=now)
    spoiled.record(installation_id, report.spoiled, now=now)
    contact, cloned = _contact(installation_id, report, epoch_id, now)
    if cloned:  # another phone may have the same number in its form
        series.void_open(installation_id, now=now)
    return contact


@transaction.atomic
def _contact(installation_id: UUID, report: Report, epoch_id: UUID, now: datetime) -> tuple[Contact, bool]:
    installation = Installation.objects.select_for_update().get(pk=installation_id)
    former = installation.code
    is_newest = _renew(installation, report.contact_token or "", epoch_id)
    if is_newest:
        installation.counter = max(installation.counter, min(report.counter, MAX_COUNTER))
    _note(installation, report, now)
    installation.save(
        update_fields=[
            "contact_serial",
            "contact_epoch",
            "counter",
            "last_contact_at",
            "waiting_count",
            "waiting_sum",
            "app_version",
            "storage_persisted",
            "storage_usage",
            "storage_quota",
            "storage_lost_at",
            "clock_skew_s",
            "clock_jumps",
        ]
    )
    token = _token(installation.pk, epoch_id, installation.contact_serial)
    return Contact(installation, token), installation.code != former


def _renew(installation: Installation, presented: str, epoch_id: UUID) -> bool:
    """Move the serial on. False where the reported counter may belong to a former code."""
    if installation.contact_epoch != epoch_id:
        installation.contact_epoch, installation.contact_serial = epoch_id, 1
        return True
    serial = installation.contact_serial
    if _is(presented, installation.pk, epoch_id, serial):
        installation.contact_serial = serial + 1
        return True
    if serial == 1:
        return True
    if _is(presented, installation.pk, epoch_id, serial - 1):
        return False
    former = installation.code
    installations.give_code(installation, "clone")
    # By two: what the other one holds must not pass for «the previous», or it would share this new code.
    installation.contact_serial = serial + 2
    log.warning(
        "clone or rolled-back storage: new installation code",
        extra={"installation": str(installation.pk), "former_code": former, "new_code": installation.code},
    )
    return False


def _note(installation: Installation, report: Report, now: datetime) -> None:
    skew_s = round((report.device_time - now).total_seconds())
    installation.clock_skew_s = max(-_MAX_SKEW_S, min(skew_s, _MAX_SKEW_S))
    installation.clock_jumps = max(installation.clock_jumps, report.backward_jumps)
    if abs(skew_s) > SKEW_TO_NOTE_S:
        log.warning("phone's clock is off", extra={"installation": str(installation.pk), "skew_s": skew_s})
    installation.last_contact_at = now
    installation.waiting_count = report.waiting_count
    installation.waiting_sum = min(report.waiting_sum, _MOST)
    installation.app_version = report.app_version
    installation.storage_persisted = report.storage_persisted
    installation.storage_usage = _bounded(report.storage_usage)
    installation.storage_quota = _bounded(report.storage_quota)
    installation.storage_lost_at = None  # whoever reports has its token, and so its storage


def _bounded(told: int | None) -> int | None:
    """A browser's estimate may be any number: it is cut and never refused, it has receipts to send."""
    return None if told is None else min(told, _MOST)


def _token(installation_id: UUID, epoch_id: UUID, serial: int) -> str:
    digest = salted_hmac(
        "sync.contact", f"{installation_id}|{epoch_id}|{serial}", algorithm="sha256"
    ).digest()
    return base64.urlsafe_b64encode(digest).rstrip(b"=").decode()


def _is(presented: str, installation_id: UUID, epoch_id: UUID, serial: int) -> bool:
    return constant_time_compare(presented, _token(installation_id, epoch_id, serial))
