"""Runs of the reconciliation with KIAS, and «Сверить сейчас» over both of its lists."""

from datetime import timedelta
from typing import Any

from django import forms
from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.safestring import SafeString
from unfold.contrib.filters.admin import ChoicesCheckboxFilter
from unfold.widgets import UnfoldAdminDateWidget

from backoffice import acting, audit, html, show, staff_session
from backoffice.admin import base
from receipts.clock import database_now
from sync.models import ReconciliationRun
from sync.models.reconciliation import RunEnd, RunReason
from sync.reconciliation import runs
from sync.relay import nudging

ASK = "sync.add_reconciliationrun"


def _date_field(label: str, help_text: str, days_ago: int) -> forms.DateField:
    return forms.DateField(
        label=label,
        initial=lambda: timezone.localdate() - timedelta(days=days_ago),
        help_text=help_text,
        widget=UnfoldAdminDateWidget(),
        error_messages={"required": "Выберите день.", "invalid": "Это не день. Пример: 22.11.2026"},
    )


class PeriodForm(forms.Form):
    since = _date_field("С", "По дате квитанции.", 6)
    until = _date_field("По", "Включительно.", 0)


class Asking:
    """«Сверить сейчас» and its address; mixed into both lists."""

    def get_urls(self) -> list[URLPattern]:
        meta = self.model._meta  # type: ignore[attr-defined]
        view = self.admin_site.admin_view(self.ask)  # type: ignore[attr-defined]
        own = path("ask/", view, name=f"{meta.app_label}_{meta.model_name}_ask")
        return [own, *super().get_urls()]  # type: ignore[misc]

    def list_context(self, request: HttpRequest) -> dict[str, Any]:
        meta = self.model._meta  # type: ignore[attr-defined]
        may = request.user.has_perm(ASK)
        return {
            "ask_address": reverse(f"admin:{meta.app_label}_{meta.model_name}_ask") if may else "",
            "last": _last_run(),
            "under_way": ReconciliationRun.objects.filter(ended_at=None).order_by("pk").first(),
        }

    def ask(self, request: HttpRequest) -> HttpResponse:
        """Ask for a run over some days; it goes on without this page."""
        if not request.user.has_perm(ASK):
            raise PermissionDenied
        person = staff_session.person(request)

        def do(typed: dict[str, Any]) -> str:
            run = runs.ask(
                typed["since"], typed["until"], reason=RunReason.ASKED, asked_by=person, now=database_now()
            )
            audit.note(person, run, f"Попросил сверку за {run}")
            nudging.nudge_reconciling()
            return f"Сверка за {run} начнётся в течение минуты. Расхождения появятся здесь."

        return acting.page(
            request,
            PeriodForm,
            do,
            title="Сверить с КИАС сейчас",
            about="",
            words="Система сравнит квитанции и документы КИАС за эти дни. Каждую ночь она делает это сама. "
            "Квитанции, с которыми только что работали, в сверку не попадут.",
            button="Сверить",
            back=html.list_of(self.model),  # type: ignore[attr-defined]
        )


@admin.register(ReconciliationRun)
class ReconciliationRunAdmin(Asking, base.ReadOnlyAdmin):
    list_display = [
        "period_shown",
        "state_shown",
        "reason_shown",
        "begun_shown",
        "took_shown",
        "compared_shown",
        "found_shown",
    ]
    list_display_links = ["period_shown"]
    list_filter = [("reason", ChoicesCheckboxFilter), ("end", ChoicesCheckboxFilter)]
    list_select_related = ["asked_by"]
    ordering = ["-pk"]
    change_list_template = "backoffice/reconciliation_list.html"
    fieldsets = [
        (
            "Сверка",
            {
                "fields": [
                    ("period_shown", "state_shown"),
                    ("reason_shown", "asked_shown"),
                    ("begun_shown", "took_shown"),
                    ("day_shown", "due_shown"),
                    "waits_shown",
                ]
            },
        ),
        (
            "Что вышло",
            {"fields": [("receipts", "documents"), ("found", "closed"), ("woken", "calls")]},
        ),
    ]

    @admin.display(description="Дни", ordering="since")
    def period_shown(self, run: ReconciliationRun) -> SafeString | str:
        return html.number(str(run))

    @admin.display(description="Состояние", ordering="end")
    def state_shown(self, run: ReconciliationRun) -> SafeString:
        match run.end:
            case RunEnd.DONE:
                return html.badge("done", "сверено")
            case RunEnd.REFUSED:
                return html.badge("rejected", "КИАС отказал")
            case RunEnd.REPLACED:
                return html.badge("annulled", "заменена новой")
        return html.badge("held", "ждёт КИАС") if run.waits else html.badge("waiting", "идёт")

    @admin.display(description="Квитанций / документов")
    def compared_shown(self, run: ReconciliationRun) -> SafeString | str:
        return html.number(f"{show.figure(run.receipts)} / {show.figure(run.documents)}")

    @admin.display(description="Новых / исчезло")
    def found_shown(self, run: ReconciliationRun) -> SafeString | str:
        return html.number(f"{show.figure(run.found)} / {show.figure(run.closed)}")

    @admin.display(description="Какая", ordering="reason")
    def reason_shown(self, run: ReconciliationRun) -> str:
        return run.get_reason_display()

    @admin.display(description="Кто попросил")
    def asked_shown(self, run: ReconciliationRun) -> SafeString | str:
        return html.text(str(run.asked_by)) if run.asked_by else html.NOTHING

    @admin.display(description="Начата", ordering="started_at")
    def begun_shown(self, run: ReconciliationRun) -> SafeString | str:
        return html.at(run.started_at)

    @admin.display(description="Длилась")
    def took_shown(self, run: ReconciliationRun) -> str:
        if not run.started_at or not run.ended_at:
            return html.NOTHING
        return show.span((run.ended_at - run.started_at).total_seconds())

    @admin.display(description="Сверяется день")
    def day_shown(self, run: ReconciliationRun) -> str:
        return html.NOTHING if run.ended_at else show.day(run.day)

    @admin.display(description="Продолжит не раньше")
    def due_shown(self, run: ReconciliationRun) -> SafeString | str:
        return html.at(run.due_at)

    @admin.display(description="Почему ждёт")
    def waits_shown(self, run: ReconciliationRun) -> SafeString | str:
        return html.text(run.waits)


def _last_run() -> str:
    """One sentence about the last run that was done."""
    run = ReconciliationRun.objects.filter(end=RunEnd.DONE).order_by("-ended_at").first()
    if run is None:
        return "Сверки ещё не было. Ночью она проходит сама."
    receipts, found = show.count(run.receipts, show.RECEIPT), show.figure(run.found)
    return f"Последняя сверка за {run}: {receipts}, новых расхождений {found}."
