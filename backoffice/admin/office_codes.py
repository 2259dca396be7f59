"""«Код из офиса»: an agent without SMS reads out four signs, two people give him a code, shown once (P16)."""

import uuid
from typing import Any

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.safestring import SafeString

from accounts import office_codes
from accounts.models import LoginAttempt, OfficeCode
from accounts.refusals import RefusalError
from backoffice import acting, approvals, audit, forms, html, roles, show, staff_session
from backoffice.admin import base
from backoffice.approvals import Wish
from backoffice.models import Action
from receipts.text import short_name


@admin.register(OfficeCode)
class OfficeCodeAdmin(base.ReadOnlyAdmin):
    list_display = ["agent_shown", "given_shown", "state_shown", "people_shown", "reason_shown"]
    list_display_links = ["agent_shown"]
    list_select_related = ["attempt__user", "asked_by", "confirmed_by"]
    ordering = ["-given_at"]
    change_list_template = "backoffice/office_codes.html"
    change_form_outer_before_template = "backoffice/office_code_acts.html"
    fieldsets = [
        (
            None,
            {
                "fields": [
                    ("agent_shown", "state_shown"),
                    ("given_shown", "valid_shown"),
                    ("shown_shown", "used_shown"),
                    ("people_shown", "reason_shown"),
                ]
            },
        )
    ]

    def get_urls(self) -> list[URLPattern]:
        wrap = self.admin_site.admin_view
        return [
            path("find/", wrap(self.find), name="accounts_officecode_find"),
            path("ask/<uuid:attempt_id>/", wrap(self.ask), name="accounts_officecode_ask"),
            path("<uuid:pk>/show/", wrap(self.show_once), name="accounts_officecode_show"),
            *super().get_urls(),
        ]

    def list_context(self, request: HttpRequest) -> dict[str, Any]:
        return {"may_ask": request.user.has_perm(roles.OFFICE_CODE)}

    def row_context(self, request: HttpRequest, row: OfficeCode) -> dict[str, Any]:
        return {"may_show": row.asked_by_id == request.user.pk and _may_be_shown(row)}

    def find(self, request: HttpRequest) -> HttpResponse:
        """First the signs; the page behind them says whose they are."""
        if not request.user.has_perm(roles.OFFICE_CODE):
            raise PermissionDenied
        typed = forms.SignForm(request.GET or None)
        if typed.is_valid():
            try:
                attempt = office_codes.find_attempt(typed.cleaned_data["sign"], now=timezone.now())
            except RefusalError as refusal:
                typed.add_error(None, refusal.message)
            else:
                return redirect("admin:accounts_officecode_ask", attempt.attempt)
        context = self.admin_site.each_context(request) | {
            "title": "Код для входа агента",
            "form": typed,
            "back": reverse("admin:accounts_officecode_changelist"),
        }
        return TemplateResponse(request, "backoffice/office_code_find.html", context)

    def ask(self, request: HttpRequest, attempt_id: uuid.UUID) -> HttpResponse:
        """Who it is; then a reason, and a senior confirms. Bound to the attempt: signs are given out anew."""
        if not request.user.has_perm(roles.OFFICE_CODE):
            raise PermissionDenied
        attempt = get_object_or_404(LoginAttempt, attempt=attempt_id)
        person = staff_session.person(request)
        wish = Wish(Action.OFFICE_CODE, str(attempt.attempt), attempt.user, {})
        two = approvals.takes_two(wish, person)

        def do(typed: dict[str, Any]) -> str:
            if attempt.user is None:
                raise office_codes.NobodysAttemptError
            asked = approvals.ask(wish, by=person, reason=typed["reason"], now=timezone.now())
            audit.note(person, attempt.user, "Просит код для входа агента")
            return asked.outcome or "Попросили старшего. Когда он подтвердит, код появится в этом списке."

        known = attempt.user
        if known is None:
            about = "Такого работающего агента нет: код не поможет."
        else:
            since = f"агент с {show.day(known.date_joined.date())}"
            about = f"{known} · {show.masked_number(attempt.phone_number)} · {since}"
        return acting.page(
            request,
            forms.ReasonForm,
            do,
            title="Код для входа агента",
            about=about,
            words="Убедитесь, что звонит сам агент: спросите то, чего не знает чужой. "
            "В причине напишите, почему нет SMS и как вы его узнали.",
            button="Попросить старшего" if two else "Выдать код",
            back=reverse("admin:accounts_officecode_changelist"),
        )

    def show_once(self, request: HttpRequest, pk: str) -> HttpResponse:
        """The six digits, on this page only and never again."""
        row = get_object_or_404(OfficeCode, pk=pk)
        person = staff_session.person(request)
        if request.method != "POST" or row.asked_by_id != person.pk:
            raise PermissionDenied
        context = self.admin_site.each_context(request) | {"back": html.page_of(row)}
        try:
            digits = office_codes.show(row, now=timezone.now())
        except RefusalError as refusal:
            context |= {"title": "Код не показан", "refusal": refusal.message}
        else:
            audit.note(person, row, "Показан код для входа", flag=audit.SEEN)
            context |= {"title": "Код для входа агента", "digits": f"{digits[:3]} {digits[3:]}"}
        return TemplateResponse(request, "backoffice/office_code.html", context)

    @admin.display(description="Агент")
    def agent_shown(self, row: OfficeCode) -> SafeString | str:
        return html.text(str(row.attempt.user)) if row.attempt.user else html.NOTHING

    @admin.display(description="Выдан", ordering="given_at")
    def given_shown(self, row: OfficeCode) -> SafeString | str:
        return html.at(row.given_at)

    @admin.display(description="Действует до")
    def valid_shown(self, row: OfficeCode) -> SafeString | str:
        return html.at(row.valid_until)

    @admin.display(description="Показан")
    def shown_shown(self, row: OfficeCode) -> SafeString | str:
        return html.at(row.shown_at)

    @admin.display(description="Использован")
    def used_shown(self, row: OfficeCode) -> SafeString | str:
        return html.at(row.used_at)

    @admin.display(description="Код")
    def state_shown(self, row: OfficeCode) -> SafeString:
        if row.used_at:
            return html.badge("done", "агент вошёл")
        if row.valid_until <= timezone.now():
            return html.badge("annulled", "время вышло")
        return html.badge("registered", "показан") if row.shown_at else html.badge("held", "ждёт показа")

    @admin.display(description="Кто выдал")
    def people_shown(self, row: OfficeCode) -> str:
        people = [row.asked_by, *([row.confirmed_by] if row.confirmed_by else [])]
        return " и ".join(short_name(str(person), is_person=True) for person in people)

    @admin.display(description="Причина")
    def reason_shown(self, row: OfficeCode) -> SafeString | str:
        return html.clipped(row.reason)


def _may_be_shown(row: OfficeCode) -> bool:
    return row.shown_at is None and row.valid_until > timezone.now()
