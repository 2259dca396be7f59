"""Filters of the registry that a plain column does not give."""

from typing import Any

from django.db.models import QuerySet
from django.http import HttpRequest
from unfold.contrib.filters.admin import DropdownFilter

from backoffice import reasons
from receipts.models import Receipt
from receipts.states import State


class ReasonFilter(DropdownFilter):  # type: ignore[misc]  # unfold is untyped
    """Why a receipt is held. The reasons that occur now, so nobody chooses an empty list."""

    title = "Почему проверяет офис"
    parameter_name = "why_held"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        found = (
            Receipt.objects.filter(state=State.HELD)
            .order_by("reason")
            .values_list("reason", flat=True)
            .distinct()
        )
        return [(code, reasons.words(code)) for code in found if code]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Receipt]) -> QuerySet[Receipt]:
        code = self.value()
        return queryset.filter(state=State.HELD, reason=code) if code else queryset
