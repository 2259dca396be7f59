"""What an envelope says beside what is already known under its number or id: for the one who has to judge."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date as Date  # noqa: N812 - a field of the receipt is called `date`
from typing import Any

from django.utils.safestring import SafeString

from backoffice import directories, html, show
from receipts.models import Receipt
from sync.models import IntakeException


@dataclass(frozen=True)
class Line:
    """One field as every side has it, a row of `both_sides.html`; `differs` where they do not agree."""

    label: str
    values: list[SafeString | str]
    differs: bool


def _day(value: Any) -> str:
    return show.day(Date.fromisoformat(str(value)))


#: label, key of the content, column of the receipt, how it is shown
_FIELDS = (
    ("Номер", "number", "number", str),
    ("Сумма", "amount", "amount", show.amount),
    ("Страхователь", "insurant", "insurant", str),
    ("Вид страхования", "product", "product_code", directories.product),
    ("Серия полиса", "policy_series", "policy_series", str),
    ("Номер полиса", "policy_number", "policy_number", str),
    ("Взнос №", "instalment", "instalment", str),
    ("Форма оплаты", "payment_form", "payment_form", directories.payment_form),
    ("Дата", "receipt_date", "receipt_date", _day),
    ("Документ", "document_number", "document_number", str),
    ("Телефон", "contact_phone", "contact_phone", show.phone_number),
    ("E-mail", "contact_email", "contact_email", str),
    ("Комментарий", "comment", "comment", str),
)


def lines(row: IntakeException, known: list[Receipt]) -> Iterator[Line]:
    """Field by field; nothing where the content could not be read."""
    content = _read(row.content)
    if content is None:
        return
    for label, key, column, shown in _FIELDS:
        came = content.get(key)
        ours = [getattr(receipt, column) for receipt in known]
        yield Line(
            label=label,
            values=[html.text(_said(value, shown)) for value in [came, *ours]],
            differs=any(_said(value, str) != _said(came, str) for value in ours),
        )


def _read(content: str) -> dict[str, Any] | None:
    try:
        said = json.loads(content)
    except (ValueError, RecursionError):
        return None
    return said if isinstance(said, dict) else None


def _said(value: Any, shown: Any) -> str:
    """As people read it; what is of another kind than it should be as it came."""
    if value is None or value == "":
        return ""
    try:
        return str(shown(value))
    except (TypeError, ValueError):
        return str(value)
