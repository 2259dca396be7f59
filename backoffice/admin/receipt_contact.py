"""«Исправить контакт»: where the check of one receipt goes, until it is formed (P23)."""

from typing import Any
from uuid import UUID

from django import forms
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import URLPattern, path, reverse
from unfold.widgets import UnfoldAdminTextInputWidget

from accounts.refusals import RefusalError
from backoffice import acting, audit, html, show, staff_session
from backoffice.admin.receipt_acts import CHANGE, ReceiptActs, Verb
from backoffice.forms import ReasonField, ReasonForm
from receipts import contacts, registry
from receipts.models import Receipt
from receipts.states import FINAL, State, WrongStateError

_WORDS = (
    "Чек уйдёт на этот контакт. То, что ввёл агент, останется в квитанции, исправление попадёт в её историю, "
    "и агент его увидит."
)
_IN_KIAS = " КИАС уже получил квитанцию с прежним контактом: исправьте его и в КИАС."


class CheckFormedError(RefusalError):
    code = "invalid"
    message = "Чек уже сформирован или квитанция аннулирована: контакт больше не исправить."


class ContactForm(ReasonForm):
    field_order = ["contact", "reason"]
    contact = forms.CharField(
        label="Телефон или e-mail клиента",
        max_length=64,
        widget=UnfoldAdminTextInputWidget(attrs={"autocomplete": "off"}),
        help_text="Например, +7 912 345-67-89 или ivanova@mail.ru",
    )
    reason = ReasonField(help_text="Откуда известен верный контакт.")

    def clean_contact(self) -> str:
        contact = contacts.parse(self.cleaned_data["contact"])
        if contact is None:
            raise forms.ValidationError(
                "Введите телефон целиком или почту: +7 912 345-67-89, ivanova@mail.ru"
            )
        return contact


VERB = Verb("Исправить контакт", "Исправить контакт для чека", _WORDS, ContactForm)


class ReceiptContact(ReceiptActs):
    """The same buttons and one more; mixed into the receipt's admin class."""

    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view(self.correct_contact)  # type: ignore[attr-defined]
        return [
            path("<uuid:receipt_id>/contact/", view, name="receipts_receipt_contact"),
            *super().get_urls(),
        ]

    def acts_for(self, request: HttpRequest, receipt: Receipt) -> list[tuple[Verb, str]]:
        buttons = super().acts_for(request, receipt)
        if receipt.state in FINAL or not request.user.has_perm(CHANGE):
            return buttons
        return [*buttons, (VERB, reverse("admin:receipts_receipt_contact", args=[receipt.pk]))]

    def correct_contact(self, request: HttpRequest, receipt_id: UUID) -> HttpResponse:
        """The page. The audit says that it was done, never to what."""
        if not request.user.has_perm(CHANGE):
            raise PermissionDenied
        receipt = get_object_or_404(Receipt, pk=receipt_id)
        return acting.page(
            request,
            ContactForm,
            lambda typed: _correct(request, receipt, typed),
            title=VERB.title,
            about=f"{receipt.number} · {show.amount(receipt.amount)} · {show.visible(receipt.insurant)}",
            words=_WORDS + (_IN_KIAS if receipt.state == State.REGISTERED else ""),
            button=VERB.button,
            back=html.page_of(receipt),
        )


def _correct(request: HttpRequest, receipt: Receipt, typed: dict[str, Any]) -> str:
    person = staff_session.person(request)
    text = f"Офис исправил контакт для чека: {contacts.masked(typed['contact'])}. {typed['reason']}"
    try:
        moved = registry.correct_contact(receipt.pk, contact=typed["contact"], staff=person, text=text)
    except WrongStateError as error:
        raise CheckFormedError from error
    audit.note(person, receipt, "Исправлен контакт для чека")
    return "Контакт исправлен." + (_IN_KIAS if moved.state == State.REGISTERED else "")
