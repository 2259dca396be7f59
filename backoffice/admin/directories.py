"""The directories that a receipt refers to. A row is switched off, never deleted: old receipts name it."""

import re
from typing import Any

from django import forms
from django.contrib import admin
from django.db.models import Model
from django.http import HttpRequest

from backoffice.admin import base
from receipts.models import PaymentForm, Product


class PatternsForm(forms.ModelForm):  # type: ignore[type-arg]
    """Patterns are regular expressions that phone and server both run: a broken one is refused here."""

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or {}
        for name, pattern in cleaned.items():
            if not name.endswith("_pattern") or not pattern:
                continue
            try:
                re.compile(pattern)
            except re.error:
                self.add_error(name, "Образец составлен с ошибкой: проверьте скобки. Например: \\d{10}")
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
