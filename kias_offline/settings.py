"""All settings in one file. What is missing or dangerous stops the start with the remedy in the message.

`DEPLOYMENT` is `demo` (what `make run` starts), `test`, or `production`. Production refuses SQLite, a console
or demo SMS gateway, the KIAS simulator, the demo desk and default secrets.
"""

import datetime as dt
import os
import re
import tomllib
from datetime import timedelta
from ipaddress import ip_network
from pathlib import Path

import dj_database_url
from django.core.exceptions import ImproperlyConfigured
from environs import Env

env = Env()
BASE_DIR = Path(__file__).resolve().parent.parent

DEPLOYMENT = env.str("DEPLOYMENT", "")
if DEPLOYMENT not in {"demo", "test", "production"}:
    raise ImproperlyConfigured("Set DEPLOYMENT to demo, test or production (`make run` does it for you).")
PRODUCTION = DEPLOYMENT == "production"


def required(name: str, outside_production: str) -> str:
    """The variable's value; production has no default for it."""
    value = env.str(name, "" if PRODUCTION else outside_production)
    if not value:
        raise ImproperlyConfigured(
            f"Set {name}: production has no default for it (docs/runbook.md, «Settings»)."
        )
    return value


VAR_DIR = Path(env.str("VAR_DIR", str(BASE_DIR / "var")))

# --- Django ---------------------------------------------------------------------------------------------

SECRET_KEY = required("SECRET_KEY", "only-for-demo-and-tests-0123456789-abcdefghijklmnopqrstuvwxyz")
LOGIN_CODE_SECRET = required("LOGIN_CODE_SECRET", "only-for-demo-and-tests-login-codes")
CONTENT_HASH_SECRET = required("CONTENT_HASH_SECRET", "only-for-demo-and-tests-content-hashes")
DEBUG = False
ALLOWED_HOSTS = env.list("ALLOWED_HOSTS", [] if PRODUCTION else ["127.0.0.1", "localhost", "testserver"])
PUBLIC_HOST = required("PUBLIC_HOST", "127.0.0.1")  # stands in the SMS text for autofill
if PRODUCTION and len(PUBLIC_HOST) > 19:
    raise ImproperlyConfigured("PUBLIC_HOST has more than 19 signs: each login SMS would cost two (P19).")
ROOT_URLCONF = "kias_offline.urls"
WSGI_APPLICATION = "kias_offline.wsgi.application"
AUTH_USER_MODEL = "accounts.User"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
AUTH_PASSWORD_VALIDATORS = [  # the office's; agents have none
    {
        "NAME": "django.contrib.auth.password_validation.MinimumLengthValidator",
        "OPTIONS": {"min_length": 12},
    },
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
]

INSTALLED_APPS = [
    "unfold.apps.BasicAppConfig",  # the plain one would put its own site in the place of ours
    "unfold.contrib.filters",
    "kias_offline.apps.AdminConfig",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django_otp",
    "django_otp.plugins.otp_totp",
    "rest_framework",
    "drf_spectacular",
    "pwa",
    "accounts",
    "receipts",
    "sync",
    "backoffice",
]

MIDDLEWARE = [
    "kias_offline.health.HealthMiddleware",  # first: a load balancer asks by address, under no host of ours
    "kias_offline.middleware.CorrelationMiddleware",
    "kias_offline.middleware.HeadersMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "django.middleware.common.CommonMiddleware",  # the only one that asks for the host at every request
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "kias_offline.middleware.ApiBodyMiddleware",
    "kias_offline.restored.RestoredMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django_otp.middleware.OTPMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
]

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "kias_offline" / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
            ]
        },
    }
]

LOGIN_URL = "admin:login"
LOGIN_REDIRECT_URL = "admin:index"
LANGUAGE_CODE = "ru"
# Forms take these from the language; the admin theme's date filters read them here and nowhere else.
DATE_INPUT_FORMATS = ["%d.%m.%Y", "%Y-%m-%d"]
DATETIME_INPUT_FORMATS = ["%d.%m.%Y %H:%M:%S", "%d.%m.%Y %H:%M"]
LOCALE_PATHS = [BASE_DIR / "locale"]
TIME_ZONE = "Europe/Moscow"
USE_TZ = True
USE_I18N = True

