"""KIAS: where it is, how it is called and how often; its windows; the reconciliation."""

import datetime as dt
import re
from pathlib import Path

from django.core.exceptions import ImproperlyConfigured

from kias_offline.settings.environment import DEPLOYMENT, PRODUCTION, env, required

KIAS_URL = required("KIAS_URL", "http://127.0.0.1:8010/kias")
KIAS_USER = required("KIAS_USER", "offline")
KIAS_PASSWORD = required("KIAS_PASSWORD", "offline-demo")
if PRODUCTION and "demo" in KIAS_PASSWORD:
    raise ImproperlyConfigured("KIAS_PASSWORD still holds the demo's default: set a secret of your own.")
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
KIAS_PLAIN_HTTP = env.bool("KIAS_PLAIN_HTTP", False)  # passports readable on the way: a decision
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
except LookupError as unknown:
    raise ImproperlyConfigured("KIAS_REPERTOIRE: no such character set; windows-1251 is one.") from unknown
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
KIAS_PROBE_CAP_S = env.float("KIAS_PROBE_CAP_S", 60.0)  # between two tries of a KIAS that does not answer
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
