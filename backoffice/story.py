"""One receipt's whole life, told for its page: history, calls to KIAS, withdrawals, requests, its chain."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from django.utils.safestring import SafeString

from backoffice import call_words, html, reasons, show
from backoffice.chain import Chain, chain_of
from backoffice.models import ABOUT_RECEIPTS, Approval, Decision
from receipts.models import Receipt, ReceiptEvent, Withdrawal
from receipts.text import short_name
from sync.kias.document import written_otherwise
from sync.models import Attempt, Delivery, Outcome, Stage

OUTCOME_BADGES = {
    Outcome.OK: "done",
    Outcome.UNAVAILABLE: "waiting",
    Outcome.UNKNOWN: "waiting",
    Outcome.REJECTED: "rejected",
    Outcome.DROPPED: "annulled",
}
DECISION_BADGES = {
    Decision.CONFIRMED: "done",
    Decision.ALONE: "done",
    Decision.DECLINED: "rejected",
    Decision.WITHDRAWN: "annulled",
    Decision.LAPSED: "annulled",
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
    "check": "узнать, готов ли чек",
    "office": "создана в офисе",
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


@dataclass(frozen=True)
class Asked:
    """A request of the office about this receipt: who asked, who decided, what came of it."""

    at: SafeString | str
    what: str
    decision: SafeString
    who: str
    why: SafeString | str
    address: str
    is_open: bool


@dataclass(frozen=True)
class Taken:
    """A withdrawal of this receipt by its agent."""

    at: str
    what: SafeString | str
    effect: str
    address: str


class Story:
    """Read lazily by the page's template."""

    def __init__(self, receipt: Receipt) -> None:
        self._receipt = receipt

    @cached_property
    def delivery(self) -> Delivery | None:
        return Delivery.objects.filter(pk=self._receipt.pk).first()

    @cached_property
    def steps(self) -> list[Step]:
        return list(self._steps())

    @cached_property
    def calls(self) -> list[Call]:
        return list(self._calls())

    @cached_property
    def approvals(self) -> list[Asked]:
        return list(self._approvals())

    @property
    def open_approvals(self) -> list[Asked]:
        return [asked for asked in self.approvals if asked.is_open]

    @cached_property
    def withdrawals(self) -> list[Taken]:
        return list(self._withdrawals())

    @cached_property
    def chain(self) -> Chain | None:
        """Every receipt of its chain, the oldest first, and what they come to; only where there is one."""
        return chain_of(self._receipt.pk)

    @property
    def delivery_facts(self) -> list[tuple[str, SafeString | str]]:
        """What the delivery says of itself, as label and value."""
        delivery = self.delivery
        if delivery is None:
            return []
        facts: list[tuple[str, SafeString | str]] = [
            ("Шаг", Stage(delivery.stage).label),
            ("Вызовов КИАС", str(len(self.calls))),
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
            facts.append(("Последняя ошибка", html.text(call_words.words(delivery.last_error))))
        return facts + self._written_otherwise()

    def _written_otherwise(self) -> list[tuple[str, SafeString | str]]:
        """What KIAS gets in other signs than the client signed for (P31)."""
        meta: Any = Receipt._meta
        return [
            (
                f"В КИАС другими знаками: {meta.get_field(name).verbose_name}",
                html.text(text),
            )
            for name, text in written_otherwise(self._receipt).items()
        ]

    def _steps(self) -> Iterator[Step]:
        offset_min = self._receipt.issued_offset_min
        for event in ReceiptEvent.objects.filter(receipt=self._receipt).select_related("staff"):
            who = html.link(event.staff) if event.staff else event.get_actor_display()
            why = " · ".join(part for part in (reasons.words(event.reason), event.text) if part)
            yield Step(
                at=show.local_and_moscow(event.at, offset_min),
                state=html.state_badge(event.state),
                who=who,
                why=html.text(why),
                correlation_id=html.code(event.correlation_id),
            )

    def _calls(self) -> Iterator[Call]:
        for attempt in Attempt.objects.filter(delivery_id=self._receipt.pk):
            yield Call(
                at=html.at(attempt.started_at),
                operation=attempt.get_operation_display(),
                outcome=outcome_badge(attempt.outcome),
                detail=html.text(call_words.words(attempt.detail)),
                correlation_id=html.code(attempt.correlation_id),
            )

    def _approvals(self) -> Iterator[Asked]:
        about = Approval.objects.filter(subject=self._receipt.pk, action__in=ABOUT_RECEIPTS)
        for row in about.select_related("asked_by", "decided_by"):
            yield Asked(
                at=html.at(row.asked_at),
                what=row.get_action_display(),
                decision=decision_badge(row),
                who=who_decided(row),
                why=html.text(" · ".join(part for part in (row.reason, row.outcome) if part)),
                address=html.page_of(row),
                is_open=not row.decision,
            )

    def _withdrawals(self) -> Iterator[Taken]:
        for row in Withdrawal.objects.filter(receipt=self._receipt):
            why = " · ".join(part for part in (row.get_reason_display(), row.text) if part)
            yield Taken(
                at=show.local_and_moscow(row.withdrawn_at, self._receipt.issued_offset_min),
                what=html.text(why),
                effect=row.get_effect_display(),
                address=html.page_of(row),
            )


def decision_badge(row: Approval) -> SafeString:
    if not row.decision:
        return html.badge("held", "ждёт подтверждения")
    return html.badge(DECISION_BADGES[Decision(row.decision)], Decision(row.decision).label)


def who_decided(row: Approval) -> str:
    """Both people, as far as there are two yet."""
    asked = short_name(str(row.asked_by), is_person=True)
    if row.decided_by is None:
        return f"просит {asked}" if not row.decision else asked
    return f"{asked} и {short_name(str(row.decided_by), is_person=True)}"


def outcome_badge(outcome: str) -> SafeString:
    if not outcome:
        return html.badge("waiting", "идёт или оборвался")
    return html.badge(OUTCOME_BADGES[Outcome(outcome)], Outcome(outcome).label)
