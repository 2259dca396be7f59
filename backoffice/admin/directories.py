"""The directories that a receipt refers to. A row is switched off, never deleted: old receipts name it."""

from typing import Any

from django import forms
from django.contrib import admin
from django.db.models import Model
from django.http import HttpRequest

from backoffice.admin import base
from receipts.models import DocumentKind, PaymentForm, Product
from receipts.patterns import PatternError, check_pattern


class PatternsForm(forms.ModelForm):  # type: ignore[type-arg]
    """Patterns are regular expressions that phones run: a broken or a dangerous one is refused here."""

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or {}
        for name, pattern in list(cleaned.items()):
            if not name.endswith("pattern") or not pattern:
                continue
            try:
                check_pattern(pattern)
            except PatternError as error:
                self.add_error(name, str(error))
        return cleaned


class DirectoryAdmin(base.OfficeAdmin):
    form = PatternsForm
    ordering = ["position", "code"]

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False

    def get_readonly_fields(self, request: HttpRequest, obj: Model | None = None) -> list[str]:
        return ["code"] if obj else []  # receipts carry the code: it never changes


@admin.register(Product)
class ProductAdmin(DirectoryAdmin):
    list_display = [
        "name",
        "code",
        "default_series",
        "series_pattern",
        "number_pattern",
        "position",
        "is_active",
    ]
    list_display_links = ["name"]
    fieldsets = [
        (None, {"fields": [("name", "code"), ("position", "is_active")]}),
        (
            "Полис",
            {
                "description": "Образцы предупреждают агента и никогда не запрещают сохранить квитанцию.",
                "fields": ["default_series", ("series_pattern", "number_pattern")],
            },
        ),
    ]


@admin.register(PaymentForm)
class PaymentFormAdmin(DirectoryAdmin):
    list_display = ["name", "code", "check_tag", "is_cash", "reference_label", "position", "is_active"]
    list_display_links = ["name"]
    fieldsets = [
        (None, {"fields": [("name", "code"), ("check_tag", "is_cash"), ("position", "is_active")]}),
        (
            "Что спросить у агента",
            {
                "description": "Например, код операции со слипа. Пусто, если спрашивать нечего.",
                "fields": [("reference_label", "reference_pattern")],
            },
        ),
    ]


@admin.register(DocumentKind)
class DocumentKindAdmin(DirectoryAdmin):
    list_display = ["name", "code", "check_code", "pattern", "position", "is_active"]
    list_display_links = ["name"]
    fieldsets = [
        (None, {"fields": [("name", "code"), ("position", "is_active")]}),
        (
            "Чек и проверка",
            {
                "description": "Код документа стоит в чеке (тег 1245), например 21 — паспорт РФ. Образец "
                "предупреждает агента и никогда не запрещает сохранить; паспорт РФ проверяется всегда.",
                "fields": [("check_code", "pattern")],
            },
        ),
    ]
