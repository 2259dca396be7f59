"""The small forms of the office's actions: a reason, a code, what KIAS calls a document."""

from typing import Any

from django import forms
from unfold.widgets import UnfoldAdminTextareaWidget, UnfoldAdminTextInputWidget


def _text_input(**attributes: str) -> Any:
    return UnfoldAdminTextInputWidget(attrs={"autocomplete": "off", **attributes})


class TokenField(forms.CharField):
    """A code of the authenticator: six digits, however they are grouped."""

    def __init__(self, **given: Any) -> None:
        given.setdefault("label", "Код из приложения")
        widget = UnfoldAdminTextInputWidget(
            attrs={
                "autocomplete": "one-time-code",
                "inputmode": "numeric",
                "maxlength": "9",
                "data-secret": "",
            }
        )
        super().__init__(max_length=9, widget=widget, **given)


class ReasonField(forms.CharField):
    """Why: read by whoever confirms, by auditors, and sometimes by the agent."""

    def __init__(self, **given: Any) -> None:
        given.setdefault("label", "Причина")
        super().__init__(max_length=300, widget=UnfoldAdminTextareaWidget(attrs={"rows": "3"}), **given)


class ReasonForm(forms.Form):
    reason = ReasonField()


class LinkForm(forms.Form):
    document = forms.CharField(
        label="ISN или номер документа в КИАС",
        max_length=20,
        widget=_text_input(),
        help_text="Как он стоит в КИАС. Система спросит КИАС и свяжет только с тем, что он покажет.",
    )
    reason = ReasonField()


class NumberForm(forms.Form):
    phone_number = forms.CharField(
        label="Новый номер", max_length=40, widget=_text_input(inputmode="tel"), help_text="+7 912 345-67-89"
    )
    reason = ReasonField(help_text="Почему меняется номер и как вы узнали агента.")


class SignForm(forms.Form):
    sign = forms.CharField(
        label="Знаки со входа агента",
        max_length=12,
        widget=_text_input(),
        help_text="Четыре знака, которые агент видит на телефоне под «Код из офиса». Регистр не важен.",
    )


class ConfirmForm(forms.Form):
    """A grave action: a fresh code every time (P20)."""

    token = TokenField(help_text="Новый код: тот, с которым вы вошли, второй раз не подойдёт.")
