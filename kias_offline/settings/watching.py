"""Who may look at the server, and what it writes down of itself."""

from ipaddress import ip_network

from django.core.exceptions import ImproperlyConfigured

from kias_offline.settings.environment import env

#: Networks that may read /metrics; the address that counts is the connection's own (P10).
METRICS_FROM = env.list("METRICS_FROM", ["127.0.0.0/8", "::1/128"])
#: Where Flower listens, never reachable but through /admin/flower/; empty: there is none.
FLOWER_URL = env.str("FLOWER_URL", "")
try:
    for network in METRICS_FROM:
        ip_network(network)
except ValueError as error:
    raise ImproperlyConfigured("METRICS_FROM needs networks such as 10.0.0.0/8, comma-separated.") from error

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
