"""What happens when a request of the office is confirmed: one function for each action of P20."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from accounts import agents, office_codes, phone_change
from accounts.models import AgentStatus, LoginAttempt, User
from backoffice import reversal_forms, show
from backoffice.models import Action, Approval
from receipts.text import short_name
from sync.office import acts, annulling, correcting, refunding


@dataclass(frozen=True)
class People:
    """Who asked, and who confirmed: nobody where one person was enough."""

    asked_by: User
    confirmed_by: User | None

    @property
    def last(self) -> User:
        """Who had the last word: he stands in the receipt's history."""
        return self.confirmed_by or self.asked_by

    @property
    def names(self) -> str:
        """«Решили: Орлов П. И. и Ковалёва О. П.»; one person needs no such line."""
        if self.confirmed_by is None:
            return ""
        both = (short_name(str(person), is_person=True) for person in (self.asked_by, self.confirmed_by))
        return f"Решили: {' и '.join(both).removesuffix('.')}."


def sentence(reason: str, people: People) -> str:
    """The reason as it stands in a receipt's history and on the agent's phone, with both people behind it."""
    ended = reason if reason.endswith((".", "!", "?", "…")) else f"{reason}."
    return f"{ended} {people.names}".strip()


def run(approval: Approval, people: People, *, now: datetime) -> str:
    """Do it; what became of it, in words. Raises `RefusalError` when it can no longer be done."""
    return _RUN[Action(approval.action)](approval, people, now)


def _annul(approval: Approval, people: People, now: datetime) -> str:
    annulling.annul(UUID(approval.subject), staff=people.last, text=sentence(approval.reason, people))
    return "Квитанция аннулирована."


def _release(approval: Approval, people: People, now: datetime) -> str:
    acts.release(UUID(approval.subject), staff=people.last, text=sentence(approval.reason, people))
    return "Квитанция отпущена и уйдёт в КИАС."


def _refund(approval: Approval, people: People, now: datetime) -> str:
    made = refunding.refund(
        UUID(approval.subject),
        payout=reversal_forms.payout_of(approval.params),
        staff=people.last,
        text=sentence(approval.reason, people),
    )
    return f"Возврат № {made.number} создан и уйдёт в КИАС."


def _correct(approval: Approval, people: People, now: datetime) -> str:
    made = correcting.correct(
        UUID(approval.subject),
        right=reversal_forms.right_of(approval.params),
        staff=people.last,
        text=sentence(approval.reason, people),
    )
    return f"Чек исправлен: новая квитанция № {made.number} уйдёт в КИАС после возврата."


def _office_code(approval: Approval, people: People, now: datetime) -> str:
    attempt = LoginAttempt.objects.filter(attempt=approval.subject).first()
    if attempt is None:
        raise office_codes.OverError
    office_codes.give(
        attempt,
        asked_by=people.asked_by,
        confirmed_by=people.confirmed_by,
        reason=approval.reason,
        now=now,
    )
    return "Код выдан: тот, кто просил, может показать его один раз."


def _number(approval: Approval, people: People, now: datetime) -> str:
    agent = phone_change.change_by_office(
        User.objects.get(pk=approval.subject),
        approval.params["phone_number"],
        asked_by=people.asked_by,
        confirmed_by=people.confirmed_by,
        reason=approval.reason,
        now=now,
    )
    return f"Новый номер: {show.masked_number(agent.phone_number)}."


def _close(approval: Approval, people: People, now: datetime) -> str:
    agent = User.objects.get(pk=approval.subject)
    agents.set_status(agent, AgentStatus.CLOSED, by=people.last, reason=approval.reason, now=now)
    return "Агент закрыт."


_RUN: dict[Action, Callable[[Approval, People, datetime], str]] = {
    Action.ANNUL: _annul,
    Action.RELEASE: _release,
    Action.REFUND: _refund,
    Action.CORRECT: _correct,
    Action.OFFICE_CODE: _office_code,
    Action.NUMBER: _number,
    Action.CLOSE: _close,
}
