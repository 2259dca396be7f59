"""Which gateway the product talks through: the SOAP adapter, at the address in the settings."""

from functools import cache
from zoneinfo import ZoneInfo

from django.conf import settings

from sync.kias.gateway import KiasGateway
from sync.kias.session import SharedSession
from sync.kias.soap import SoapGateway
from sync.kias.wire import WireTerms


@cache
def kias_gateway() -> KiasGateway:
    """This process's gateway. A connection that it keeps open ends by itself after KIAS_KEEP_ALIVE_S."""
    return SoapGateway(
        wire=WireTerms(
            url=settings.KIAS_URL,
            connect_timeout_s=settings.KIAS_CONNECT_TIMEOUT_S,
            read_timeout_s=settings.KIAS_READ_TIMEOUT_S,
            keep_alive_s=settings.KIAS_KEEP_ALIVE_S,
            ca_file=settings.KIAS_CA_FILE,
            client_cert=settings.KIAS_CLIENT_CERT,
            client_key=settings.KIAS_CLIENT_KEY,
            proxy=settings.KIAS_PROXY,
        ),
        user=settings.KIAS_USER,
        password=settings.KIAS_PASSWORD,
        procedures=settings.KIAS_PROCEDURES,
        zone=ZoneInfo(settings.TIME_ZONE),
        session=SharedSession(),
    )
