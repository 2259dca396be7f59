"""One receipt's way, told for its page: its history, its delivery and every call to KIAS."""

import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

from django.utils.safestring import SafeString

from backoffice import html, reasons, show
from receipts.models import Receipt, ReceiptEvent
from sync.models import Attempt, Delivery, Outcome, Stage

OUTCOME_BADGES = {
    Outcome.OK: "done",
    Outcome.UNAVAILABLE: "waiting",
    Outcome.UNKNOWN: "waiting",
    Outcome.REJECTED: "rejected",
    Outcome.DROPPED: "annulled",
}
ASK_FIRST = {
    "attempted": "уже была попытка",
    "old": "принята больше 10 минут назад",
    "file": "пришла файлом",
    "paper": "принята с бумаги",
    "released": "возвращена в работу человеком",
    "trouble": "были сбои связи с КИАС",
    "pause": "была пауза",
    "epoch": "сервер восстанавливали из копии",
}


@dataclass(frozen=True)
class Step:
    """A line of the receipt's history."""

    at: str
    state: SafeString
    who: SafeString | str
    why: SafeString | str
    correlation_id: SafeString | str


@dataclass(frozen=True)
class Call:
    """A line of the calls to KIAS."""

    at: SafeString | str
    operation: str
    outcome: SafeString
    detail: SafeString | str
    correlation_id: SafeString | str


class Story:
    """Read lazily by the page's template; `receipt_id` comes from the address and may be anything."""

    def __init__(self, receipt_id: str) -> None:
        try:
            self._id: uuid.UUID | None = uuid.UUID(receipt_id)
        except ValueError:
            self._id = None

    @cached_property
    def delivery(self) -> Delivery | None:
        return Delivery.objects.filter(pk=self._id).first() if self._id else None

    @cached_property
    def steps(self) -> list[Step]:
        return list(self._steps(self._id)) if self._id else []

    @cached_property
    def calls(self) -> list[Call]:
        return list(self._calls(self._id)) if self._id else []

    @property
    def delivery_facts(self) -> list[tuple[str, SafeString | str]]:
        """What the delivery says of itself, as label and value."""
        delivery = self.delivery
        if delivery is None:
            return []
        facts: list[tuple[str, SafeString | str]] = [
            ("Шаг", Stage(delivery.stage).label),
            ("Вызовов КИАС", str(delivery.attempts)),
        ]
        if delivery.due_at is not None:
            facts.append(("Следующая попытка", html.at(delivery.due_at)))
        if delivery.lease_until is not None:
            facts.append(("Сейчас в работе до", html.at(delivery.lease_until)))
        if delivery.ask_first:
            facts.append(
                ("Сначала спросить КИАС", html.text(ASK_FIRST.get(delivery.ask_first, delivery.ask_first)))
            )
        if delivery.last_error:
            facts.append(("Последняя ошибка", html.text(reasons.words(delivery.last_error))))
        return facts

    def _steps(self, receipt_id: uuid.UUID) -> Iterator[Step]:
        offset_min = (
            Receipt.objects.values_list("issued_offset_min", flat=True).filter(pk=receipt_id).first() or 0
        )
        for event in ReceiptEvent.objects.filter(receipt_id=receipt_id).select_related("staff"):
            who = html.link(event.staff) if event.staff else event.get_actor_display()
            why = " · ".join(part for part in (reasons.words(event.reason), event.text) if part)
            yield Step(
                at=show.local_and_moscow(event.at, offset_min),
                state=html.state_badge(event.state),
                who=who,
                why=html.text(why),
                correlation_id=html.code(event.correlation_id),
            )

    def _calls(self, receipt_id: uuid.UUID) -> Iterator[Call]:
        for attempt in Attempt.objects.filter(delivery_id=receipt_id):
            yield Call(
                at=html.at(attempt.started_at),
                operation=attempt.get_operation_display(),
                outcome=outcome_badge(attempt.outcome),
                detail=html.text(reasons.words(attempt.detail)),
                correlation_id=html.code(attempt.correlation_id),
            )


def outcome_badge(outcome: str) -> SafeString:
    if not outcome:
        return html.badge("waiting", "идёт или оборвался")
    return html.badge(OUTCOME_BADGES[Outcome(outcome)], Outcome(outcome).label)
