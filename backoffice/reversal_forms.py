"""The forms of «Вернуть деньги», «Исправить чек», «Задать дату проводки», and what they become for a request.

They are filled with what the receipt says, and say what is wrong before a second person is asked.
"""

from dataclasses import asdict
from datetime import date
from typing import Any

from django import forms
from django.conf import settings
from django.utils import timezone
from unfold.widgets import UnfoldAdminDateWidget, UnfoldAdminSelectWidget, UnfoldAdminTextInputWidget

from backoffice import show
from backoffice.forms import ReasonField
from receipts.models import PaidBy, Receipt
from receipts.text import is_hostile
from receipts.validation import is_amount, parse_amount
from sync.office import accounting, refunding
from sync.office.correcting import Right
from sync.office.refunding import Payout


def _text(**attributes: str) -> Any:
    return UnfoldAdminTextInputWidget(attrs={"autocomplete": "off", **attributes})


def _day(**given: Any) -> forms.DateField:
    """«23.11.2026», by a calendar where the browser has one."""
    widget = UnfoldAdminDateWidget(attrs={"type": "date"}, format="%Y-%m-%d")
    return forms.DateField(widget=widget, input_formats=["%Y-%m-%d", "%d.%m.%Y"], **given)


_PLAIN_POLICY = "Напишите серию и номер полиса буквами и цифрами."


def _plain(text: str, words: str) -> str:
    """Without signs that nobody sees: a second person confirms what he reads (P20)."""
    if is_hostile(text):
        raise forms.ValidationError(words)
    return text


class _AboutReceipt(forms.Form):
    """Filled or checked by what the receipt says."""

    def __init__(self, *given: Any, receipt: Receipt, **more: Any) -> None:
        super().__init__(*given, **more)
        self._receipt = receipt


class RefundForm(_AboutReceipt):
    paid_by = forms.ChoiceField(
        label="Чьими деньгами",
        choices=[("", "Выберите"), *PaidBy.choices],
        widget=UnfoldAdminSelectWidget(),
        help_text="От этого зависит, чьей наличности станет меньше.",
    )
    paid_name = forms.CharField(
        label="Кто выдал", max_length=120, widget=_text(), help_text="Фамилия и инициалы."
    )
    paid_on = _day(label="Когда выданы")
    reason = ReasonField(help_text="Прочтут агент, тот, кто подтверждает, и аудитор.")

    def __init__(self, *given: Any, **more: Any) -> None:
        super().__init__(*given, **more)
        self.initial.setdefault("paid_on", timezone.localdate())

    def clean_paid_name(self) -> str:
        return _plain(self.cleaned_data["paid_name"], "Напишите фамилию и инициалы обычными буквами.")

    def clean_paid_on(self) -> date:
        day: date = self.cleaned_data["paid_on"]
        against = refunding.payout_objection(
            day, receipt_date=self._receipt.receipt_date, today=timezone.localdate()
        )
        if against:
            raise forms.ValidationError(against)
        return day


class CorrectForm(_AboutReceipt):
    amount = forms.CharField(
        label="Сумма, ₽", max_length=20, widget=_text(inputmode="decimal"), help_text="Например: 3 245,50"
    )
    policy_series = forms.CharField(label="Серия полиса", max_length=16, required=False, widget=_text())
    policy_number = forms.CharField(label="Номер полиса", max_length=32, widget=_text())
    policy_date = _day(label="Дата полиса", required=False)
    instalment = forms.IntegerField(
        label="Взнос №", min_value=1, max_value=99, widget=_text(inputmode="numeric")
    )
    reason = ReasonField(help_text="Прочтут агент, тот, кто подтверждает, и аудитор.")

    def __init__(self, *given: Any, receipt: Receipt, **more: Any) -> None:
        super().__init__(*given, receipt=receipt, **more)
        self.initial = {
            **asdict(Right.of(receipt)),
            "amount": show.typed_amount(receipt.amount),
            **self.initial,
        }

    def clean_policy_series(self) -> str:
        return _plain(self.cleaned_data["policy_series"], _PLAIN_POLICY)

    def clean_policy_number(self) -> str:
        return _plain(self.cleaned_data["policy_number"], _PLAIN_POLICY)

    def clean_policy_date(self) -> date | None:
        day: date | None = self.cleaned_data["policy_date"]
        if day and day != self._receipt.policy_date:
            ahead, behind = settings.POLICY_DATE_AHEAD_DAYS, settings.POLICY_DATE_BEHIND_DAYS
            if not -behind <= (day - timezone.localdate()).days <= ahead:
                raise forms.ValidationError("Проверьте год: таких полисов не бывает.")
        return day

    def clean_amount(self) -> int:
        kopecks = parse_amount(self.cleaned_data["amount"])
        if kopecks is None or not is_amount(kopecks):
            raise forms.ValidationError("Напишите сумму больше 0 и до 42 949 672,95 ₽, например: 3 245,50")
        return kopecks

    def clean(self) -> dict[str, Any]:
        typed = super().clean() or self.cleaned_data
        if not self.errors and not Right.of(self._receipt).differences(_right(typed)):
            raise forms.ValidationError("Ничего не изменилось: исправьте то, что в чеке неверно.")
        return typed


class AccountingForm(_AboutReceipt):
    day = _day(label="Дата проводки", help_text="День открытого периода, не позже сегодняшнего.")
    reason = ReasonField(help_text="Прочтут агент и аудитор.")

    def __init__(self, *given: Any, **more: Any) -> None:
        super().__init__(*given, **more)
        self.initial.setdefault("day", timezone.localdate())

    def clean_day(self) -> date:
        day: date = self.cleaned_data["day"]
        if against := accounting.objection(
            day, receipt_date=self._receipt.receipt_date, today=timezone.localdate()
        ):
            raise forms.ValidationError(against)
        return day


def params(name: str, receipt: Receipt, typed: dict[str, Any]) -> dict[str, Any]:
    """What the request has to keep of the form: JSON. Empty for what needs nothing but its reason."""
    match name:
        case "refund":
            return {
                "paid_by": typed["paid_by"],
                "paid_name": typed["paid_name"],
                "paid_on": typed["paid_on"].isoformat(),
            }
        case "correct":
            kept = asdict(_right(typed))
            day = kept["policy_date"]
            return kept | {"policy_date": day.isoformat() if day else None}
    return {}


def payout_of(kept: dict[str, Any]) -> Payout:
    """What `params` kept of «Вернуть деньги»."""
    return Payout(by=PaidBy(kept["paid_by"]), name=kept["paid_name"], day=date.fromisoformat(kept["paid_on"]))


def right_of(kept: dict[str, Any]) -> Right:
    """What `params` kept of «Исправить чек»."""
    day = kept["policy_date"]
    return Right(**kept | {"policy_date": date.fromisoformat(day) if day else None})


def _right(typed: dict[str, Any]) -> Right:
    return Right(**{name: typed[name] for name in Right.__annotations__})