STATIC_URL = "/static/"
STATIC_ROOT = BASE_DIR / "staticfiles"
CLIENT_DIST = BASE_DIR / "frontend" / "dist"
WHITENOISE_USE_FINDERS = not PRODUCTION  # production serves what its image collected
STATICFILES_DIRS = [("app", CLIENT_DIST)] if CLIENT_DIST.is_dir() else []

# The admin's cookies; the app's own are in accounts.sessions (two cookies, two worlds).
SESSION_COOKIE_NAME = "kias_admin"
SESSION_COOKIE_PATH = "/admin/"
SESSION_COOKIE_SAMESITE = "Strict"
CSRF_COOKIE_NAME = "kias_admin_csrf"
CSRF_COOKIE_PATH = "/admin/"
CSRF_COOKIE_SAMESITE = "Strict"
COOKIES_SECURE = PRODUCTION
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = COOKIES_SECURE
# Staff: idle this long, or in for this long, and the password and the code are asked for again (P20).
STAFF_SESSION_IDLE = timedelta(minutes=env.int("STAFF_SESSION_IDLE_MIN", 15))
STAFF_SESSION_MAX = timedelta(hours=env.int("STAFF_SESSION_MAX_HOURS", 12))
SESSION_COOKIE_AGE = int(STAFF_SESSION_IDLE.total_seconds())
SESSION_SAVE_EVERY_REQUEST = True  # the idle time counts from the last request
OTP_TOTP_ISSUER = "КИАС Офлайн"
OTP_TOTP_SYNC = False  # phones keep the time by themselves; a code early or late must not move the clock
SECURE_HSTS_SECONDS = 31_536_000 if PRODUCTION else 0
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
# Files come from staff alone (`sync/rescue/file_format.py` bounds them). This handler drops what does not fit
# into memory; the usual ones fill the disk.
FILE_UPLOAD_HANDLERS = ["django.core.files.uploadhandler.MemoryFileUploadHandler"]
TRUSTED_PROXY_COUNT = env.int("TRUSTED_PROXY_COUNT", 0)
if PRODUCTION:
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")

# --- Database -------------------------------------------------------------------------------------------

DATABASES = {
    "default": dj_database_url.parse(
        required("DATABASE_URL", f"sqlite:///{VAR_DIR / 'db.sqlite3'}"), conn_max_age=60
    )
}
SQLITE = DATABASES["default"]["ENGINE"] == "django.db.backends.sqlite3"
if SQLITE:
    if PRODUCTION:
        raise ImproperlyConfigured("Production needs PostgreSQL: set DATABASE_URL=postgres://…")
    DATABASES["default"]["OPTIONS"] = {
        "transaction_mode": "IMMEDIATE",
        "timeout": 20,
        "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL;",
    }
else:
    #: no statement longer than this, seconds; 0: no bound, for the migrations' own process (P38)
    STATEMENT_TIMEOUT_S = env.float("STATEMENT_TIMEOUT_S", 10.0)
    #: no longer wait for a lock, seconds; 0: as long as the statement may take
    LOCK_TIMEOUT_S = env.float("LOCK_TIMEOUT_S", 0.0)
    DATABASES["default"]["OPTIONS"] = {
        "connect_timeout": 3,  # a server that takes the line and says nothing must not keep a web thread
        "options": f"-c statement_timeout={STATEMENT_TIMEOUT_S * 1000:.0f} "
        f"-c lock_timeout={LOCK_TIMEOUT_S * 1000:.0f} -c idle_in_transaction_session_timeout=15000",
    }
    DATABASES["default"]["CONN_HEALTH_CHECKS"] = True

# --- Celery: the alarm clock, never the queue ------------------------------------------------------------

