"""A browser that comes as a new installation though it had one: its storage is gone (F23)."""

import logging
import uuid
from collections.abc import Sequence
from datetime import datetime

from django.conf import settings

from accounts.models import AgentNotice, Installation

log = logging.getLogger(__name__)

_LOST = (
    "На этом телефоне нет данных прежней установки {code}: браузер их очистил, либо приложение установлено "
    "заново. {waiting} Если какой-то квитанции нет в списке, позвоните в офис: {office}. "
    "Её примут по копии клиента."
)
_WAITING = "При последней связи на ней ждали отправки: {count} шт. на {sum} ₽."
_NOTHING = "При последней связи на ней всё было отправлено."


def note(fresh: Installation, here: Sequence[uuid.UUID], *, now: datetime) -> None:
    """Mark what this browser (`here`) had for the agent of `fresh` and has no more; tell the phone of it.

    Revoked ones lose nothing: they are registered anew on purpose. Doing it again changes nothing.
    """
    former = Installation.objects.filter(
        pk__in=here, agent=fresh.agent_id, revoked_at=None, storage_lost_at=None
    )
    for lost in former.exclude(pk=fresh.pk).select_for_update():
        lost.storage_lost_at = now
        lost.save(update_fields=["storage_lost_at"])
        log.warning(
            "a phone's storage is gone", extra={"installation": str(lost.pk), "waiting": lost.waiting_count}
        )
        AgentNotice.objects.create(installation=fresh, kind="storage_lost", text=_text(lost), at=now)


def _text(lost: Installation) -> str:
    rubles = f"{lost.waiting_sum / 100:,.2f}".replace(",", "\u202f").replace(".", ",")
    waiting = _WAITING.format(count=lost.waiting_count, sum=rubles) if lost.waiting_count else _NOTHING
    return _LOST.format(code=lost.code, waiting=waiting, office=settings.OFFICE_PHONE)
