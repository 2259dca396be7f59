"""Looking for the checks of many receipts at once: a day's documents, page by page, instead of one call each.

Few are asked for one by one (`Relay`). Where `CROWD` receipts of one day are due together, one runner at a
time reads that day from KIAS's list: a page is one call for all that stand on it, so 100,000 receipts without
a check cost as many calls as their days have pages. `KiasListing` says which page is next; its holder is
claimed in the UPDATE.
"""

import logging
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID, uuid4

from django.db.models import Count, F, Min, QuerySet
from django.db.models.functions import Coalesce

from receipts.models import Receipt
from sync.clock import Clock, later, nobody_holds
from sync.kias.gateway import KiasGateway, KiasUnavailableError, Listed
from sync.models import Delivery, KiasListing, Stage
from sync.relay import circuit, deliveries, outcomes, schedule, slots
from sync.relay.terms import Terms

logger = logging.getLogger(__name__)

CROWD = 50  # so many of one day due together: reading the day's list is the cheaper question
NOT_LISTED = "нет в списке КИАС за день квитанции"


@dataclass(frozen=True)
class Page:
    """The page that this runner is to ask for."""

    claim: UUID
    day: date
    number: int
    begun_at: datetime
    failures: int


def crowded_days(clock: Clock) -> list[date]:
    """The days of which many checks are due, the longest waiting first; none while KIAS's list is no help."""
    if KiasListing.objects.filter(pk=1, not_before__gt=clock()).exists():
        return []
    days = _due(clock).values("receipt__receipt_date").annotate(n=Count("pk"), oldest=Min("due_at"))
    return [row["receipt__receipt_date"] for row in days.filter(n__gte=CROWD).order_by("oldest")]


def take_page(days: Iterable[date], lease_s: float, clock: Clock) -> Page | None:
    """Claim the next page of the day that is being read, or of the first of `days`; None: another does."""
    KiasListing.objects.bulk_create([KiasListing(pk=1)], ignore_conflicts=True)
    claim = uuid4()
    first = next(iter(days))
    if not KiasListing.objects.filter(nobody_holds(clock()), pk=1).update(
        claim=claim,
        lease_until=later(clock, lease_s),
        day=Coalesce("day", first),
        begun_at=Coalesce("begun_at", clock()),
    ):
        return None
    row = KiasListing.objects.filter(pk=1, claim=claim).first()
    if row is None or row.day is None or row.begun_at is None:
        return None
    return Page(claim, row.day, row.page, row.begun_at, row.failures)


def read_page(
    gateway: KiasGateway,
    terms: Terms,
    days: Iterable[date],
    slot: UUID,
    clock: Clock,
    dice: Callable[[], float],
) -> bool:
    """Ask for the next page of a crowded day and record it; False when another runner is at it.

    Raises KiasUnavailableError: the page stays the next one.
    """
    page = take_page(days, terms.lease_s, clock)
    if page is None:
        return False
    must_end = time.monotonic() + terms.timeout_s
    if not may_ask(page, terms.timeout_s, clock) or not slots.may_call(slot, terms.timeout_s, clock):
        _end(page)
        return False
    try:
        with circuit.counted(terms.concurrency, clock, dice):
            within = must_end - time.monotonic()
            listed = gateway.list(since=page.day, until=page.day, page=page.number, within=within)
    except KiasUnavailableError:
        _end(page)
        raise
    except Exception as error:
        logger.warning("list_failed", extra={"error": type(error).__name__})
        put_off(page, type(error).__name__, dice=dice(), clock=clock)
        return True
    record(page, listed, dice=dice(), clock=clock)
    return True


def may_ask(page: Page, timeout_s: float, clock: Clock) -> bool:
    """Whether the lease outlasts the call and no pause has begun: as `deliveries.sendable`."""
    held = KiasListing.objects.filter(
        ~deliveries.paused(clock), pk=1, claim=page.claim, lease_until__gte=later(clock, timeout_s)
    )
    return held.exists()


def record(page: Page, listed: Listed, *, dice: float, clock: Clock) -> None:
    """Write what a page says of our receipts, and go on to the next page, or end the day."""
    by_isn = {document.isn: document for document in listed.documents}
    rows = _of_day(page.day).filter(receipt__kias_isn__in=by_isn).select_related("receipt")
    unready = []
    for row in rows:
        if not outcomes.check_seen(row, by_isn[row.receipt.kias_isn], clock=clock):
            unready.append(row.pk)
    # Together they became due, together they will again: one reading of the day serves them all.
    again = later(clock, schedule.listing_distance(page.day, page.begun_at.date(), dice))
    _of_day(page.day).filter(pk__in=unready).update(
        polls=F("polls") + 1, failures=0, last_error="", due_at=again
    )
    if listed.more:
        _end(page, page=page.number + 1, failures=0)
        return
    absent = _of_day(page.day).filter(due_at__lte=page.begun_at).exclude(last_error=NOT_LISTED)
    absent.update(polls=F("polls") + 1, last_error=NOT_LISTED, due_at=later(clock, schedule.POLL_CAP_S))
    _end(page, page=1, day=None, begun_at=None, failures=0, last_error="", not_before=None)


def put_off(page: Page, detail: str, *, dice: float, clock: Clock) -> None:
    """The list could not be read: checks are looked for one by one until it is tried again."""
    failures = page.failures + 1
    until = later(clock, schedule.backoff(failures, dice))
    _end(page, page=1, day=None, begun_at=None, failures=failures, last_error=detail[:200], not_before=until)


def _end(page: Page, /, **changes: object) -> None:
    KiasListing.objects.filter(pk=1, claim=page.claim).update(claim=None, lease_until=None, **changes)


def _of_day(day: date) -> QuerySet[Delivery]:
    """Whose check is looked for and which nobody holds, of one day."""
    return Delivery.objects.filter(
        stage=Stage.CHECK,
        claim__isnull=True,
        due_at__isnull=False,
        receipt__in=Receipt.objects.filter(receipt_date=day),
    )


def _due(clock: Clock) -> QuerySet[Delivery]:
    return deliveries.due(clock).filter(stage=Stage.CHECK).exclude(last_error=NOT_LISTED)