CELERY_BROKER_URL = required("REDIS_URL", "redis://127.0.0.1:6390/0")
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_ROUTES = {"accounts.tasks.*": {"queue": "sms"}, "sync.tasks.*": {"queue": "relay"}}
CELERY_TASK_ACKS_LATE = False
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_BROKER_CONNECTION_MAX_RETRIES = None  # a worker outlives any outage; 100 tries end in 50 minutes
CELERY_BROKER_TRANSPORT_OPTIONS = {
    "socket_timeout": 5,
    "socket_connect_timeout": 2,
    # Without these a publisher asks an absent broker for 6 s, inside a request (measured; F12).
    "max_retries": 1,
    "interval_start": 0,
    "interval_step": 0.1,
    "interval_max": 0.1,
}
CELERY_TASK_PUBLISH_RETRY = False
# For Flower. The senders' own events stay off: each would be one more message while a phone waits.
CELERY_WORKER_SEND_TASK_EVENTS = True
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
CELERY_BEAT_SCHEDULE = {
    "sweep": {
        "task": "sync.tasks.sweep",
        "schedule": env.float("SWEEP_EVERY_S", 5.0),
        "options": {"expires": 10},
    },
    "heartbeat": {
        "task": "sync.tasks.heartbeat",
        "schedule": env.float("HEARTBEAT_EVERY_S", 30.0),
        "options": {"expires": 25},
    },
    "plan_windows": {"task": "sync.tasks.plan_windows", "schedule": 60.0, "options": {"expires": 50}},
    # Its rows are the queue: each call goes on with the run that is due, or begins tonight's.
    "reconcile": {"task": "sync.tasks.reconcile", "schedule": 60.0, "options": {"expires": 50}},
    "mark_contacts": {"task": "sync.tasks.mark_contacts", "schedule": 3600.0, "options": {"expires": 3000}},
    "forget_old_logins": {"task": "accounts.tasks.forget_old_logins", "schedule": 3600.0},
}
CELERY_BEAT_SCHEDULE_FILENAME = str(VAR_DIR / "beat-schedule")

# --- Ops ------------------------------------------------------------------------------------------------

#: What may be forgotten at any time, JSON only. Another server than the broker's: this one evicts (P28).
CACHE_URL = env.str("CACHE_URL", "")
if CACHE_URL and CACHE_URL == CELERY_BROKER_URL:
    raise ImproperlyConfigured("CACHE_URL must name another server than REDIS_URL: a cache forgets (P28).")
CACHES = {
    "default": {
        "BACKEND": "kias_offline.cache.ForgetfulCache",
        "LOCATION": CACHE_URL,
        "OPTIONS": {
            "serializer": "kias_offline.cache.Json",
            "socket_timeout": 0.5,
            "socket_connect_timeout": 0.5,
        },
    }
    if CACHE_URL
    else {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}
}
#: Networks that may read /metrics; the address that counts is the connection's own (P10).
METRICS_FROM = env.list("METRICS_FROM", ["127.0.0.0/8", "::1/128"])
#: Where Flower listens, never reachable but through /admin/flower/; empty: there is none.
FLOWER_URL = env.str("FLOWER_URL", "")
try:
    for network in METRICS_FROM:
        ip_network(network)
except ValueError as error:
    raise ImproperlyConfigured("METRICS_FROM needs networks such as 10.0.0.0/8, comma-separated.") from error

# --- API ------------------------------------------------------------------------------------------------

REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": ["accounts.authentication.AgentAuthentication"],
    "DEFAULT_PERMISSION_CLASSES": ["accounts.authentication.HasInstallation"],
    "DEFAULT_PARSER_CLASSES": ["kias_offline.parsers.BoundedJSONParser"],
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "DEFAULT_CONTENT_NEGOTIATION_CLASS": "kias_offline.parsers.AlwaysJSON",
    "DEFAULT_SCHEMA_CLASS": "drf_spectacular.openapi.AutoSchema",
    "EXCEPTION_HANDLER": "kias_offline.api_errors.handle",
    "UNAUTHENTICATED_USER": None,
}
SPECTACULAR_SETTINGS = {
    "TITLE": "КИАС Офлайн: API телефона",
    "VERSION": "1",
    "SERVE_INCLUDE_SCHEMA": False,
    "COMPONENT_SPLIT_REQUEST": True,
}
API_MAX_BODY = 1024 * 1024
API_MAX_EXPANDED = 4 * 1024 * 1024

# --- Agents' login --------------------------------------------------------------------------------------

