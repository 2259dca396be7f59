"""The directory of KIAS's refusals: who acts, what the agent reads, which field is marked (P09)."""

from typing import Any

from django import forms
from django.contrib import admin
from django.db.models import Model
from django.http import HttpRequest
from django.utils.safestring import SafeString
from unfold.widgets import UnfoldAdminSelectWidget

from backoffice import html
from backoffice.admin import base
from sync.models import Acts, KiasRefusal

#: the form's fields that a refusal may mark
FIELDS = {
    "": "никакое",
    "receipt_date": "дата",
    "product": "вид страхования",
    "policy_series": "серия полиса",
    "policy_number": "номер полиса",
    "policy_date": "дата полиса",
    "instalment": "взнос №",
    "amount": "сумма",
    "payment_form": "форма оплаты",
    "payment_reference": "код операции",
    "insurant": "страхователь",
    "payer": "плательщик",
    "document_number": "документ",
    "contact_phone": "телефон",
    "contact_email": "e-mail",
}
ACTS_BADGES = {Acts.AGENT: "waiting", Acts.OFFICE: "held", Acts.WAIT: "annulled"}


class RefusalForm(forms.ModelForm):  # type: ignore[type-arg]
    field = forms.ChoiceField(
        label="Поле квитанции", required=False, choices=list(FIELDS.items()), widget=UnfoldAdminSelectWidget
    )

    class Meta:
        model = KiasRefusal
        fields = ["code", "acts", "text", "field"]
        help_texts = {
            "text": "{reason} заменяется на текст самого КИАС. Агенту — что проверить, офису — почему ждёт.",
            "acts": "Только при «агент» телефон предложит «Оформить взамен». Подгонять дату не просим.",
        }

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or {}
        if cleaned.get("field") and cleaned.get("acts") != Acts.AGENT:
            self.add_error("field", "Поле отмечается, только если действует агент.")
        return cleaned


@admin.register(KiasRefusal)
class RefusalAdmin(base.OfficeAdmin):
    form = RefusalForm
    list_display = ["code", "acts_shown", "text_shown", "field_shown"]
    list_display_links = ["code"]
    list_filter = ["acts"]
    search_fields = ["code", "text"]
    search_help_text = "Код КИАС или слова"
    ordering = ["code"]
    fieldsets = [
        (
            None,
            {
                "description": "Код, которого здесь нет, разбирает офис. Агент прочтёт, что от него ничего "
                "не нужно.",
                "fields": [("code", "acts"), "text", "field"],
            },
        )
    ]

    def get_readonly_fields(self, request: HttpRequest, obj: Model | None = None) -> list[str]:
        return ["code"] if obj else []  # a receipt's history names it

    @admin.display(description="Кто действует", ordering="acts")
    def acts_shown(self, row: KiasRefusal) -> SafeString:
        return html.badge(ACTS_BADGES[Acts(row.acts)], row.get_acts_display())

    @admin.display(description="Что прочтёт агент")
    def text_shown(self, row: KiasRefusal) -> SafeString | str:
        return html.clipped(row.text, 80)

    @admin.display(description="Поле")
    def field_shown(self, row: KiasRefusal) -> str:
        return FIELDS.get(row.field, row.field) if row.field else html.NOTHING
