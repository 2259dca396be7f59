"""The server's outbox towards KIAS: rows are put in by the intake, claimed and moved on by the relay.

The row is the queue; Celery is the alarm clock. Every change of a claimed row names the claim, so a runner
that lost its lease cannot touch what another holds.
"""

from collections.abc import Collection, Iterable, Sequence
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

from django.db import transaction
from django.db.models import Case, Exists, OuterRef, Q, QuerySet, When
from django.db.models.expressions import Combinable

from receipts.models import OfficeReceipt, Receipt
from receipts.rows import insert
from receipts.states import IN_KIAS, State
from sync.clock import Clock, later, nobody_holds
from sync.compiled import Given, given_id
from sync.models import Attempt, Delivery, Epoch, Stage
from sync.relay import pauses, slots, turns


class ClaimLostError(Exception):
    """The lease ran out and another runner holds the delivery now."""


def enqueue(
    rows: Iterable[tuple[UUID, UUID]],
    *,
    epoch_id: UUID,
    accepted_at: datetime,
    ask_first: str = "",
    rest_s: float = 0.0,
) -> None:
    """Put freshly accepted receipts, `(receipt id, agent id)`, on their way to KIAS.

    `ask_first` says why even the first save must be preceded by a question: `file` or `paper` for what did
    not come straight from the phone. `rest_s`: seconds before the first try. Runs inside the caller's
    transaction.
    """
    rows = list(rows)
    due_at = accepted_at + timedelta(seconds=rest_s)
    turns.join(agent_id for _, agent_id in rows)
    insert(
        [
            Delivery(
                receipt_id=receipt_id,
                agent_id=agent_id,
                epoch_id=epoch_id,
                accepted_at=accepted_at,
                due_at=due_at,
                ask_first=ask_first,
                stage=Stage.SAVE,
            )
            for receipt_id, agent_id in rows
        ]
    )


def release(receipt_id: UUID, *, clock: Clock, ask_first: str = "released") -> None:
    """A person let the receipt go on its way (again): KIAS is asked before any save from now on, and
    `ask_first` says why.

    Belongs into the transaction in which `registry.release` makes the receipt `accepted`, after it.
    """
    receipt = Receipt.objects.only("agent_id", "accepted_at").get(pk=receipt_id)
    turns.join([receipt.agent_id])
    start = {"stage": Stage.SAVE, "due_at": clock(), "ask_first": ask_first, "failures": 0}
    Delivery.objects.update_or_create(
        receipt_id=receipt_id,
        defaults=start,
        create_defaults=start
        | {
            "agent_id": receipt.agent_id,
            "epoch": Epoch.objects.latest("started_at"),
            "accepted_at": receipt.accepted_at,
        },
    )


def begun(receipt_id: UUID) -> bool:
    """Whether the relay has claimed this receipt or called KIAS for it, ever.

    Locks the delivery, so that nobody claims it before the caller's transaction ends; the caller holds the
    receipt's lock already (receipt first, then delivery, everywhere).
    """
    delivery = Delivery.objects.select_for_update().filter(pk=receipt_id).first()
    if delivery is None:
        return False
    return delivery.claim is not None or Attempt.objects.filter(delivery=delivery).exists()


def stop(receipt_id: UUID) -> None:
    """Nothing more is sent for it; a release by a person starts it again. Inside the caller's transaction."""
    Delivery.objects.filter(pk=receipt_id).update(stage=Stage.STOPPED, due_at=None)


def paused(clock: Clock) -> Exists:
    """Whether a pause is on, said by a person or by the calendar of maintenance."""
    return Exists(pauses.running(clock()))


_STEP_FITS = Q(stage=Stage.SAVE, receipt__state=State.ACCEPTED) | Q(
    stage=Stage.CHECK, receipt__state=State.REGISTERED
)

#: what the office made for the sake of another receipt goes after that one: a refund after its original, the
#: right receipt after the refund of the wrong one (ADR 0029)
_ITS_TURN = ~Exists(
    OfficeReceipt.objects.filter(receipt=OuterRef("receipt")).exclude(follows__state__in=IN_KIAS)
)


def due(clock: Clock) -> QuerySet[Delivery]:
    """What may be claimed now: due, held by nobody, its receipt in the state the step is for and
    behind the one it follows, no pause on."""
    return Delivery.objects.filter(
        ~paused(clock),
        _STEP_FITS,
        _ITS_TURN,
        nobody_holds(clock()),
        due_at__lte=clock(),
    )