AGENT_SESSION_IDLE = timedelta(days=env.int("AGENT_SESSION_IDLE_DAYS", 30))
AGENT_SESSION_MAX = timedelta(days=env.int("AGENT_SESSION_MAX_DAYS", 90))
AGENT_SESSION_ASK_AHEAD = timedelta(days=3)  # before the 90 are over, while there is network (P16)
AGENT_SILENT = timedelta(
    days=env.int("AGENT_SILENT_DAYS", 90)
)  # then locked until the office opens him (P25)
NEW_NUMBER_WAIT = timedelta(hours=24)  # after a new number: no personal data on new installations (P25)
HANDOVER = timedelta(days=env.int("HANDOVER_DAYS", 90))  # how long a dismissed agent hands over (P17)
#: The insurer as it stands on the client's copy (P24); the address for checks of clients who have none (P23).
INSURER_NAME = required("INSURER_NAME", "АО «Страховая компания „Пример“»")
INSURER_INN = required("INSURER_INN", "7707067683")
INSURER_ADDRESS = required("INSURER_ADDRESS", "123456, г. Москва, ул. Примерная, д. 1")
INSURER_LICENCE = required("INSURER_LICENCE", "СИ № 0000 от 01.01.2020")
INSURER_EMAIL = required("INSURER_EMAIL", "checks@insurer.example")
OFFICE_PHONE = required("OFFICE_PHONE", "+7 800 000-00-00")  # stands in what agents and clients read
LOGIN_CODE_LIFE = timedelta(minutes=10)
LOGIN_CODE_TRIES = 5
LOGIN_CODE_RESEND_AFTER = timedelta(seconds=60)
LOGIN_LIMITS = {  # an hour: codes for agents by number, address and in total, the office's tries by address
    "phone_number": env.int("LOGIN_CODES_PER_PHONE", 10),
    "address": env.int("LOGIN_CODES_PER_ADDRESS", 60),
    "total": env.int("LOGIN_CODES_TOTAL", 2_000),  # bounds guessing: SECURITY.md, «Login codes»
    "office_address": env.int("OFFICE_LOGINS_PER_ADDRESS", 100),
}

#: the last release of the app that must not wait (1.2.0): older ones read no personal data (P21, ADR 0024)
SECURITY_RELEASE = env.str("SECURITY_RELEASE", "")
if not re.fullmatch(r"([0-9]{1,4}\.){2}[0-9]{1,4}|", SECURITY_RELEASE):
    raise ImproperlyConfigured("SECURITY_RELEASE is a release of the app such as 1.2.0, or empty.")
RELEASE = tomllib.loads((BASE_DIR / "pyproject.toml").read_text(encoding="utf-8"))["project"]["version"]
if [int(part) for part in SECURITY_RELEASE.split(".") if part] > [int(part) for part in RELEASE.split(".")]:
    raise ImproperlyConfigured(
        f"SECURITY_RELEASE is {SECURITY_RELEASE}, but this is {RELEASE}: no phone could become new enough. "
        "Deploy the release first."
    )
#: serve the worker that empties the phones' caches, and only them (docs/runbook.md, «The emergency exit»)
EMERGENCY_WORKER = env.bool("EMERGENCY_WORKER", False)

#: Grave actions of the office take two different people (P20).
TWO_PEOPLE = env.bool("TWO_PEOPLE", True)
LOGIN_ROWS_KEPT = timedelta(days=env.int("LOGIN_ROWS_KEPT_DAYS", 180))  # login attempts and their codes (P26)

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

# --- Receipts -------------------------------------------------------------------------------------------

BACKDATE_DAYS = env.int("BACKDATE_DAYS", 3)  # how far back a receipt_date may lie from its issued_at's date
#: a receipt whose policy is dated further ahead, or further back, is held (spec «Dates»)
POLICY_DATE_AHEAD_DAYS = env.int("POLICY_DATE_AHEAD_DAYS", 366)
POLICY_DATE_BEHIND_DAYS = env.int("POLICY_DATE_BEHIND_DAYS", 3660)
#: a check must exist so many days after its receipt; phones warn after so many working days of waiting (P39)
CHECK_DEADLINE_DAYS = env.int("CHECK_DEADLINE_DAYS", 5)
CHECK_WARN_WORKING_DAYS = env.int("CHECK_WARN_WORKING_DAYS", 1)
if (
    min(POLICY_DATE_AHEAD_DAYS, POLICY_DATE_BEHIND_DAYS, CHECK_WARN_WORKING_DAYS) < 0
    or CHECK_DEADLINE_DAYS < 1
):
    raise ImproperlyConfigured(
        "POLICY_DATE_*_DAYS and CHECK_*_DAYS are numbers of days: 0 or more, the deadline at least 1."
    )
