"""What KIAS refuses for good."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any


@dataclass
class Rules:
    """`sum_limit` in roubles; documents dated before `closed_before` fall into a closed period."""

    unknown_series: frozenset[str] = frozenset({"НЕТ"})
    wrong_series: frozenset[str] = frozenset({"ЯЯЯ"})
    sum_limit: int = 10_000_000
    closed_before: date = date(2020, 1, 1)

    def objection(self, params: Mapping[str, str]) -> tuple[str, str] | None:
        """Code and text of the refusal, None where there is nothing to object to."""
        try:
            on = day(params.get("AccountingDate") or params["Date"])
            roubles = float(params["Sum"].replace(",", "."))
        except (KeyError, ValueError):
            return "bad_request", "Не заполнены или неверны дата или сумма."
        if not params.get("Number") or len(params["Number"]) > 16:
            return "bad_number", "Номер квитанции пуст или длиннее 16 знаков."
        if params.get("PolicySeries", "").upper() in self.unknown_series:
            return "unknown_policy", "Полис не найден."
        if params.get("PolicySeries", "").upper() in self.wrong_series:
            return "bad_policy", "Серия полиса не по образцу."
        if roubles <= 0 or roubles > self.sum_limit:
            return "sum_limit", "Сумма вне допустимых пределов."
        if on < self.closed_before:
            return "closed_period", "Период закрыт."
        return None

    def change(self, order: Mapping[str, Any]) -> None:
        """Take over `unknown_series`, `sum_limit`, `closed_before` where given. Raises ValueError."""
        if "closed_before" in order:
            self.closed_before = date.fromisoformat(str(order["closed_before"]))
        if "sum_limit" in order:
            self.sum_limit = int(order["sum_limit"])
        if "unknown_series" in order:
            self.unknown_series = frozenset(str(each).upper() for each in order["unknown_series"])


def day(text: str) -> date:
    return datetime.strptime(text, "%d.%m.%Y").date()  # noqa: DTZ007 (a calendar date)
