"""Phones, login codes and numbers."""

from collections.abc import Iterator
from datetime import datetime, timedelta

from django.conf import settings
from django.db.models import Count, F, Q, Sum

from accounts import login_figures, throttles, versions
from accounts.models import Installation, RateBucket
from receipts import series as numbers
from receipts.models import NumberSeries
from sync import our_clock
from sync.figures.catalogue import Sample
from sync.figures.relay import RECENT

SILENT = timedelta(days=3)
HEARD_OF = timedelta(days=30)
#: the app's releases are the phones' own words: no phone makes up labels without end
RELEASES_SHOWN = 20
#: which limit belongs to a purse's key, by the key's beginning
_PURSES = {
    "login:number:": "phone_number",
    "login:known:": "phone_number",
    "login:address:": "address",
    "login:total": "total",
    "office:": "office_address",
}


def samples(now: datetime) -> Iterator[Sample]:
    """Every figure about agents and their phones."""
    sent, entered = login_figures.sent_and_entered(since=now - RECENT, now=now)
    yield "kias_login_codes_sent_10m", {}, sent
    yield "kias_login_codes_entered_10m", {}, entered
    yield from _throttled(now)
    yield from _installations(now)
    yield from _clocks(now)
    yield from _releases(now)
    for series in NumberSeries.objects.filter(is_active=True):
        labels = {"series": series.name}
        yield "kias_series_remaining", labels, numbers.remaining(series)
        yield "kias_series_alarm_at", labels, series.alarm_at


def _throttled(now: datetime) -> Iterator[Sample]:
    hour = RateBucket.objects.filter(window_start=throttles.start_of_window(now))
    empty = dict.fromkeys(_PURSES.values(), 0)
    for beginning, name in _PURSES.items():
        limit = settings.LOGIN_LIMITS[name]
        empty[name] += hour.filter(key__startswith=beginning, count__gte=limit).count()
    for name, count in empty.items():
        yield "kias_login_throttled", {"purse": name}, count


def _clocks(now: datetime) -> Iterator[Sample]:
    found = our_clock.look(now)
    yield "kias_phones_heard_1h", {}, found.heard
    yield "kias_phones_same_skew", {}, found.sharing
    yield "kias_phones_same_skew_seconds", {}, found.skew_s
    yield "kias_server_clock_suspect", {}, int(found.accuses_us)


def _releases(now: datetime) -> Iterator[Sample]:
    heard = Installation.objects.filter(revoked_at=None, last_contact_at__gt=now - HEARD_OF)
    counted = heard.values_list("app_version").annotate(phones=Count("pk")).order_by("-phones", "app_version")
    shown: dict[str, int] = {}
    outdated = 0
    for release, phones in counted[:1000]:
        known = versions.is_release(release) and len(shown) < RELEASES_SHOWN
        label = release if known else "other"
        shown[label] = shown.get(label, 0) + phones
        outdated += phones if versions.is_outdated(release, settings.SECURITY_RELEASE) else 0
    for release, phones in sorted(shown.items()):
        yield "kias_phones_by_release", {"release": release}, phones
    yield "kias_phones_outdated", {}, outdated


def _installations(now: datetime) -> Iterator[Sample]:
    waiting = Q(waiting_count__gt=0)
    silent = waiting & (Q(last_contact_at__lt=now - SILENT) | Q(last_contact_at=None))
    found = Installation.objects.filter(revoked_at=None).aggregate(
        all=Count("pk"),
        waiting=Count("pk", filter=waiting),
        silent=Count("pk", filter=silent),
        receipts=Sum(F("waiting_count")),
        kopecks=Sum(F("waiting_sum")),
    )
    yield "kias_installations", {}, found["all"]
    yield "kias_installations_waiting", {}, found["waiting"]
    yield "kias_installations_silent", {}, found["silent"]
    yield "kias_phones_waiting_receipts", {}, found["receipts"] or 0
    yield "kias_phones_waiting_kopecks", {}, found["kopecks"] or 0
