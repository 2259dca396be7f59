"""The first page's figures: what has to be done, how long the oldest waits, what is on the phones."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Count, Q, Sum
from django.utils.safestring import SafeString

from accounts.models import Installation
from backoffice import html, show
from receipts import series
from receipts.models import NumberSeries, Receipt
from receipts.states import State
from sync.models import Delivery, IntakeException, KiasPause, Stage

#: how long a receipt may wait for KIAS before its card turns amber; the alarm itself is ops' (runbook)
LONG_WAIT = timedelta(minutes=15)


@dataclass(frozen=True)
class Card:
    """One figure with its words and the list behind it. `tone` is a badge's kind."""

    title: str
    figure: str
    note: str
    address: str
    tone: str


def to_do(now: datetime) -> list[Card]:
    """What a person of the office has to look at, the most pressing first."""
    return [_exceptions(), _held(), _rejected(), _oldest_delivery(now), _on_phones(), *_numbers()]


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
    still_on = Q(ended_at__isnull=True) | Q(ended_at__gt=now)
    return KiasPause.objects.filter(still_on, started_at__lte=now).first()


def _exceptions() -> Card:
    waiting = IntakeException.objects.filter(ended_at=None).count()
    note = "Конверты, которые не стали квитанциями. Ни один не потерян." if waiting else "Всё разобрано."
    address = html.list_of(IntakeException, "ended=no")
    return Card("Исключения приёма", show.figure(waiting), note, address, "held" if waiting else "done")


def _held() -> Card:
    waiting = Receipt.objects.filter(state=State.HELD).count()
    note = "Сомнительные: в КИАС не уйдут, пока их не проверят." if waiting else "Проверять нечего."
    address = html.list_of(Receipt, f"state__exact={State.HELD}")
    return Card("Проверяет офис", show.figure(waiting), note, address, "held" if waiting else "done")


def _rejected() -> Card:
    waiting = Receipt.objects.filter(state=State.REJECTED).count()
    note = "Причина — в истории квитанции." if waiting else "Отказов нет."
    address = html.list_of(Receipt, f"state__exact={State.REJECTED}")
    return Card("КИАС отказал", show.figure(waiting), note, address, "rejected" if waiting else "done")


def _oldest_delivery(now: datetime) -> Card:
    waiting = Delivery.objects.filter(stage=Stage.SAVE)
    oldest = waiting.order_by("accepted_at").first()
    address = html.list_of(Delivery, f"stage__exact={Stage.SAVE}")
    if oldest is None:
        return Card("Ждут КИАС", "0", "Все принятые квитанции переданы.", address, "done")
    note = f"Дольше всех ждёт {oldest}: {show.ago(oldest.accepted_at, now)}."
    tone = "held" if now - oldest.accepted_at > LONG_WAIT else "waiting"
    return Card("Ждут КИАС", show.figure(waiting.count()), note, address, tone)


def _numbers() -> list[Card]:
    """Only when there is something to do: a new series, or a longer one."""
    if not series.is_supply_low():
        return []
    left = sum(series.remaining(row) for row in NumberSeries.objects.filter(is_active=True))
    note = "Заведите новую серию: когда номера кончатся, квитанции и со связью получат номера БС-."
    tone = "held" if left else "rejected"
    return [Card("Номера кончаются", show.figure(left), note, html.list_of(NumberSeries), tone)]


def _on_phones() -> Card:
    found = Installation.objects.filter(waiting_count__gt=0).aggregate(
        phones=Count("pk"), receipts=Sum("waiting_count"), total=Sum("waiting_sum")
    )
    address = html.list_of(Installation, "waiting=yes")
    if not found["phones"]:
        return Card(
            "На телефонах агентов", "0", "По последним сообщениям телефонов, передано всё.", address, "done"
        )
    phones = show.count(found["phones"], show.ON_PHONE)
    note = f"На {phones}, {show.amount(found['total'])}. По последним сообщениям телефонов."
    return Card("На телефонах агентов", show.figure(found["receipts"]), note, address, "waiting")
