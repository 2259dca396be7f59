"""The office's admin site: Django's, under the office's theme, behind a password and a code."""

from typing import Any

from django.contrib.admin.sites import AdminSite
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.template.response import TemplateResponse
from django.urls import URLPattern, URLResolver, path
from django.utils import timezone
from django.utils.decorators import method_decorator
from django.views.decorators.cache import never_cache
from unfold.sites import UnfoldAdminSite

from backoffice import dashboard, html, navigation, second_step, staff_session
from backoffice.login_form import OfficeLoginForm


class OfficeSite(UnfoldAdminSite):  # type: ignore[misc]  # unfold is untyped
    """Django's admin under the office's name and theme.

    Its colours stand in `office.css`: the inline `<style>` that the theme would write them into is what a
    strict policy forbids (docs/adr/0005-admin-theme-and-csp.md).
    """

    login_form = OfficeLoginForm
    index_template = "backoffice/index.html"
    index_title = "Сегодня"
    enable_nav_sidebar = True

    def each_context(self, request: HttpRequest) -> dict[str, Any]:
        context: dict[str, Any] = super().each_context(request)
        return context | {"colors": None, "place": navigation.place(request)}

    def has_permission(self, request: HttpRequest) -> bool:
        """Staff who have typed password and code, not too long ago (P20)."""
        return staff_session.is_half_open(request) and staff_session.is_open(request, now=timezone.now())

    def get_urls(self) -> list[URLPattern | URLResolver]:
        return [path("login/code/", self.second_step, name="second_step"), *super().get_urls()]

    @method_decorator(never_cache)
    def login(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse | HttpResponseBase:
        """The password; whoever has typed it goes on to the code."""
        answer: HttpResponse = AdminSite.login(self, request, extra_context)
        if staff_session.is_half_open(request) and not self.has_permission(request):
            return second_step.go(request)
        return answer

    @method_decorator(never_cache)
    def second_step(self, request: HttpRequest) -> HttpResponse:
        return second_step.answer(request, self.each_context(request))

    def index(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> TemplateResponse:
        now = timezone.now()
        pause = dashboard.pause_now(now)
        figures = {
            "cards": [card for card in dashboard.to_do(now) if card.is_for(request.user)],
            "states": list(dashboard.by_state()) if dashboard.sees_receipts(request.user) else [],
            "pause": html.text(pause.reason) if pause else None,
        }
        answer: TemplateResponse = super().index(request, (extra_context or {}) | figures)
        return answer
