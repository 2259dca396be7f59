"""The receipts registry: every receipt with its whole life. Read only but for the acts of `receipt_acts`."""

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.safestring import SafeString
from unfold.contrib.filters.admin import AutocompleteSelectFilter, ChoicesCheckboxFilter, RangeDateFilter

from backoffice import ageing, html, reasons, search, show
from backoffice.admin import base
from backoffice.admin.receipt_contact import ReceiptContact
from backoffice.admin.receipt_filters import (
    ActsFilter,
    DoubtFilter,
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
        ("receipt_date", RangeDateFilter),
        ProductFilter,
        PaymentFilter,
        DoubtFilter,
        ("agent", AutocompleteSelectFilter),
        ("source", ChoicesCheckboxFilter),
    ]
    list_select_related = ["agent"]
    search_fields = ["number_folded"]  # only opens the search field: backoffice.search does the work
    search_help_text = "Номер в любом написании, полис, фамилия, телефон, ISN"
    ordering = ["-accepted_at"]
    change_form_after_template = "backoffice/receipt_story.html"

    def get_list_display(self, request: HttpRequest) -> list[str]:
        """Where only held or only rejected receipts are listed, they say why, for how long and who acts."""
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

    def get_queryset(self, request: HttpRequest) -> QuerySet[Receipt]:
        found: QuerySet[Receipt] = super().get_queryset(request)
        return found.defer("envelope")

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Receipt], search_term: str
    ) -> tuple[QuerySet[Receipt], bool]:
        return queryset.filter(search.receipts(search_term)), False

    def change_view(
        self,
        request: HttpRequest,
        object_id: str,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        more = {"story": Story(object_id), "acts": self.acts_for(request, object_id)}
        answer: HttpResponse = super().change_view(request, object_id, form_url, (extra_context or {}) | more)
        return answer

    @admin.display(description="Почему")
    def why_shown(self, receipt: Receipt) -> SafeString | str:
        return html.clipped(reasons.words(receipt.reason))

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
