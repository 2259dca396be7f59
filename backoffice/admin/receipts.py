"""The receipts registry: every receipt with its whole life. Read only but for the acts of `receipt_acts`."""

from typing import Any

from django.contrib import admin
from django.db.models import Q, QuerySet
from django.http import HttpRequest
from django.utils import timezone
from django.utils.safestring import SafeString
from unfold.contrib.filters.admin import AutocompleteSelectFilter, ChoicesCheckboxFilter, RangeDateFilter

from backoffice import ageing, html, late_checks, reasons, receipt_notices, search, show
from backoffice.admin import base
from backoffice.admin.receipt_contact import ReceiptContact
from backoffice.admin.receipt_filters import (
    ActsFilter,
    DoubtFilter,
    LateCheckFilter,
    PaymentFilter,
    ProductFilter,
    ReasonFilter,
)
from backoffice.admin.receipt_page import ReceiptPage
from backoffice.story import Story
from receipts.models import Receipt
from receipts.states import State
from receipts.text import short_name
from sync.models import Acts

_WHY = ("number_shown", "why_shown")
_WORKED_OFF = ([State.HELD], [State.REJECTED])


@admin.register(Receipt)
class ReceiptAdmin(ReceiptContact, ReceiptPage, base.ReadOnlyAdmin):
    has_staff_history = True
    personal = ("страхователь", "плательщик", "документ", "телефон", "e-mail")
    list_display = [
        "number_shown",
        "state_shown",
        "insurant_shown",
        "policy_shown",
        "amount_shown",
        "agent_shown",
        "date_shown",
        "accepted_shown",
    ]
    list_display_links = ["number_shown"]
    list_filter = [
        ("state", ChoicesCheckboxFilter),
        ReasonFilter,
        ActsFilter,
        LateCheckFilter,
        ("receipt_date", RangeDateFilter),
        ProductFilter,
        PaymentFilter,
        DoubtFilter,
        ("agent", AutocompleteSelectFilter),
        ("source", ChoicesCheckboxFilter),
    ]
    list_select_related = ["agent"]
    search_fields = ["number_folded"]
    search_help_text = "Номер в любом написании, полис, фамилия, телефон, ISN"
    ordering = ["-accepted_at"]
    change_form_after_template = "backoffice/receipt_story.html"

    def get_list_display(self, request: HttpRequest) -> list[str]:
        """Where only held, rejected or late receipts are listed, they say why, for how long and who acts."""
        if request.GET.get(late_checks.PARAMETER):
            return [
                "number_shown",
                "late_why_shown",
                "amount_shown",
                "agent_shown",
                "date_shown",
                "late_shown",
            ]
        match request.GET.getlist("state__exact"):
            case [State.HELD]:
                return [
                    "number_shown",
                    "why_shown",
                    "insurant_shown",
                    "amount_shown",
                    "agent_shown",
                    "age_shown",
                ]
            case [State.REJECTED]:
                return [*_WHY, "acts_shown", "amount_shown", "agent_shown", "age_shown"]
        return self.list_display

    def get_ordering(self, request: HttpRequest) -> list[str]:
        """What a person works off begins with what has waited longest."""
        if request.GET.get(late_checks.PARAMETER):
            return ["issued_at"]
        if request.GET.getlist("state__exact") in _WORKED_OFF:
            return ["accepted_at"]
        return self.ordering

    def get_queryset(self, request: HttpRequest) -> QuerySet[Receipt]:
        found: QuerySet[Receipt] = super().get_queryset(request)
        return found.defer("envelope")

    def sought(self, typed: str) -> Q:
        return search.receipts(typed)

    def row_context(self, request: HttpRequest, receipt: Receipt) -> dict[str, Any]:
        return {
            "story": Story(receipt),
            "acts": self.acts_for(request, receipt),
            "notices": list(receipt_notices.of_receipt(receipt.pk)),
            "findings": receipt_notices.finding_lines(receipt.pk),
        }

    @admin.display(description="Почему")
    def why_shown(self, receipt: Receipt) -> SafeString | str:
        return html.clipped(_reason(receipt))

    @admin.display(description="Чего ждёт чек", ordering="state")
    def late_why_shown(self, receipt: Receipt) -> SafeString | str:
        return html.clipped(late_checks.why(receipt, _reason(receipt)), 80)

    @admin.display(description="Без чека", ordering="issued_at")
    def late_shown(self, receipt: Receipt) -> SafeString:
        return late_checks.badge(receipt, timezone.now())

    @admin.display(description="Кто действует", ordering="acts")
    def acts_shown(self, receipt: Receipt) -> str:
        return Acts(receipt.acts).label if receipt.acts in Acts.values else Acts.OFFICE.label

    @admin.display(description="Ждёт", ordering="accepted_at")
    def age_shown(self, receipt: Receipt) -> SafeString:
        return ageing.badge(receipt.accepted_at, timezone.now())

    @admin.display(description="Состояние", ordering="state")
    def state_shown(self, receipt: Receipt) -> SafeString:
        return html.state_badge(receipt.state)

    @admin.display(description="Страхователь", ordering="insurant")
    def insurant_shown(self, receipt: Receipt) -> SafeString | str:
        return html.clipped(receipt.insurant)

    @admin.display(description="Агент", ordering="agent__last_name")
    def agent_shown(self, receipt: Receipt) -> SafeString | str:
        return html.text(short_name(str(receipt.agent), is_person=True))

    @admin.display(description="Дата", ordering="receipt_date")
    def date_shown(self, receipt: Receipt) -> str:
        return show.day(receipt.receipt_date)

    @admin.display(description="Принята сервером", ordering="accepted_at")
    def accepted_shown(self, receipt: Receipt) -> str:
        return show.local(receipt.accepted_at, receipt.issued_offset_min)


def _reason(receipt: Receipt) -> str:
    return reasons.of(receipt.state, receipt.reason)
