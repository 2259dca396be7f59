"""«Ждут подтверждения»: what one person asked for and another has to decide (P20)."""

from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import URLPattern, path
from django.utils import timezone
from django.utils.safestring import SafeString
from unfold.contrib.filters.admin import ChoicesCheckboxFilter, DropdownFilter

from accounts import addresses
from accounts.models import LoginAttempt, User
from accounts.refusals import RefusalError
from backoffice import (
    acting,
    ageing,
    approvals,
    audit,
    forms,
    html,
    reversal_forms,
    roles,
    show,
    staff_session,
    story,
    totp,
)
from backoffice.admin import base
from backoffice.models import ABOUT_RECEIPTS, Action, Approval, Decision
from receipts.models import Receipt
from sync.office.correcting import Right


class OpenFilter(DropdownFilter):  # type: ignore[misc]  # unfold is untyped
    title = "Решение"
    parameter_name = "open"

    def lookups(self, request: HttpRequest, model_admin: object) -> list[tuple[str, str]]:
        return [("yes", "ждут подтверждения"), ("no", "решены")]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Approval]) -> QuerySet[Approval]:
        if self.value() == "yes":
            return queryset.filter(decision="")
        return queryset.exclude(decision="") if self.value() == "no" else queryset


@admin.register(Approval)
class ApprovalAdmin(base.ReadOnlyAdmin):
    list_display = ["what_shown", "subject_shown", "who_shown", "why_shown", "asked_shown", "decision_shown"]
    list_display_links = ["what_shown"]
    list_filter = [OpenFilter, ("action", ChoicesCheckboxFilter)]
    list_select_related = ["asked_by", "decided_by", "agent"]
    ordering = ["-asked_at"]
    change_form_outer_before_template = "backoffice/approval_acts.html"
    fieldsets = [
        (
            None,
            {
                "fields": [
                    ("what_shown", "decision_shown"),
                    ("subject_link", "agent_shown"),
                    "details_shown",
                    ("asker_shown", "asked_long"),
                    "reason_shown",
                    ("decider_shown", "decided_shown"),
                    "outcome_shown",
                ]
            },
        )
    ]

    def get_urls(self) -> list[URLPattern]:
        wrap = self.admin_site.admin_view
        return [
            path("<int:pk>/confirm/", wrap(self.confirm), name="backoffice_approval_confirm"),
            path("<int:pk>/decline/", wrap(self.decline), name="backoffice_approval_decline"),
            path("<int:pk>/withdraw/", wrap(self.withdraw), name="backoffice_approval_withdraw"),
            *super().get_urls(),
        ]

    def row_context(self, request: HttpRequest, row: Approval) -> dict[str, Any]:
        person = staff_session.person(request)
        return {
            "may_decide": approvals.may_decide(row, person),
            "may_withdraw": not row.decision and row.asked_by_id == person.pk,
            "office_code": row.action == Action.OFFICE_CODE and row.decision in _DONE,
        }

    def confirm(self, request: HttpRequest, pk: int) -> HttpResponse:
        """A fresh code of the authenticator, and it is done."""
        row, person = self._to_decide(request, pk)

        def do(typed: dict[str, Any]) -> str:
            now = timezone.now()
            totp.check_again(person, typed["token"], address=addresses.address_of(request), now=now)
            decided = approvals.confirm(pk, by=person, now=now)
            audit.note(person, row, f"{decided.get_decision_display()}: {row.get_action_display()}")
            return decided.outcome

        return acting.page(
            request,
            forms.ConfirmForm,
            do,
            title=row.get_action_display(),
            about=summary(row, whole=True),
            words=f"Просит {row.asked_by}: {show.visible(row.reason)}",
            button="Подтвердить",
            back=html.page_of(row),
        )

    def decline(self, request: HttpRequest, pk: int) -> HttpResponse:
        row, person = self._to_decide(request, pk)

        def do(typed: dict[str, Any]) -> str:
            approvals.decline(pk, by=person, reason=typed["reason"], now=timezone.now())
            audit.note(person, row, f"Отклонено: {row.get_action_display()}")
            return "Запрос отклонён."

        return acting.page(
            request,
            forms.ReasonForm,
            do,
            title=f"Отклонить: {row.get_action_display().lower()}",
            about=summary(row),
            words=f"Причину прочтёт тот, кто просил: {row.asked_by}.",
            button="Отклонить",
            back=html.page_of(row),
            danger=True,
        )

    def withdraw(self, request: HttpRequest, pk: int) -> HttpResponse:
        """The asker's own; no form, only a button."""
        row, person = get_object_or_404(Approval, pk=pk), staff_session.person(request)
        if request.method != "POST" or not person.has_perm(roles.ASK):
            raise PermissionDenied
        try:
            approvals.withdraw(pk, by=person, now=timezone.now())
            audit.note(person, row, f"Запрос отозван: {row.get_action_display()}")
            messages.success(request, "Запрос отозван.")
        except RefusalError as refusal:
            messages.error(request, refusal.message)
        return redirect(html.page_of(row))

    def _to_decide(self, request: HttpRequest, pk: int) -> tuple[Approval, User]:
        person = staff_session.person(request)
        if not person.has_perm(roles.CONFIRM):
            raise PermissionDenied
        return get_object_or_404(Approval, pk=pk), person

    @admin.display(description="Что")
    def what_shown(self, row: Approval) -> str:
        return row.get_action_display()

    @admin.display(description="К чему")
    def subject_shown(self, row: Approval) -> SafeString | str:
        return html.clipped(summary(row))

    @admin.display(description="К чему")
    def subject_link(self, row: Approval) -> SafeString | str:
        if row.action in ABOUT_RECEIPTS:
            return html.link(Receipt.objects.filter(pk=row.subject).first())
        return html.link(row.agent)

    @admin.display(description="Агент")
    def agent_shown(self, row: Approval) -> SafeString | str:
        return html.link(row.agent)

    @admin.display(description="Подробно")
    def details_shown(self, row: Approval) -> SafeString | str:
        return html.text(summary(row))

    @admin.display(description="Кто")
    def who_shown(self, row: Approval) -> SafeString | str:
        return html.text(story.who_decided(row))

    @admin.display(description="Просит")
    def asker_shown(self, row: Approval) -> SafeString | str:
        return html.text(str(row.asked_by))

    @admin.display(description="Почему")
    def why_shown(self, row: Approval) -> SafeString | str:
        return html.clipped(row.reason)

    @admin.display(description="Почему")
    def reason_shown(self, row: Approval) -> SafeString | str:
        return html.text(row.reason)

    @admin.display(description="Ждёт", ordering="asked_at")
    def asked_shown(self, row: Approval) -> SafeString | str:
        return html.at(row.asked_at) if row.decision else ageing.badge(row.asked_at, timezone.now())

    @admin.display(description="Когда")
    def asked_long(self, row: Approval) -> SafeString | str:
        return html.at(row.asked_at)

    @admin.display(description="Решение", ordering="decision")
    def decision_shown(self, row: Approval) -> SafeString:
        return story.decision_badge(row)

    @admin.display(description="Решил")
    def decider_shown(self, row: Approval) -> SafeString | str:
        return html.text(str(row.decided_by)) if row.decided_by else html.NOTHING

    @admin.display(description="Когда решено")
    def decided_shown(self, row: Approval) -> SafeString | str:
        return html.at(row.decided_at)

    @admin.display(description="Что вышло")
    def outcome_shown(self, row: Approval) -> SafeString | str:
        return html.text(row.outcome)


