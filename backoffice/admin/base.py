"""The base classes of the office's pages."""

from typing import Any

from django.core.exceptions import BadRequest
from django.db.models import Model
from django.http import HttpRequest, HttpResponse
from unfold.admin import ModelAdmin

from backoffice import audit, html, staff_session


class OfficeAdmin(ModelAdmin):  # type: ignore[misc]  # unfold is untyped
    """Every page: fifty rows, filters applied at once, no count of the whole table beside a search."""

    list_per_page = 50
    list_filter_submit = True
    show_full_result_count = False
    empty_value_display = html.NOTHING
    compressed_fields = True
    warn_unsaved_form = True
    #: the personal fields that a row's page shows: opening it is written to the audit (P26)
    personal: tuple[str, ...] = ()

    def changelist_view(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        if (
            "%00" in request.GET.urlencode()
        ):  # a filter's value would reach the database, which has no such sign
            raise BadRequest
        answer: HttpResponse = super().changelist_view(request, extra_context)
        return answer

    def changeform_view(
        self,
        request: HttpRequest,
        object_id: str | None = None,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        answer: HttpResponse = super().changeform_view(request, object_id, form_url, extra_context)
        shown = getattr(answer, "context_data", None) or {}
        if self.personal and request.method == "GET" and shown.get("original"):
            audit.seen(staff_session.person(request), shown["original"], self.personal)
        return answer


class ReadOnlyAdmin(OfficeAdmin):
    """Rows that only the system writes: to be read, never added, changed or deleted here."""

    warn_unsaved_form = False
    #: whether «История» leads to what the staff did with the row; the system's own rows have none
    has_staff_history = False

    def changeform_view(
        self,
        request: HttpRequest,
        object_id: str | None = None,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        shown = {"show_history": self.has_staff_history} | (extra_context or {})
        answer: HttpResponse = super().changeform_view(request, object_id, form_url, shown)
        return answer

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False
