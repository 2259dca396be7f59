"""Intake exceptions: what could not become a receipt, beside what it collides with; ended by a person."""

import contextlib
import json
from typing import Any

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.db.models import Q, QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.html import format_html_join
from django.utils.safestring import SafeString
from unfold.contrib.filters.admin import DropdownFilter

from backoffice import acting, audit, compare, forms, html, reasons, search, staff_session
from backoffice.admin import base
from receipts import numbers
from receipts.models import Receipt
from sync.models import IntakeException
from sync.office import exceptions

CHANGE = "sync.change_intakeexception"
#: how it may end → title, what it means, button, word before the reason in the row
_ENDS = {
    "discard": (
        "Отбросить",
        "Квитанцией это не станет. Конверт останется здесь целиком, до последнего знака.",
        "Отбросить",
        "Отброшено",
    ),
    "solve": (
        "Решено иначе",
        "Например, агент оформил квитанцию заново или ошибку исправили. Конверт останется здесь целиком.",
        "Отметить решённым",
        "Решено",
    ),
}


class OpenFilter(DropdownFilter):  # type: ignore[misc]  # unfold is untyped
    """Those that nobody has ended yet: the office's work."""

    title = "Разбор"
    parameter_name = "ended"

    def lookups(self, request: HttpRequest, model_admin: object) -> list[tuple[str, str]]:
        return [("no", "ждут разбора"), ("yes", "разобраны")]

    def queryset(
        self, request: HttpRequest, queryset: QuerySet[IntakeException]
    ) -> QuerySet[IntakeException]:
        if self.value() not in {"yes", "no"}:
            return queryset
        return queryset.filter(ended_at__isnull=self.value() == "no")


class ReasonFilter(DropdownFilter):  # type: ignore[misc]  # unfold is untyped
    title = "Причина"
    parameter_name = "reason"

    def lookups(self, request: HttpRequest, model_admin: object) -> list[tuple[str, str]]:
        return list(reasons.INTAKE.items())

    def queryset(
        self, request: HttpRequest, queryset: QuerySet[IntakeException]
    ) -> QuerySet[IntakeException]:
        return queryset.filter(reason=self.value()) if self.value() else queryset