WITHDRAW_WITHIN = timedelta(minutes=env.int("WITHDRAW_WITHIN_MIN", 15))  # an agent's own withdrawal (P01)
#: whether what a phone can read must lie behind a PIN; False lets agents do without one (P27)
PIN_REQUIRED = env.bool("PIN_REQUIRED", True)
#: how long a receipt rests before its first relay: the commonest withdrawal then costs no check (P01)
RELAY_GRACE_S = env.float("RELAY_GRACE_S", 0.0)
if RELAY_GRACE_S < 0:
    raise ImproperlyConfigured("RELAY_GRACE_S is a number of seconds: 0 or more.")
#: online numbers that one agent may take within a day and not spend; then his phones give offline ones (P03)
UNUSED_NUMBERS_PER_DAY = env.int("UNUSED_NUMBERS_PER_DAY", 50)
COUNTER_JUMP = 100  # a counter that jumps further is held (P18)

#: Folders with the sealing keys. A key goes to phones only when it lies in all of them (at least two).
SEALING_KEY_DIRS = [
    Path(p) for p in env.list("SEALING_KEY_DIRS", [str(VAR_DIR / "keys-a"), str(VAR_DIR / "keys-b")])
]
if len(set(SEALING_KEY_DIRS)) < 2:
    raise ImproperlyConfigured("SEALING_KEY_DIRS needs two folders on different disks, comma-separated.")
if PRODUCTION and not env.str("SEALING_KEY_DIRS", ""):
    raise ImproperlyConfigured("Set SEALING_KEY_DIRS to two folders outside the database and the code.")

#: A folder outside the database, on a disk that its backups do not share: the audit stream and the high-water
#: mark (docs/runbook.md, «Restore»). All processes on all hosts share it. Empty, as in tests: there is none.
AUDIT_STREAM = env.str("AUDIT_STREAM", "" if PRODUCTION or DEPLOYMENT == "test" else str(VAR_DIR / "audit"))
if PRODUCTION:
    if not AUDIT_STREAM:
        raise ImproperlyConfigured("Set AUDIT_STREAM to a folder outside the database and the code.")
    if not os.access(AUDIT_STREAM, os.R_OK | os.W_OK | os.X_OK):
        raise ImproperlyConfigured(
            f"AUDIT_STREAM: {AUDIT_STREAM} is no folder that this process can write; make it for its user."
        )
#: how many numbers of each series a restored server leaves out beyond those it can know of (spec «Epoch»)
RESTORE_SERIES_MARGIN = env.int("RESTORE_SERIES_MARGIN", 1_000)
if RESTORE_SERIES_MARGIN < 1:
    raise ImproperlyConfigured("RESTORE_SERIES_MARGIN is a number of numbers: 1 or more.")

# --- Office ---------------------------------------------------------------------------------------------

RELEASE_ALONE_MAX = env.int("RELEASE_ALONE_MAX_RUB", 15_000) * 100  # more takes two people (P20), kopecks
OFFICE_AMBER_DAYS = env.int("OFFICE_AMBER_DAYS", 1)  # working days that a task may wait before it turns amber
OFFICE_RED_DAYS = env.int("OFFICE_RED_DAYS", 5)

# --- KIAS -----------------------------------------------------------------------------------------------

KIAS_URL = required("KIAS_URL", "http://127.0.0.1:8010/kias")
KIAS_USER = required("KIAS_USER", "offline")
KIAS_PASSWORD = required("KIAS_PASSWORD", "offline-demo")
KIAS_IS_SIMULATOR = env.bool("KIAS_IS_SIMULATOR", not PRODUCTION)
if PRODUCTION and KIAS_IS_SIMULATOR:
    raise ImproperlyConfigured(
        "Production relays to the real KIAS: unset KIAS_IS_SIMULATOR and set KIAS_URL."
    )
