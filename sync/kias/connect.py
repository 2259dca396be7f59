"""Which gateway the product talks through: the SOAP adapter, at the address in the settings."""

from functools import cache
from zoneinfo import ZoneInfo

from django.conf import settings

from sync.kias.gateway import KiasGateway
from sync.kias.session import SharedSession
from sync.kias.soap import SoapGateway


@cache
def kias_gateway() -> KiasGateway:
    """This process's gateway. It keeps no connection open, so there is nothing to close."""
    return SoapGateway(
        url=settings.KIAS_URL,
        user=settings.KIAS_USER,
        password=settings.KIAS_PASSWORD,
        procedures=settings.KIAS_PROCEDURES,
        connect_timeout_s=settings.KIAS_CONNECT_TIMEOUT_S,
        zone=ZoneInfo(settings.TIME_ZONE),
        session=SharedSession(),
    )