@admin.register(IntakeException)
class IntakeExceptionAdmin(base.ReadOnlyAdmin):
    list_display = ["number_shown", "ended_shown", "reason_shown", "signer_shown", "received_shown"]
    list_display_links = ["number_shown"]
    list_filter = [OpenFilter, ReasonFilter]
    list_select_related = ["signer__agent", "carrier__agent"]
    search_fields = ["claimed_number"]
    search_help_text = "Номер или id по конверту"
    ordering = ["-received_at"]
    has_staff_history = True
    personal = ("содержание конверта",)
    change_form_outer_before_template = "backoffice/exception_acts.html"
    fieldsets = [
        (
            "Что случилось",
            {
                "fields": [
                    ("ended_shown", "received_shown"),
                    ("reason_shown", "number_shown"),
                    ("signer_shown", "carrier_shown"),
                    "collides_with",
                ]
            },
        ),
        ("Разбор", {"fields": [("ended_at_shown", "ended_by"), "ended_reason_shown"]}),
        ("Содержание", {"fields": ["content_shown"]}),
        ("Конверт, как пришёл", {"fields": ["id_shown", "hash_shown", "envelope_shown"]}),
    ]

    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view(self.end)
        return [path("<int:pk>/end/<str:how>/", view, name="sync_intakeexception_end"), *super().get_urls()]

    def row_context(self, request: HttpRequest, row: IntakeException) -> dict[str, Any]:
        known = _same(row)
        return {
            "heads": ["Пришло", *(html.link(receipt) for receipt in known)],
            "lines": list(compare.lines(row, known)) if known else [],
            "ends": self._ends(request, row),
        }

    def _ends(self, request: HttpRequest, row: IntakeException) -> list[tuple[str, str]]:
        if row.ended_at or not request.user.has_perm(CHANGE):
            return []
        return [
            (title, reverse("admin:sync_intakeexception_end", args=[row.pk, how]))
            for how, (title, *_) in _ENDS.items()
        ]

    def end(self, request: HttpRequest, pk: int, how: str) -> HttpResponse:
        """A person ends it, with a reason."""
        if not request.user.has_perm(CHANGE):
            raise PermissionDenied
        if how not in _ENDS:
            raise Http404
        row = get_object_or_404(IntakeException, pk=pk)
        title, words, button, ended = _ENDS[how]
        person = staff_session.person(request)

        def do(typed: dict[str, Any]) -> str:
            text = f"{ended}: {typed['reason']}"
            exceptions.end(pk, staff=person, text=text, now=timezone.now())
            audit.note(person, row, ended)
            return f"{ended}."

        return acting.page(
            request,
            forms.ReasonForm,
            do,
            title=title,
            about=f"{reasons.words(row.reason)}",
            words=words,
            button=button,
            back=html.page_of(row),
            danger=how == "discard",
        )

    def get_queryset(self, request: HttpRequest) -> QuerySet[IntakeException]:
        found: QuerySet[IntakeException] = super().get_queryset(request)
        return found.defer("envelope", "content")

    def sought(self, typed: str) -> Q:
        found = Q(claimed_number__icontains=typed)
        claimed_id = search.as_id(typed)
        if claimed_id:
            found |= Q(claimed_id=claimed_id)
        # What is no whole number is searched as it was typed.
        with contextlib.suppress(numbers.NumberError):
            found |= Q(claimed_number=numbers.parse(typed).text)
        return found

    @admin.display(description="Разбор", ordering="ended_at")
    def ended_shown(self, row: IntakeException) -> SafeString:
        return html.badge("held", "ждёт разбора") if row.ended_at is None else html.badge("done", "разобрано")

    @admin.display(description="Номер по конверту", ordering="claimed_number")
    def number_shown(self, row: IntakeException) -> SafeString | str:
        return html.text(row.claimed_number or "не прочитан")

    @admin.display(description="Причина", ordering="reason")
    def reason_shown(self, row: IntakeException) -> SafeString | str:
        return html.text(reasons.words(row.reason))

    @admin.display(description="Подписала", ordering="signer")
    def signer_shown(self, row: IntakeException) -> SafeString | str:
        return html.link(row.signer)

    @admin.display(description="Передала")
    def carrier_shown(self, row: IntakeException) -> SafeString | str:
        return html.link(row.carrier)

    @admin.display(description="Получен", ordering="received_at")
    def received_shown(self, row: IntakeException) -> SafeString | str:
        return html.at(row.received_at)

    @admin.display(description="Квитанции с тем же номером или id")
    def collides_with(self, row: IntakeException) -> SafeString | str:
        return format_html_join(", ", "{}", ((html.link(receipt),) for receipt in _same(row))) or "нет"

    @admin.display(description="Разобран")
    def ended_at_shown(self, row: IntakeException) -> SafeString | str:
        return html.at(row.ended_at)

    @admin.display(description="Как разобран")
    def ended_reason_shown(self, row: IntakeException) -> SafeString | str:
        return html.text(row.ended_reason)

    @admin.display(description="Содержание")
    def content_shown(self, row: IntakeException) -> SafeString | str:
        return html.block(readable(row.content)) if row.content else "Содержание не открылось."

    @admin.display(description="id по конверту")
    def id_shown(self, row: IntakeException) -> SafeString | str:
        return html.code(row.claimed_id)

    @admin.display(description="Отпечаток конверта")
    def hash_shown(self, row: IntakeException) -> SafeString | str:
        return html.code(row.envelope_hash)

    @admin.display(description="Конверт")
    def envelope_shown(self, row: IntakeException) -> SafeString | str:
        return html.block(row.envelope)


def _same(row: IntakeException) -> list[Receipt]:
    """The receipts that hold the number or the id it claims."""
    same = Q(pk__in=[])
    if row.claimed_number:
        same |= Q(number=row.claimed_number)
    if row.claimed_id:
        same |= Q(id=row.claimed_id)
    return list(Receipt.objects.filter(same).defer("envelope"))


def readable(content: str) -> str:
    """JSON with one key per line; anything else as it came."""
    try:
        return json.dumps(json.loads(content), ensure_ascii=False, indent=2)
    except (ValueError, RecursionError):
        return content
