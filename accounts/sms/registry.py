"""The providers that the settings name, in their order. Production's settings refuse console and demo."""

from collections.abc import Callable
from dataclasses import dataclass

from django.conf import settings

from accounts.sms.console import ConsoleGateway
from accounts.sms.demo import DemoGateway
from accounts.sms.gateway import SmsGateway
from accounts.sms.smsc import SmscGateway
from accounts.sms.twilio import TwilioGateway


@dataclass(frozen=True)
class Provider:
    name: str
    gateway: SmsGateway


def providers(*, timeout_s: float) -> list[Provider]:
    """`SMS_GATEWAY`, then `SMS_FALLBACK`; all together give up after `timeout_s` seconds."""
    each = timeout_s / len(settings.SMS_NAMED)
    return [Provider(name, _MAKE[name](each)) for name in settings.SMS_NAMED]


def _smsc(timeout_s: float) -> SmsGateway:
    return SmscGateway(
        api_key=settings.SMSC_API_KEY,
        login=settings.SMSC_LOGIN,
        password=settings.SMSC_PASSWORD,
        sender=settings.SMSC_SENDER,
        timeout_s=timeout_s,
        api_url=settings.SMSC_API_URL,
    )


def _twilio(timeout_s: float) -> SmsGateway:
    return TwilioGateway(
        account_sid=settings.TWILIO_ACCOUNT_SID,
        auth_token=settings.TWILIO_AUTH_TOKEN,
        sender=settings.TWILIO_FROM,
        timeout_s=timeout_s,
        api_url=settings.TWILIO_API_URL,
    )


_MAKE: dict[str, Callable[[float], SmsGateway]] = {
    "smsc": _smsc,
    "twilio": _twilio,
    "demo": lambda timeout_s: DemoGateway(settings.SMS_DEMO_INBOX),
    "console": lambda timeout_s: ConsoleGateway(),
}
