"""Which gateway `SMS_GATEWAY` names. Production's settings refuse console and demo."""

from django.conf import settings

from accounts.sms.console import ConsoleGateway
from accounts.sms.demo import DemoGateway
from accounts.sms.gateway import SmsGateway
from accounts.sms.twilio import TwilioGateway


def gateway(*, timeout_s: float) -> SmsGateway:
    """The gateway of the settings, giving up after `timeout_s` seconds."""
    if settings.SMS_GATEWAY == "twilio":
        return TwilioGateway(
            account_sid=settings.TWILIO_ACCOUNT_SID,
            auth_token=settings.TWILIO_AUTH_TOKEN,
            sender=settings.TWILIO_FROM,
            timeout_s=timeout_s,
            api_url=settings.TWILIO_API_URL,
        )
    return DemoGateway(settings.SMS_DEMO_INBOX) if settings.SMS_GATEWAY == "demo" else ConsoleGateway()
