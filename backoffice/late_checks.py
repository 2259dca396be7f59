"""Checks that are late, in the office's words: money was taken, the check is not there.

Terms and rows are those of the figures and alarms (`sync.relay.deadlines`).
"""

from datetime import datetime
from enum import StrEnum

from django.conf import settings
from django.db.models import QuerySet
from django.utils.safestring import SafeString

from backoffice import html, show
from receipts.models import Receipt
from receipts.states import State
from receipts.words import Noun
from sync.relay import deadlines

#: the registry's parameter: a filter, a tab and a card lead to the same list
PARAMETER = "check"
_WORKING_DAY = Noun("рабочего дня", "рабочих дней", "рабочих дней")
_DAY = Noun("дня", "дней", "дней")
_WAITS_FOR = {
    State.ACCEPTED: "Ждёт КИАС",
    State.REGISTERED: "КИАС ещё не сформировал чек",
    State.HELD: "Проверяет офис",
    State.REJECTED: "КИАС отказал",
}


class Late(StrEnum):
    LATE = "late"
    OVERDUE = "overdue"


def words(late: Late) -> str:
    """«больше 1 рабочего дня», as the settings say."""
    if late == Late.OVERDUE:
        return f"больше {show.count(settings.CHECK_DEADLINE_DAYS, _DAY)}: просрочен"
    return f"больше {show.count(settings.CHECK_WARN_WORKING_DAYS, _WORKING_DAY)}"


def without_check(late: Late, now: datetime) -> QuerySet[Receipt]:
    """The receipts that have gone without their check for so long; overdue ones are late, too."""
    before = deadlines.overdue_before(now) if late == Late.OVERDUE else deadlines.warned_before(now)
    return deadlines.without_check(before)


def badge(receipt: Receipt, now: datetime) -> SafeString:
    """For how long its check has not been there: amber when it is late, red when it is overdue."""
    tone = "rejected" if receipt.issued_at <= deadlines.overdue_before(now) else "held"
    return html.badge(tone, show.ago(receipt.issued_at, now))


def why(receipt: Receipt, reason: str) -> str:
    """What stands between the receipt and its check; `reason` in words, where there is one."""
    waits = _WAITS_FOR.get(State(receipt.state), State(receipt.state).label)
    return f"{waits}: {reason}" if reason else waits
