"""Agents' work as the office decides it: status, dismissal, silence (P17, P25)."""

import logging
from dataclasses import dataclass
from datetime import datetime
from functools import reduce
from operator import or_

from django.conf import settings
from django.db import transaction
from django.db.models import Max, OuterRef, Q, QuerySet, Subquery, Sum
from django.db.models.functions import Coalesce, Greatest

from accounts import audit_stream
from accounts.models import AgentSession, AgentStatus, Installation, User
from accounts.refusals import RefusalError

log = logging.getLogger(__name__)

#: who may close an agent while his phones hold unsent receipts
CLOSES_WITH_UNSENT = "accounts.close_with_unsent"


class LockedError(RefusalError):
    code = "locked"

    def __init__(self) -> None:
        super().__init__(
            "Вы давно не выходили на связь, и вход закрыт. Позвоните в офис, вас откроют: "
            f"{settings.OFFICE_PHONE}. Квитанции на телефоне сохранятся."
        )


class UnsentLeftError(RefusalError):
    code = "not_allowed"

    def __init__(self, waiting: "Waiting", *, may_overrule: bool) -> None:
        what = f"На телефонах агента есть неотправленные квитанции: {waiting.count} шт. "
        super().__init__(
            what + "Напишите причину, чтобы закрыть его всё равно."
            if may_overrule
            else what + "Пока они не переданы, оставьте «только передача»; закрыть может старший.",
            field="reason" if may_overrule else "agent_status",
        )


@dataclass(frozen=True)
class Waiting:
    """What an agent's phones reported as unsent at their last contact. `sum` is in kopecks."""

    count: int
    sum: int


def waiting(agent: User) -> Waiting:
    """Over all his installations: what lies on a revoked one can still be handed in."""
    return _total(Installation.objects.filter(agent=agent))


def waiting_elsewhere(installation: Installation) -> Waiting:
    """What his other living phones reported as unsent (P35)."""
    others = Installation.objects.filter(agent=installation.agent_id, revoked_at=None)
    return _total(others.exclude(pk=installation.pk))


def _total(installations: QuerySet[Installation]) -> Waiting:
    found = installations.aggregate(count=Sum("waiting_count", default=0), sum=Sum("waiting_sum", default=0))
    return Waiting(found["count"], found["sum"])


def with_last_contact(agents: QuerySet[User]) -> QuerySet[User]:
    """Each with `last_contact_at`: of his phones and sessions, or None."""
    phones = _newest(Installation.objects.filter(agent=OuterRef("pk")))
    logins = _newest(AgentSession.objects.filter(agent=OuterRef("pk")))
    # PostgreSQL's GREATEST passes over NULL, SQLite's does not: hence what stands behind it.
    return agents.annotate(last_contact_at=Coalesce(Greatest(phones, logins), phones, logins))


def _newest(rows: "QuerySet[Installation] | QuerySet[AgentSession]") -> Subquery:
    heard_of = rows.filter(last_contact_at__isnull=False).order_by("-last_contact_at")
    return Subquery(heard_of.values("last_contact_at")[:1])


def last_contact(agent: User) -> datetime | None:
    """When one of his installations or sessions was last heard of; `with_last_contact` may have read it."""
    if "last_contact_at" in vars(agent):
        known: datetime | None = vars(agent)["last_contact_at"]
        return known
    found = [
        Installation.objects.filter(agent=agent).aggregate(at=Max("last_contact_at"))["at"],
        agent.agent_sessions.aggregate(at=Max("last_contact_at"))["at"],
    ]
    return max((at for at in found if at is not None), default=None)


def is_silent(agent: User, *, now: datetime) -> bool:
    """Whether nothing was heard of him for 90 days (P25).

    The day he was made an agent, or opened by the office, counts as heard of.
    """
    known = [last_contact(agent), agent.opened_at, agent.status_since, agent.date_joined]
    return now >= max(at for at in known if at is not None) + settings.AGENT_SILENT


def check_heard_of(agent: User, *, now: datetime) -> None:
    """Raise `LockedError` for an agent who has been silent too long."""
    if is_silent(agent, now=now):
        raise LockedError


def open_again(agent: User, *, by: User, now: datetime) -> None:
    """Let a silent agent log in again: he counts as heard of now."""
    User.objects.filter(pk=agent.pk).update(opened_at=now)
    agent.opened_at = now
    log.info("agent opened again", extra={"agent": str(agent.pk), "by": str(by.pk)})


def silent(now: datetime) -> Q:
    """Agents of whom `is_silent` is true; as a condition."""
    since = now - settings.AGENT_SILENT
    heard_of = [
        Q(pk__in=Installation.objects.filter(last_contact_at__gt=since).values("agent_id")),
        Q(pk__in=AgentSession.objects.filter(last_contact_at__gt=since).values("agent_id")),
        Q(opened_at__gt=since),
        Q(status_since__gt=since),
        Q(date_joined__gt=since),
    ]
    may_hand_over = Q(is_active=True, agent_status__in=[AgentStatus.WORKING, AgentStatus.HANDOVER_ONLY])
    return may_hand_over & ~reduce(or_, heard_of)


def check_status(agent: User, status: str, *, by: User, reason: str) -> None:
    """Raise `UnsentLeftError` where his work must not end yet: receipts wait on his phones, and no senior has
    given a reason (P17).
    """
    if User(agent_status=status).may_hand_over:
        return
    left, may_overrule = waiting(agent), by.has_perm(CLOSES_WITH_UNSENT) and by.pk != agent.pk
    if left.count and not (may_overrule and reason.strip()):
        raise UnsentLeftError(left, may_overrule=may_overrule)


def set_status(agent: User, status: str, *, by: User, reason: str, now: datetime) -> None:
    """Set what he may do, and since when. Ending his work while receipts wait on his phones takes a senior
    with a reason (P17). Raises `UnsentLeftError`, `AuditStreamError`.
    """
    with transaction.atomic():
        locked = User.objects.select_for_update().get(pk=agent.pk)
        if locked.agent_status != status:
            check_status(locked, status, by=by, reason=reason)
            locked.agent_status, locked.status_since = status, now
            locked.save(update_fields=["agent_status", "status_since"])
            audit_stream.write("agent_status", person=str(agent.pk), status=status)
            told = {"agent": str(agent.pk), "by": str(by.pk), "status": status}
            log.info("agent's status set", extra=told)
    agent.agent_status, agent.status_since = locked.agent_status, locked.status_since


def due_to_close(now: datetime) -> Q:
    """Dismissed agents whose time for handing over has passed (P17)."""
    return Q(agent_status=AgentStatus.HANDOVER_ONLY, status_since__lte=now - settings.HANDOVER)


def is_due_to_close(agent: User, now: datetime) -> bool:
    """`due_to_close` of one agent."""
    since = agent.status_since
    dismissed = agent.agent_status == AgentStatus.HANDOVER_ONLY
    return dismissed and since is not None and since <= now - settings.HANDOVER


def dismissed_with_unsent() -> Q:
    """Dismissed or closed agents whose phones still hold receipts."""
    holders = Installation.objects.filter(waiting_count__gt=0).values("agent_id")
    return Q(agent_status__in=[AgentStatus.HANDOVER_ONLY, AgentStatus.CLOSED], pk__in=holders)
