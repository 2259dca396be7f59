"""The first page's figures: what has to be done, how long the oldest waits, what is on the phones."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from django.contrib.auth.base_user import AbstractBaseUser
from django.contrib.auth.models import AnonymousUser
from django.db.models import Count, Model, QuerySet, Sum
from django.utils.safestring import SafeString

from accounts import agents
from accounts.models import Installation, User
from backoffice import ageing, html, late_checks, navigation, show
from backoffice.late_checks import Late
from backoffice.models import Approval
from receipts import series
from receipts.models import NumberSeries, Receipt, Withdrawal, WithdrawalEffect
from receipts.states import State
from sync.models import Acts, Delivery, Difference, IntakeException, KiasPause, ReconciliationFinding, Stage
from sync.relay import pauses

#: how long a receipt may wait for KIAS before its card turns amber; the alarm itself is ops' (runbook)
LONG_WAIT = timedelta(minutes=15)


@dataclass(frozen=True)
class Card:
    """One figure with its words and the list behind it, of `model`. `tone` is a badge's kind."""

    model: type[Model]
    title: str
    figure: str
    note: str
    address: str
    tone: str

    def is_for(self, person: AbstractBaseUser | AnonymousUser) -> bool:
        return navigation.sees(person, self.model)


def sees_receipts(person: AbstractBaseUser | AnonymousUser) -> bool:
    return navigation.sees(person, Receipt)


def to_do(now: datetime) -> list[Card]:
    """What a person of the office has to look at, the most pressing first."""
    return [
        _approvals(now),
        _exceptions(now),
        _held(now),
        _rejected(now),
        _late_checks(now),
        _withdrawals(now),
        _differences(now),
        _oldest_delivery(now),
        _on_phones(),
        *_numbers(),
        *_dismissed(),
    ]


def by_state() -> Iterator[tuple[SafeString, str, str, str]]:
    """Badge, count, sum and list of every state."""
    found = {
        row["state"]: row
        for row in Receipt.objects.order_by().values("state").annotate(count=Count("pk"), total=Sum("amount"))
    }
    for state in State:
        row = found.get(state, {"count": 0, "total": 0})
        yield (
            html.state_badge(state),
            show.figure(row["count"]),
            show.amount(row["total"]),
            html.list_of(Receipt, f"state__exact={state}"),
        )


def pause_now(now: datetime) -> KiasPause | None:
    """The pause that is on, if any."""
    return pauses.running(now).first()


def _waiting(
    rows: QuerySet[Any], title: str, since: str, query: str, now: datetime, *, todo: str, done: str
) -> Card:
    """A list that a person works off: green when it is empty, amber and red by the age of its oldest."""
    waiting = rows.count()
    address = html.list_of(rows.model, query)
    if not waiting:
        return Card(rows.model, title, "0", done, address, "done")
    oldest = rows.order_by(since).values_list(since, flat=True)[0]
    note = f"{todo} Дольше всех ждёт {show.ago(oldest, now)}."
    tone = ageing.tone(oldest, now)
    return Card(rows.model, title, show.figure(waiting), note, address, tone)


def _approvals(now: datetime) -> Card:
    rows = Approval.objects.filter(decision="")
    todo, done = "Один попросил, решает старший.", "Никто ничего не просит."
    return _waiting(rows, "Ждут подтверждения", "asked_at", "open=yes", now, todo=todo, done=done)


def _exceptions(now: datetime) -> Card:
    rows = IntakeException.objects.filter(ended_at=None)
    todo, done = "Конверты, которые не стали квитанциями. Ни один не потерян.", "Всё разобрано."
    return _waiting(rows, "Исключения приёма", "received_at", "ended=no", now, todo=todo, done=done)


def _held(now: datetime) -> Card:
    rows, query = Receipt.objects.filter(state=State.HELD), f"state__exact={State.HELD}"
    todo, done = "Сомнительные: в КИАС не уйдут, пока их не проверят.", "Проверять нечего."
    return _waiting(rows, "Проверяет офис", "accepted_at", query, now, todo=todo, done=done)


def _rejected(now: datetime) -> Card:
    rows, query = Receipt.objects.filter(state=State.REJECTED), f"state__exact={State.REJECTED}"
    office = rows.exclude(acts=Acts.AGENT).count()
    todo = f"Из них за офисом: {show.figure(office)}." if office else "Все за агентами."
    return _waiting(rows, "КИАС отказал", "accepted_at", query, now, todo=todo, done="Отказов нет.")


