"""Agents' withdrawals (P01): what each did, and the tasks «исправить чек или вернуть деньги» that wait."""

from typing import Any
from uuid import UUID

from django import forms
from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from unfold.contrib.filters.admin import AutocompleteSelectFilter, ChoicesCheckboxFilter, DropdownFilter

from backoffice import acting, audit, html, receipt_notices, search, show, staff_session
from backoffice.admin import base
from backoffice.admin.receipt_acts import buttons
from backoffice.admin.withdrawal_page import WithdrawalPage
from backoffice.forms import ReasonField
from backoffice.models import Action, Approval
from receipts import withdrawals
from receipts.models import Receipt, Withdrawal, WithdrawalEffect
from sync.office.reversible import refund_of

CHANGE = "receipts.change_withdrawal"
_GIVES_BACK = frozenset({"refund", "correct"})
_WORDS = (
    "Агент отменил квитанцию, которую КИАС уже получил. На её странице есть «Исправить чек» и "
    "«Вернуть деньги»: задача закроется сама, когда старший подтвердит. Здесь закрывают только "
    "отмену, которая была ошибкой: напишите почему, это останется в истории."
)
_WORDS_GIVEN_BACK = (
    "По этой квитанции деньги уже возвращены или чек исправлен, второй раз делать это не нужно. Проверьте, "
    "что агент отменил её по той же причине, и напишите об этом: это останется в истории."
)


class TaskFilter(DropdownFilter):  # type: ignore[misc]  # unfold is untyped
    """Those that the office still has to solve."""

    title = "Задача офису"
    parameter_name = "ended"

    def lookups(self, request: HttpRequest, model_admin: object) -> list[tuple[str, str]]:
        return [("no", "ждут решения"), ("yes", "решены")]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Withdrawal]) -> QuerySet[Withdrawal]:
        if self.value() not in {"yes", "no"}:
            return queryset
        tasks = queryset.filter(effect=WithdrawalEffect.TASK)
        return tasks.filter(ended_at__isnull=self.value() == "no")


class EndForm(forms.Form):
    text = ReasonField(
        label="Как решено", help_text="Исправлен чек, возвращены деньги, или отмена была ошибкой."
    )


@admin.register(Withdrawal)
class WithdrawalAdmin(WithdrawalPage, base.ReadOnlyAdmin):
    list_display = [
        "number_shown",
        "outcome_shown",
        "agent_shown",
        "reason_shown",
        "amount_shown",
        "state_shown",
        "accepted_shown",
    ]
    list_display_links = ["number_shown"]
    list_filter = [
        TaskFilter,
        ("effect", ChoicesCheckboxFilter),
        ("reason", ChoicesCheckboxFilter),
        ("agent", AutocompleteSelectFilter),
    ]
    list_select_related = ["receipt", "agent", "installation", "ended_by"]
    search_fields = ["receipt__number_folded"]  # only opens the search field: see get_search_results
    search_help_text = "Квитанция: номер в любом написании, полис, фамилия"
    ordering = ["-accepted_at"]
    has_staff_history = True
    personal = ("страхователь",)
    change_form_outer_before_template = "backoffice/withdrawal_acts.html"

    def get_queryset(self, request: HttpRequest) -> QuerySet[Withdrawal]:
        found: QuerySet[Withdrawal] = super().get_queryset(request)
        return found.defer("envelope", "receipt__envelope", "receipt__evidence")

    def sought(self, typed: str) -> Q:
        return Q(receipt__in=Receipt.objects.filter(search.receipts(typed)).values("pk"))

    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view(self.end_task)
        return [path("<uuid:pk>/end/", view, name="receipts_withdrawal_end"), *super().get_urls()]

    def row_context(self, request: HttpRequest, row: Withdrawal) -> dict[str, Any]:
        """What was done already, and the buttons: the receipt's own stand before the one that just closes."""
        open_task = row.effect == WithdrawalEffect.TASK and row.ended_at is None
        may_end = open_task and request.user.has_perm(CHANGE)
        back = refund_of(row.receipt_id)
        asked = Approval.objects.filter(
            subject=str(row.receipt_id), decision="", action__in=[Action.REFUND, Action.CORRECT]
        ).first()
        return {
            "end_address": reverse("admin:receipts_withdrawal_end", args=[row.pk]) if may_end else "",
            "given_back": receipt_notices.in_words(back) if back else "",
            "acts": buttons(request, row.receipt, _GIVES_BACK) if may_end and not asked else [],
            "asked": asked.get_action_display() if asked else "",
            "asked_address": html.page_of(asked) if asked else "",
        }

    def end_task(self, request: HttpRequest, pk: UUID) -> HttpResponse:
        """A person says how the task was solved."""
        if not request.user.has_perm(CHANGE):
            raise PermissionDenied
        row = get_object_or_404(Withdrawal.objects.select_related("receipt"), pk=pk)
        person = staff_session.person(request)

        def do(typed: dict[str, Any]) -> str:
            withdrawals.end_task(pk, staff=person, text=typed["text"], now=timezone.now())
            audit.note(person, row, "Задача по отмене решена")
            return "Задача решена."

        return acting.page(
            request,
            EndForm,
            do,
            title="Задача по отмене решена",
            about=f"{row.receipt.number} · {show.amount(row.receipt.amount)} · {row.get_reason_display()}",
            words=_WORDS_GIVEN_BACK if refund_of(row.receipt_id) else _WORDS,
            button="Решено",
            back=html.page_of(row),
        )
