"""«Сверка»: differences with KIAS as a workbench, with what each means and what to do about it (F08)."""

from typing import Any

from django import forms
from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.db.models import F, Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import URLPattern, path, reverse
from django.utils.safestring import SafeString
from django.utils.text import capfirst
from unfold.contrib.filters.admin import ChoicesCheckboxFilter, DropdownFilter

from backoffice import acting, audit, differences, html, show, staff_session
from backoffice import forms as office_forms
from backoffice.admin import base
from backoffice.admin.reconciliation_runs import ASK, Asking
from receipts.clock import database_now
from receipts.numbers import fold
from sync.models import Difference, ReconciliationFinding
from sync.models.reconciliation import RunReason
from sync.office import acts as office
from sync.reconciliation import findings, runs
from sync.relay import nudging

END = "sync.change_reconciliationfinding"


class OpenFilter(DropdownFilter):  # type: ignore[misc]  # unfold is untyped
    """Those that nobody has dealt with."""

    title = "Разбор"
    parameter_name = "ended"

    def lookups(self, request: HttpRequest, model_admin: object) -> list[tuple[str, str]]:
        return [("no", "ждут разбора"), ("person", "разобраны людьми"), ("itself", "закрылись сами")]

    def queryset(
        self, request: HttpRequest, queryset: QuerySet[ReconciliationFinding]
    ) -> QuerySet[ReconciliationFinding]:
        chosen = {
            "no": Q(closed_at=None),
            "person": Q(closed_by__isnull=False),
            "itself": Q(closed_at__isnull=False, closed_by=None),
        }
        return queryset.filter(chosen.get(self.value() or "", Q()))


