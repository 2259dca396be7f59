"""The office's admin site."""

from typing import Any

from django.http import HttpRequest
from django.template.response import TemplateResponse
from django.utils import timezone
from unfold.sites import UnfoldAdminSite

from backoffice import dashboard, html
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
        return context | {"colors": None}

    def index(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> TemplateResponse:
        now = timezone.now()
        pause = dashboard.pause_now(now)
        figures = {
            "cards": dashboard.to_do(now),
            "states": list(dashboard.by_state()),
            "pause": html.text(pause.reason) if pause else None,
        }
        answer: TemplateResponse = super().index(request, (extra_context or {}) | figures)
        return answer
