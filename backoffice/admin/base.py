"""The base classes of the office's pages."""

from typing import Any

from django.core.exceptions import BadRequest
from django.db.models import Model, Q, QuerySet
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

    def sought(self, typed: str) -> Q | None:
        """The rows that a typed text means; None: Django looks for it in `search_fields`.

        A page that answers here names `search_fields` only to have a search field at all.
        """
        return None

    def list_context(self, request: HttpRequest) -> dict[str, Any]:
        """What the list's template shows beside the rows."""
        return {}

    def row_context(self, request: HttpRequest, row: Any) -> dict[str, Any]:
        """What the template of a row's page shows beside its fields."""
        return {}

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Model], search_term: str
    ) -> tuple[QuerySet[Model], bool]:
        typed = search_term.strip()
        wanted = self.sought(typed) if typed else None
        if wanted is not None:
            return queryset.filter(wanted), False
        found: tuple[QuerySet[Model], bool] = super().get_search_results(request, queryset, search_term)
        return found

    def changelist_view(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        # A filter's value would reach the database, which has no such sign.
        if "%00" in request.GET.urlencode():
            raise BadRequest
        shown = (extra_context or {}) | self.list_context(request)
        answer: HttpResponse = super().changelist_view(request, shown)
        return answer

    def render_change_form(
        self,
        request: HttpRequest,
        context: dict[str, Any],
        add: bool = False,
        change: bool = False,
        form_url: str = "",
        obj: Model | None = None,
    ) -> HttpResponse:
        if obj is not None:
            context |= self.row_context(request, obj)
        answer: HttpResponse = super().render_change_form(request, context, add, change, form_url, obj)
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
