"""The database; the broker and what it wakes; the cache."""

import dj_database_url
from django.core.exceptions import ImproperlyConfigured

from kias_offline.settings.environment import PRODUCTION, VAR_DIR, env, required

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

# Celery: the alarm clock, never the queue
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