def claim(
    lease_s: float,
    clock: Clock,
    *,
    runners: int = 1,
    most: int = 1,
    stages: Collection[Stage] = (Stage.SAVE, Stage.CHECK),
    but_days: Collection[date] = (),
) -> list[Delivery]:
    """Claim the deliveries whose turn it is, for `lease_s` seconds, under one claim; none when none is due.

    They come with receipt, agent and epoch, as they are once the claim stands; what people may still change
    is looked at again before each call (`facts.refresh`, `sendable`).

    Agents in turn, the oldest of an agent first. Never more than `most`, nor than one runner's fair share of
    what is due where `runners` may be at work. "Still due" stands in the UPDATE itself; where the database
    can, rows that others are just claiming are skipped (SQLite lets one writer in at a time instead).
    Receipts of `but_days` are left out.
    """
    mine = uuid4()
    with transaction.atomic():
        waiting = due(clock).filter(stage__in=stages)
        if but_days:
            waiting = waiting.exclude(receipt__receipt_date__in=but_days)
        share = -(-waiting[: most * runners].count() // runners)
        in_order = turns.in_order(waiting, 2 * share)  # twice: some are just being claimed by others
        if not in_order:
            return []
        place = Case(*[When(pk=pk, then=number) for number, pk in enumerate(in_order)])
        chosen = list(
            due(clock)
            .filter(pk__in=in_order)
            .annotate(place=place)
            .order_by("place")
            .select_for_update(skip_locked=True, of=("self",))[:share]
        )
        due(clock).filter(pk__in=[row.pk for row in chosen]).update(
            claim=mine, lease_until=later(clock, lease_s)
        )
        turns.served((row.agent_id for row in chosen), clock)
    # What was ended, held or paused between the statements is not among them.
    rows = Delivery.objects.filter(claim=mine).select_related("receipt__agent", "epoch")
    taken = {row.pk: row for row in rows.defer("receipt__envelope")}
    return [taken[row.pk] for row in chosen if row.pk in taken]


def give_back(claimed: Sequence[Delivery]) -> None:
    """Free those of one claim of which nothing was begun."""
    if claimed:
        mine = Delivery.objects.filter(pk__in=[row.pk for row in claimed], claim=claimed[0].claim)
        mine.update(claim=None, lease_until=None)


def sendable(end: Combinable, clock: Clock) -> QuerySet[Delivery]:
    """The last look before the socket: the delivery `receipt` at `stage`, held by `claim` and by the slot of
    `slot` (all four `Given`), if a call that lasts until `end` may be made for it now.

    It is not found when the lease of delivery or slot would not outlast the whole call, when either is
    another's, when the receipt was held or withdrawn meanwhile, a pause began, or the circuit opened.
    """
    return Delivery.objects.filter(
        ~paused(clock),
        _STEP_FITS,
        _ITS_TURN,
        Exists(slots.usable(given_id("slot"), clock).filter(lease_until__gte=end)),
        pk=given_id("receipt"),
        stage=Given("stage"),
        claim=given_id("claim"),
        lease_until__gte=end,
    )


def finish(delivery: Delivery, **changes: Any) -> None:
    """Write `changes` and give the claim back; raises ClaimLostError when it is another's by now."""
    mine = Delivery.objects.filter(pk=delivery.pk, claim=delivery.claim)
    if not mine.update(claim=None, lease_until=None, **changes):
        raise ClaimLostError(str(delivery.pk))


def look_for_check(delivery: Delivery, due_at: Any) -> None:
    """KIAS has the receipt: from now on we look for its check.

    This holds whoever has claimed the delivery by now, so it is written even without the claim; another's
    claim stays his, and his next last look (`sendable`) will say no.
    """
    changes: dict[str, Any] = {
        "stage": Stage.CHECK,
        "due_at": due_at,
        "failures": 0,
        "polls": 0,
        "last_error": "",
    }
    saved = Delivery.objects.filter(pk=delivery.pk, stage=Stage.SAVE)
    if saved.filter(claim=delivery.claim).update(claim=None, lease_until=None, **changes):
        return
    saved.update(**changes)
    Delivery.objects.filter(pk=delivery.pk, claim=delivery.claim).update(claim=None, lease_until=None)