_DONE = {Decision.CONFIRMED, Decision.ALONE}


def summary(row: Approval, *, whole: bool = False) -> str:
    """What it is about, in one line; a phone number is masked but for whoever decides (`whole`): he has to
    compare it with what the agent says.
    """
    match row.action:
        case Action.ANNUL | Action.RELEASE | Action.REFUND | Action.CORRECT:
            receipt = Receipt.objects.filter(pk=row.subject).defer("envelope").first()
            if receipt is None:
                return "—"
            what = _reversal(row, receipt)
            return f"{receipt.number} · {show.amount(receipt.amount)}" + (f" · {what}" if what else "")
        case Action.OFFICE_CODE:
            attempt = LoginAttempt.objects.filter(attempt=row.subject).first()
            sign = attempt.sign if attempt else "—"
            number = row.agent.phone_number if row.agent else None
            return f"{row.agent}, {show.masked_number(number)}, знаки {sign}"
        case Action.NUMBER:
            number = row.params.get("phone_number")
            return f"{row.agent}, новый номер {(show.phone_number if whole else show.masked_number)(number)}"
    return str(row.agent)


def _reversal(row: Approval, receipt: Receipt) -> str:
    """Who paid out, or what becomes of what: the second person confirms these words."""
    if row.action == Action.REFUND:
        return f"{reversal_forms.payout_of(row.params).words}, клиент получает {show.amount(receipt.amount)}"
    if row.action == Action.CORRECT:
        right = reversal_forms.right_of(row.params)
        told = Right.of(receipt).differences(right)
        difference = right.amount - receipt.amount
        if difference:
            more = "больше" if difference > 0 else "меньше"
            told.append(f"наличных {more} на {show.amount(abs(difference))}")
        return "; ".join(told)
    return ""