KIAS_CONCURRENCY = env.int("KIAS_CONCURRENCY", 4)  # calls under way at once, over all workers on all hosts
KIAS_CONNECT_TIMEOUT_S = env.float("KIAS_CONNECT_TIMEOUT_S", 3.0)
KIAS_READ_TIMEOUT_S = env.float("KIAS_READ_TIMEOUT_S", 10.0)  # silence in the middle of a call
KIAS_TIMEOUT_S = env.float("KIAS_TIMEOUT_S", 15.0)  # the whole call
KIAS_KEEP_ALIVE_S = env.float("KIAS_KEEP_ALIVE_S", 2.0)  # an idle connection is used again; 0: never
KIAS_CA_FILE = env.str("KIAS_CA_FILE", "")  # PEM; instead of the usual authorities
KIAS_CLIENT_CERT = env.str("KIAS_CLIENT_CERT", "")  # PEM, where KIAS asks who we are
KIAS_CLIENT_KEY = env.str("KIAS_CLIENT_KEY", "")  # PEM, without a passphrase; empty: it is in the same file
KIAS_PROXY = env.str("KIAS_PROXY", "")  # the environment's proxies (HTTPS_PROXY …) do not count
for name, value in (
    ("KIAS_CA_FILE", KIAS_CA_FILE),
    ("KIAS_CLIENT_CERT", KIAS_CLIENT_CERT),
    ("KIAS_CLIENT_KEY", KIAS_CLIENT_KEY),
):
    if value and not Path(value).is_file():
        raise ImproperlyConfigured(f"{name}: there is no such file.")
if KIAS_CLIENT_KEY and not KIAS_CLIENT_CERT:
    raise ImproperlyConfigured("KIAS_CLIENT_KEY needs KIAS_CLIENT_CERT.")
if KIAS_PROXY and not KIAS_PROXY.startswith(("http://", "https://")):
    raise ImproperlyConfigured("KIAS_PROXY must begin with http:// or https://.")
if not KIAS_URL.startswith(("http://", "https://")):
    raise ImproperlyConfigured("KIAS_URL must begin with http:// or https://.")
KIAS_PLAIN_HTTP = env.bool(
    "KIAS_PLAIN_HTTP", False
)  # passports and passwords readable on the way: a decision
if PRODUCTION and KIAS_URL.startswith("http://") and not KIAS_PLAIN_HTTP:
    raise ImproperlyConfigured(
        "KIAS_URL must be https. Where KIAS has only http on a line that is yours alone, "
        "set KIAS_PLAIN_HTTP=1."
    )
#: the signs KIAS can keep (`windows-1251`); empty: all. And what to write for others, beside the usual (P31)
KIAS_REPERTOIRE = env.str("KIAS_REPERTOIRE", "")
KIAS_TRANSLITERATION: dict[str, str] = env.dict("KIAS_TRANSLITERATION", {})
try:
    "".encode(KIAS_REPERTOIRE or "utf-8")
except LookupError as error:
    raise ImproperlyConfigured("KIAS_REPERTOIRE: no such character set; windows-1251 is one.") from error
if any(len(sign) != 1 for sign in KIAS_TRANSLITERATION):
    raise ImproperlyConfigured("KIAS_TRANSLITERATION is like «Ә=А,Җ=Ж»: one sign on the left.")
KIAS_LEASE_S = env.float("KIAS_LEASE_S", 60.0)
KIAS_SETTLE_S = env.float("KIAS_SETTLE_S", 60.0)  # how late KIAS may still commit what it did not answer
KIAS_FRESH_S = env.float("KIAS_FRESH_S", 600.0)  # «less than 10 minutes ago», «since 10 minutes before»
KIAS_PROCEDURES = {
    "auth": env.str("KIAS_PROCEDURE_AUTH", "Auth"),
    "save": env.str("KIAS_PROCEDURE_SAVE", "User_WebKiasReceiptSave"),
    "find": env.str("KIAS_PROCEDURE_FIND", "User_WebKiasReceiptFind"),
    "list": env.str("KIAS_PROCEDURE_LIST", "User_WebKiasReceiptList"),
}
#: the refusals of KIAS after which a senior may set an accounting date (P09)
KIAS_CLOSED_PERIOD_CODES = env.list("KIAS_CLOSED_PERIOD_CODES", ["closed_period"])
KIAS_SLOW_START_STEP_S = env.float("KIAS_SLOW_START_STEP_S", 5.0)  # after a rest: 1 at once, then 2, 4 …


