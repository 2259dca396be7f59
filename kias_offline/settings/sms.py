"""Who sends SMS, and with which account."""

from django.core.exceptions import ImproperlyConfigured

from kias_offline.settings.environment import PRODUCTION, VAR_DIR, env

#: smsc, twilio (numbers leave the country: to be named expressly, P26), console, demo
SMS_GATEWAY = env.str("SMS_GATEWAY", "smsc" if PRODUCTION else "demo")
SMS_FALLBACK = env.str("SMS_FALLBACK", "")  # who sends where the first cannot (P16); empty: nobody
SMS_NAMED = [name for name in (SMS_GATEWAY, SMS_FALLBACK) if name]
if not SMS_GATEWAY or not {*SMS_NAMED} <= {"smsc", "twilio", "console", "demo"}:
    raise ImproperlyConfigured("Set SMS_GATEWAY (and SMS_FALLBACK) to smsc, twilio, console or demo.")
if SMS_GATEWAY == SMS_FALLBACK:
    raise ImproperlyConfigured("SMS_FALLBACK must be another provider than SMS_GATEWAY, or empty.")
if PRODUCTION and {*SMS_NAMED} & {"console", "demo"}:
    raise ImproperlyConfigured("Production sends real SMS: set SMS_GATEWAY=smsc and its credentials.")
SMS_DEMO_INBOX = VAR_DIR / "sms.jsonl"
TWILIO_ACCOUNT_SID = env.str("TWILIO_ACCOUNT_SID", "")
TWILIO_AUTH_TOKEN = env.str("TWILIO_AUTH_TOKEN", "")
TWILIO_FROM = env.str("TWILIO_FROM", "")
TWILIO_API_URL = env.str("TWILIO_API_URL", "https://api.twilio.com")  # or an egress proxy in front of it
if "twilio" in SMS_NAMED and not (TWILIO_ACCOUNT_SID and TWILIO_AUTH_TOKEN and TWILIO_FROM):
    raise ImproperlyConfigured("Twilio needs TWILIO_ACCOUNT_SID, TWILIO_AUTH_TOKEN and TWILIO_FROM.")
SMSC_API_KEY = env.str("SMSC_API_KEY", "")  # or login and password
SMSC_LOGIN = env.str("SMSC_LOGIN", "")
SMSC_PASSWORD = env.str("SMSC_PASSWORD", "")
SMSC_SENDER = env.str("SMSC_SENDER", "")  # a name registered there; empty: their default one
SMSC_API_URL = env.str("SMSC_API_URL", "https://smsc.ru")  # or their second address, or an egress proxy
if "smsc" in SMS_NAMED and not (SMSC_API_KEY or (SMSC_LOGIN and SMSC_PASSWORD)):
    raise ImproperlyConfigured("SMSC.ru needs SMSC_API_KEY, or SMSC_LOGIN and SMSC_PASSWORD.")
