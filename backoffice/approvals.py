"""Two people (P20): one asks with a reason, a senior who is neither he nor the agent concerned decides.

What needs one person only runs the same way and stands in the same history, decided when it was asked for.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.conf import settings
from django.db import IntegrityError, transaction

from accounts.models import User
from accounts.refusals import RefusalError
from backoffice import decisions, roles
from backoffice.decisions import People
from backoffice.models import Action, Approval, Decision


class AskedAlreadyError(RefusalError):
    code = "not_allowed"
    message = "Об этом уже попросили: запрос ждёт подтверждения старшего."


class DecidedAlreadyError(RefusalError):
    code = "not_allowed"
    message = "По этому запросу уже решили."


class NotYoursError(RefusalError):
    """Not a senior, the asker himself, or the agent whom it is about."""

    code = "not_allowed"
    message = "Решает старший, который не просил об этом сам и которого это не касается."


class AskerGoneError(RefusalError):
    code = "not_allowed"
    message = "Тот, кто просил, в офисе больше не работает или потерял это право. Попросите заново."


class NoReasonError(RefusalError):
    code = "invalid"
    message = "Напишите причину: её прочтут тот, кто подтверждает, и аудитор."


@dataclass(frozen=True)
class Wish:
    """What is asked for: `subject` is the id it is about, `amount` its sum in kopecks where it has one."""

    action: Action
    subject: str
    agent: User | None
    params: dict[str, Any]
    amount: int = 0


def needs_two(action: Action, amount: int, *, alone_max: int, two_people: bool) -> bool:
    """Whether a second person has to confirm (P20): always, but for releases up to `alone_max` kopecks."""
    return two_people and not (action == Action.RELEASE and amount <= alone_max)


def takes_two(wish: Wish, by: User) -> bool:
    """`needs_two` by the settings; the agent concerned does nothing about himself alone, however small."""
    own = wish.agent is not None and wish.agent.pk == by.pk and settings.TWO_PEOPLE
    return own or needs_two(
        wish.action, wish.amount, alone_max=settings.RELEASE_ALONE_MAX, two_people=settings.TWO_PEOPLE
    )


def ask(wish: Wish, *, by: User, reason: str, now: datetime) -> Approval:
    """Write the request down; where one person is enough, do it in the same transaction.

    Raises `NoReasonError`, `AskedAlreadyError`, and what doing it raises.
    """
    if not reason.strip():
        raise NoReasonError(field="reason")
    asked = Approval(
        action=wish.action,
        subject=wish.subject,
        agent=wish.agent,
        params=wish.params,
        asked_by=by,
        reason=reason.strip()[:300],
        asked_at=now,
    )
    with transaction.atomic():
        try:
            with transaction.atomic():
                asked.save()
        except IntegrityError as error:
            raise AskedAlreadyError from error
        if not takes_two(wish, by):
            asked.outcome = decisions.run(asked, People(by, None), now=now)[:500]
            _end(asked, Decision.ALONE, None, now)
    return asked


def may_decide(approval: Approval, person: User) -> bool:
    """A senior, neither the asker nor the agent concerned, and the request still open."""
    return (
        not approval.decision
        and person.has_perm(roles.CONFIRM)
        and person.pk not in {approval.asked_by_id, approval.agent_id}
    )


def confirm(approval_id: int, *, by: User, now: datetime) -> Approval:
    """Do what was asked for. What can no longer be done ends as `lapsed`, and `outcome` says why.

    Raises `DecidedAlreadyError`, `NotYoursError`.
    """
    with transaction.atomic():
        approval = _locked(approval_id, by)
        try:
            with transaction.atomic():
                if not approval.asked_by.has_perm(roles.ASK):  # inactive people have none
                    raise AskerGoneError
                approval.outcome = decisions.run(approval, People(approval.asked_by, by), now=now)[:500]
        except RefusalError as refusal:
            approval.outcome = f"Не выполнено. {refusal.message}"[:500]
            return _end(approval, Decision.LAPSED, by, now)
        return _end(approval, Decision.CONFIRMED, by, now)


def decline(approval_id: int, *, by: User, reason: str, now: datetime) -> Approval:
    """Refuse it, with a reason that the asker reads. Raises as `confirm`, and `NoReasonError`."""
    if not reason.strip():
        raise NoReasonError(field="reason")
    with transaction.atomic():
        approval = _locked(approval_id, by)
        approval.outcome = reason.strip()[:500]
        return _end(approval, Decision.DECLINED, by, now)


def withdraw(approval_id: int, *, by: User, now: datetime) -> Approval:
    """The asker takes his own request back. Raises `DecidedAlreadyError`, `NotYoursError`."""
    with transaction.atomic():
        approval = Approval.objects.select_for_update().get(pk=approval_id)
        if approval.decision:
            raise DecidedAlreadyError
        if approval.asked_by_id != by.pk:
            raise NotYoursError
        return _end(approval, Decision.WITHDRAWN, None, now)


def lapse_all(*, now: datetime) -> int:
    """After a restore: what was asked for before may have been decided since. How many were open."""
    return Approval.objects.filter(decision="").update(
        decision=Decision.LAPSED, decided_at=now, outcome="Сервер восстановлен из копии."
    )


def _locked(approval_id: int, by: User) -> Approval:
    approval = Approval.objects.select_for_update().get(pk=approval_id)
    if approval.decision:
        raise DecidedAlreadyError
    if not may_decide(approval, by):
        raise NotYoursError
    return approval


def _end(approval: Approval, decision: Decision, by: User | None, now: datetime) -> Approval:
    approval.decision, approval.decided_by, approval.decided_at = decision, by, now
    approval.save(update_fields=["decision", "decided_by", "decided_at", "outcome"])
    return approval