def maintenance_windows(lines: list[str]) -> list[tuple[int, dt.time, int]]:
    """`sun 02:00-06:00` → (6, 02:00, 240 minutes); an end not after the beginning is the next day's."""
    windows = []
    for line in lines:
        match = re.fullmatch(r"(mon|tue|wed|thu|fri|sat|sun) (\d\d:\d\d)-(\d\d:\d\d)", line.strip())
        try:
            day, first, last = match.groups() if match else ("", "", "")
            begin, end = dt.time.fromisoformat(first), dt.time.fromisoformat(last)
        except ValueError as error:
            raise ImproperlyConfigured(
                f"KIAS_WINDOWS: «{line}» is not like «sun 02:00-06:00»; several are separated by commas."
            ) from error
        minutes = (end.hour - begin.hour) * 60 + end.minute - begin.minute
        weekday = ("mon", "tue", "wed", "thu", "fri", "sat", "sun").index(day)
        windows.append((weekday, begin, minutes if minutes > 0 else minutes + 24 * 60))
    return windows


#: KIAS's weekly maintenance, by the clock of TIME_ZONE; more, and single ones, in the admin (P37)
KIAS_WINDOWS = maintenance_windows(env.list("KIAS_WINDOWS", []))
#: the hour of the night's reconciliation by TIME_ZONE; -1: only on demand
RECONCILE_HOUR = env.int("RECONCILE_HOUR", -1 if DEPLOYMENT == "test" else 3)
RECONCILE_DAYS = env.int("RECONCILE_DAYS", 35)  # the night compares so many days of receipt dates
RECONCILE_SETTLE_S = env.float("RECONCILE_SETTLE_S", 900.0)  # no difference is believed of what moved since
if not -1 <= RECONCILE_HOUR <= 23 or not 1 <= RECONCILE_DAYS <= 366:
    raise ImproperlyConfigured("RECONCILE_HOUR is -1…23, RECONCILE_DAYS 1…366.")
if RECONCILE_SETTLE_S < KIAS_SETTLE_S + KIAS_TIMEOUT_S:
    raise ImproperlyConfigured(
        "RECONCILE_SETTLE_S must outlast a call and its settle time: at least KIAS_SETTLE_S + KIAS_TIMEOUT_S."
    )
if KIAS_LEASE_S < 2 * KIAS_TIMEOUT_S + 5:
    raise ImproperlyConfigured(
        "KIAS_LEASE_S must outlast an ask and a save: at least 2 × KIAS_TIMEOUT_S + 5."
    )
if KIAS_CONCURRENCY < 1:
    raise ImproperlyConfigured("KIAS_CONCURRENCY must be at least 1.")

# --- Demo -----------------------------------------------------------------------------------------------

DEMO_DESK = env.bool("DEMO_DESK", DEPLOYMENT == "demo")
if PRODUCTION and DEMO_DESK:
    raise ImproperlyConfigured("The demo desk shows SMS codes: unset DEMO_DESK in production.")
if DEMO_DESK:
    STATICFILES_DIRS.append(("demo", BASE_DIR / "kias_offline" / "demo" / "static"))
if PRODUCTION:
    own_secrets = {
        "SECRET_KEY": SECRET_KEY,
        "LOGIN_CODE_SECRET": LOGIN_CODE_SECRET,
        "CONTENT_HASH_SECRET": CONTENT_HASH_SECRET,
    }
    for name, value in (own_secrets | {"KIAS_PASSWORD": KIAS_PASSWORD}).items():
        if "demo" in value:
            raise ImproperlyConfigured(f"{name} still holds the demo's default: set a secret of your own.")
    for name, value in own_secrets.items():
        if len(value) < 32:  # an agent's own codes are enough to try short ones at home
            raise ImproperlyConfigured(f"{name} is too short: 32 random characters at least.")
    if len(set(own_secrets.values())) < len(own_secrets):
        raise ImproperlyConfigured(f"{', '.join(own_secrets)} must be three different secrets.")
    if not ALLOWED_HOSTS or "*" in ALLOWED_HOSTS:
        raise ImproperlyConfigured("Set ALLOWED_HOSTS to the names this server answers to, comma-separated.")