def _late_checks(now: datetime) -> Card:
    """Whatever they wait for: red as soon as one is overdue, as the alarm is."""
    rows = late_checks.without_check(Late.LATE, now)
    address = html.list_of(Receipt, f"{late_checks.PARAMETER}={Late.LATE}")
    oldest = rows.order_by("issued_at").values_list("issued_at", flat=True).first()
    if oldest is None:
        return Card(Receipt, "Чек опаздывает", "0", "Все чеки приходят вовремя.", address, "done")
    overdue = late_checks.without_check(Late.OVERDUE, now).count()
    note = f"Деньги взяты, а чека нет {late_checks.words(Late.LATE)}."
    note += f" Просрочено: {show.figure(overdue)}." if overdue else ""
    note += f" Дольше всех: {show.ago(oldest, now)}."
    tone = "rejected" if overdue else "held"
    return Card(Receipt, "Чек опаздывает", show.figure(rows.count()), note, address, tone)


def _withdrawals(now: datetime) -> Card:
    rows = Withdrawal.objects.filter(effect=WithdrawalEffect.TASK, ended_at=None)
    todo, done = "Агент отменил, а квитанция уже в КИАС.", "Решать нечего."
    return _waiting(rows, "Отмены агентами", "accepted_at", "ended=no", now, todo=todo, done=done)


def _differences(now: datetime) -> Card:
    """A double is red from its first minute: money and check count twice (F08)."""
    rows = ReconciliationFinding.objects.filter(closed_at=None)
    todo, done = "Сверка видит у нас и в КИАС разное.", "Всё, что сверено, сходится."
    twice = rows.filter(difference=Difference.TWICE).count()
    if twice:
        todo = f"Из них дважды в КИАС: {show.figure(twice)}."
    card = _waiting(rows, "Расхождения с КИАС", "found_at", "ended=no", now, todo=todo, done=done)
    return replace(card, tone="rejected") if twice else card


def _oldest_delivery(now: datetime) -> Card:
    waiting = Delivery.objects.filter(stage=Stage.SAVE)
    oldest = waiting.order_by("accepted_at").first()
    address = html.list_of(Delivery, f"stage__exact={Stage.SAVE}")
    if oldest is None:
        return Card(Delivery, "Ждут КИАС", "0", "Все принятые квитанции переданы.", address, "done")
    note = f"Дольше всех ждёт {oldest}: {show.ago(oldest.accepted_at, now)}."
    tone = "held" if now - oldest.accepted_at > LONG_WAIT else "waiting"
    return Card(Delivery, "Ждут КИАС", show.figure(waiting.count()), note, address, tone)


def _numbers() -> list[Card]:
    """Only when there is something to do: a new series, or a longer one."""
    if not series.is_supply_low():
        return []
    left = sum(series.remaining(row) for row in NumberSeries.objects.filter(is_active=True))
    note = "Заведите новую серию: когда номера кончатся, квитанции и со связью получат номера БС-."
    tone = "held" if left else "rejected"
    return [Card(NumberSeries, "Номера кончаются", show.figure(left), note, html.list_of(NumberSeries), tone)]


def _dismissed() -> list[Card]:
    """«Уволены, есть неотправленные»: only when there are some (P17)."""
    found = User.objects.filter(agents.dismissed_with_unsent())
    left = Installation.objects.filter(agent__in=found).aggregate(
        count=Sum("waiting_count", default=0), total=Sum("waiting_sum", default=0)
    )
    if not left["count"]:
        return []
    note = f"{show.count(left['count'], show.RECEIPT)} на {show.amount(left['total'])} на их телефонах."
    address = html.list_of(User, "care=unsent")
    return [Card(User, "Уволены, есть неотправленные", show.figure(found.count()), note, address, "rejected")]


def _on_phones() -> Card:
    found = Installation.objects.filter(waiting_count__gt=0).aggregate(
        phones=Count("pk"), receipts=Sum("waiting_count"), total=Sum("waiting_sum")
    )
    address = html.list_of(Installation, "waiting=yes")
    if not found["phones"]:
        return Card(
            Installation,
            "На телефонах агентов",
            "0",
            "По последним сообщениям телефонов, передано всё.",
            address,
            "done",
        )
    phones = show.count(found["phones"], show.ON_PHONE)
    note = f"На {phones}, {show.amount(found['total'])}. По последним сообщениям телефонов."
    return Card(
        Installation, "На телефонах агентов", show.figure(found["receipts"]), note, address, "waiting"
    )