@admin.register(ReconciliationFinding)
class ReconciliationFindingAdmin(Asking, base.ReadOnlyAdmin):
    list_display = [
        "difference_shown",
        "number_shown",
        "amount_shown",
        "day_shown",
        "found_shown",
        "ended_shown",
    ]
    list_display_links = ["difference_shown"]
    list_filter = [OpenFilter, ("difference", ChoicesCheckboxFilter)]
    search_fields = ["number_folded"]
    search_help_text = "Номер квитанции в любом написании или ISN"
    ordering = [F("closed_at").asc(nulls_first=True), "-found_at", "-pk"]
    has_staff_history = True
    change_list_template = "backoffice/reconciliation_list.html"
    change_form_outer_before_template = "backoffice/reconciliation_acts.html"
    fieldsets = [
        (
            "Что нашла сверка",
            {
                "fields": [
                    ("difference_shown", "ended_shown"),
                    ("receipt_shown", "amount_shown"),
                    ("found_shown", "seen_shown"),
                ]
            },
        ),
        ("Разбор", {"fields": [("closed_by_shown", "closed_shown"), "closed_text_shown"]}),
    ]

    def get_urls(self) -> list[URLPattern]:
        wrap = self.admin_site.admin_view
        return [
            path("<int:pk>/end/", wrap(self.end), name="sync_reconciliationfinding_end"),
            path("<int:pk>/again/", wrap(self.again), name="sync_reconciliationfinding_again"),
            *super().get_urls(),
        ]

    def sought(self, typed: str) -> Q:
        return Q(number_folded__contains=fold(typed)) | Q(isn=typed)

    def row_context(self, request: HttpRequest, row: ReconciliationFinding) -> dict[str, Any]:
        _, means, todo = differences.WORDS[Difference(row.difference)]
        return {
            "means": means,
            "todo": todo,
            "heads": differences.heads(row),
            "lines": list(differences.lines(row)),
            "acts": self._acts(request, row),
        }

    def _acts(self, request: HttpRequest, row: ReconciliationFinding) -> list[tuple[str, str, str]]:
        """Button, address, variant: the first one is what usually has to be done."""
        acts = []
        receipt = row.receipt
        if receipt and request.user.has_perm("receipts.change_receipt") and row.closed_at is None:
            if row.difference == Difference.HELD_HERE and "link" in office.may(receipt):
                address = reverse("admin:receipts_receipt_act", args=[receipt.pk, "link"])
                acts.append(("Уже есть в КИАС — связать", address, "primary"))
            if row.difference == Difference.CHECK_MISSING and "retry" in office.may(receipt):
                address = reverse("admin:receipts_receipt_act", args=[receipt.pk, "retry"])
                acts.append(("Передать снова", address, "primary"))
        if request.user.has_perm(ASK):
            address = reverse("admin:sync_reconciliationfinding_again", args=[row.pk])
            acts.append(("Проверить сейчас", address, "default"))
        if row.closed_at is None and request.user.has_perm(END):
            address = reverse("admin:sync_reconciliationfinding_end", args=[row.pk])
            acts.append(("Разобрано", address, "default"))
        return acts

    def end(self, request: HttpRequest, pk: int) -> HttpResponse:
        """A senior says how it was dealt with."""
        if not request.user.has_perm(END):
            raise PermissionDenied
        row = get_object_or_404(ReconciliationFinding, pk=pk)
        person = staff_session.person(request)

        def do(typed: dict[str, Any]) -> str:
            findings.end(pk, staff=person, text=typed["reason"], now=database_now())
            audit.note(person, row, "Расхождение с КИАС разобрано")
            return "Расхождение разобрано."

        return acting.page(
            request,
            office_forms.ReasonForm,
            do,
            title="Расхождение разобрано",
            about=_about(row),
            words="Напишите, что сделано. Пока обе стороны говорят то же, сверка его больше не покажет; "
            "изменится хоть одна — откроет снова. Исправленное в КИАС она закроет и сама.",
            button="Разобрано",
            back=html.page_of(row),
        )

    def again(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Compare the days of this difference once more, now."""
        if not (request.user.has_perm(ASK) and self.has_view_permission(request)):
            raise PermissionDenied
        row = get_object_or_404(ReconciliationFinding, pk=pk)
        person = staff_session.person(request)

        def do(typed: dict[str, Any]) -> str:
            run = runs.ask(
                row.first_day, row.last_day, reason=RunReason.ASKED, asked_by=person, now=database_now()
            )
            audit.note(person, row, f"Попросил проверить снова: {run}")
            nudging.nudge_reconciling()
            return "Проверка начнётся в течение минуты. Обновите страницу: исчезнувшее закроется само."

        return acting.page(
            request,
            forms.Form,
            do,
            title="Проверить расхождение сейчас",
            about=_about(row),
            words=f"Система снова сравнит с КИАС квитанции за {show.day(row.first_day)}"
            + (f" — {show.day(row.last_day)}." if row.last_day != row.first_day else "."),
            button="Проверить сейчас",
            back=html.page_of(row),
        )

    @admin.display(description="Расхождение", ordering="difference")
    def difference_shown(self, row: ReconciliationFinding) -> SafeString:
        return differences.badge(row)

    @admin.display(description="Номер", ordering="number")
    def number_shown(self, row: ReconciliationFinding) -> SafeString | str:
        return html.number(row.number) if row.number else html.text(f"ISN {row.isn}")

    @admin.display(description="Сумма", ordering="amount")
    def amount_shown(self, row: ReconciliationFinding) -> SafeString:
        return html.amount(row.amount)

    @admin.display(description="Дата", ordering="first_day")
    def day_shown(self, row: ReconciliationFinding) -> str:
        return show.day(row.first_day)

    @admin.display(description="Найдено", ordering="found_at")
    def found_shown(self, row: ReconciliationFinding) -> SafeString | str:
        return html.at(row.found_at)

    @admin.display(description="Последняя сверка, которая его видела")
    def seen_shown(self, row: ReconciliationFinding) -> SafeString | str:
        return html.link(row.seen_in)

    @admin.display(description="Разбор", ordering="closed_at")
    def ended_shown(self, row: ReconciliationFinding) -> SafeString:
        if row.closed_at is None:
            return html.badge("held", "ждёт разбора")
        return (
            html.badge("done", "разобрано") if row.closed_by_id else html.badge("annulled", "закрылось само")
        )

    @admin.display(description="Квитанция")
    def receipt_shown(self, row: ReconciliationFinding) -> SafeString | str:
        return html.link(row.receipt) if row.receipt else "у нас её нет"

    @admin.display(description="Кто закрыл")
    def closed_by_shown(self, row: ReconciliationFinding) -> SafeString | str:
        if row.closed_at and not row.closed_by_id:
            return "сверка"
        return html.link(row.closed_by)

    @admin.display(description="Когда")
    def closed_shown(self, row: ReconciliationFinding) -> SafeString | str:
        return html.at(row.closed_at)

    @admin.display(description="Чем кончилось")
    def closed_text_shown(self, row: ReconciliationFinding) -> SafeString | str:
        return html.text(row.closed_text)


def _about(row: ReconciliationFinding) -> str:
    what = capfirst(Difference(row.difference).label)
    return " · ".join([what, show.visible(row.number) or f"ISN {row.isn}", show.amount(row.amount)])