# --- PWA, admin, logs -----------------------------------------------------------------------------------

PWA_SERVICE_WORKER_PATH = str(
    BASE_DIR / "kias_offline" / "emergency_worker.js"
    if EMERGENCY_WORKER
    else CLIENT_DIST / "serviceworker.js"
)
PWA_APP_NAME = "КИАС Офлайн"
PWA_APP_DESCRIPTION = "Квитанции страхового агента, с сетью и без неё"
PWA_APP_LANG = "ru"
PWA_APP_DIR = "ltr"
PWA_APP_START_URL = "/"
PWA_APP_SCOPE = "/"
PWA_APP_DISPLAY = "standalone"
PWA_APP_ORIENTATION = "any"
PWA_APP_THEME_COLOR = "#1b57c9"
PWA_APP_BACKGROUND_COLOR = "#f4f5f7"
PWA_APP_ICONS = [
    {"src": "/static/app/icons/icon-192.png", "sizes": "192x192", "type": "image/png"},
    {"src": "/static/app/icons/icon-512.png", "sizes": "512x512", "type": "image/png"},
    *(
        {"src": f"/static/app/icons/{name}.png", "sizes": sizes, "type": "image/png", "purpose": "maskable"}
        for name, sizes in (("maskable-192", "192x192"), ("maskable-512", "512x512"))
    ),
]
PWA_APP_SHORTCUTS = [
    {
        "name": name,
        "url": url,
        "icons": [{"src": f"/static/app/icons/{icon}.png", "sizes": "96x96", "type": "image/png"}],
    }
    for name, url, icon in (
        ("Новая квитанция", "/new", "shortcut-new"),
        ("Неотправленные", "/unsent", "shortcut-unsent"),
    )
]
#: what the browser shows before it installs; taken by `make screenshots`
PWA_APP_SCREENSHOTS = [
    {
        "src": f"/static/app/screenshots/{name}.webp",
        "sizes": sizes,
        "type": "image/webp",
        "form_factor": form_factor,
        "label": label,
    }
    for name, sizes, form_factor, label in (
        ("list-narrow", "780x1688", "narrow", "Квитанции с состоянием каждой"),
        ("form-narrow", "780x1688", "narrow", "Новая квитанция"),
        ("saved-narrow", "780x1688", "narrow", "Квитанция сохранена без сети"),
        ("list-wide", "1280x800", "wide", "Квитанции на компьютере"),
        ("form-wide", "1280x800", "wide", "Новая квитанция на компьютере"),
    )
]

UNFOLD = {
    "SITE_TITLE": "КИАС Офлайн",
    "SITE_HEADER": "КИАС Офлайн",
    "SITE_SUBHEADER": "Рабочее место офиса",
    "SITE_SYMBOL": "receipt_long",
    "SITE_URL": None,
    "BORDER_RADIUS": None,
    "SITE_FAVICONS": [{"rel": "icon", "type": "image/svg+xml", "href": "backoffice.navigation.favicon"}],
    "STYLES": ["backoffice.navigation.stylesheet"],
    "SCRIPTS": ["backoffice.navigation.script"],
    "SIDEBAR": {"navigation": "backoffice.navigation.sidebar"},
    "TABS": "backoffice.navigation.tabs",
}

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "filters": {"correlation": {"()": "kias_offline.logs.CorrelationFilter"}},
    "formatters": {"json": {"()": "kias_offline.logs.JsonFormatter"}},
    "handlers": {
        "stderr": {"class": "logging.StreamHandler", "formatter": "json", "filters": ["correlation"]}
    },
    "root": {"handlers": ["stderr"], "level": env.str("LOG_LEVEL", "INFO")},
    "loggers": {"httpx": {"level": "WARNING"}},  # else it writes down whole addresses, queries included
}
