"""«Принять файл с телефона»: a rescue file is shown first, then taken in like a batch (P36, F35)."""

from typing import Any

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.views.decorators.http import require_POST
from unfold.widgets import UnfoldAdminFileFieldWidget

from accounts.refusals import RefusalError
from backoffice import audit, html, show, staff_session
from backoffice.admin import base
from backoffice.admin.rescue_page import RescuePage, counted
from sync.models.rescue import RescueImport
from sync.rescue import importing
from sync.rescue.file_format import MAX_BYTES, TooLargeFileError

ADD, CHANGE = "sync.add_rescueimport", "sync.change_rescueimport"


class RescueForm(forms.Form):
    file = forms.FileField(
        label="Файл с телефона",
        widget=UnfoldAdminFileFieldWidget(attrs={"accept": ".txt,.kias"}),
        help_text="Его имя начинается с «kias-», размер до 2 МБ.",
        error_messages={
            "required": "Выберите файл, который прислал агент.",
            "invalid": "Файл не дошёл до сервера. Выберите его ещё раз.",
            "empty": "Файл пустой: он не дошёл целиком. Попросите агента прислать его ещё раз.",
        },
    )


@admin.register(RescueImport)
class RescueImportAdmin(RescuePage, base.ReadOnlyAdmin):
    list_display = ["uploaded_shown", "state_shown", "phone_shown", "agent_shown", "count_shown", "by_shown"]
    list_display_links = ["uploaded_shown"]
    list_select_related = ["installation__agent", "uploaded_by", "imported_by"]
    ordering = ["-uploaded_at"]
    has_staff_history = True
    change_list_template = "backoffice/rescue_list.html"
    change_form_outer_before_template = "backoffice/rescue_contents.html"

    def get_queryset(self, request: HttpRequest) -> QuerySet[RescueImport]:
        found: QuerySet[RescueImport] = super().get_queryset(request)
        return found.defer("file")

    def get_urls(self) -> list[URLPattern]:
        wrap = self.admin_site.admin_view
        return [
            path("upload/", wrap(self.upload), name="sync_rescueimport_upload"),
            path("<int:pk>/take/", wrap(require_POST(self.take)), name="sync_rescueimport_take"),
            *super().get_urls(),
        ]

    def list_context(self, request: HttpRequest) -> dict[str, Any]:
        return {"may_upload": request.user.has_perm(ADD)}

    def row_context(self, request: HttpRequest, row: RescueImport) -> dict[str, Any]:
        return self.page_of(row, may_take=request.user.has_perm(CHANGE))

    def upload(self, request: HttpRequest) -> HttpResponse:
        """Keep the file and show what is in it; one that was taken in before leads to what came of it."""
        if not request.user.has_perm(ADD):
            raise PermissionDenied
        form = RescueForm(request.POST or None, request.FILES or None)
        if request.method == "POST":
            form = RescueForm(request.POST, request.FILES)
            try:
                if int(request.META.get("CONTENT_LENGTH") or 0) > MAX_BYTES + 16_384:
                    raise TooLargeFileError
                if form.is_valid():
                    return self._kept(request, form.cleaned_data["file"].read())
            except RefusalError as refusal:
                form.errors.pop("file", None)
                form.add_error("file", refusal.message)
        context = self.admin_site.each_context(request) | {
            "title": "Принять файл с телефона",
            "form": form,
            "back": reverse("admin:sync_rescueimport_changelist"),
        }
        return TemplateResponse(request, "backoffice/rescue_upload.html", context)

    def _kept(self, request: HttpRequest, raw: bytes) -> HttpResponse:
        person = staff_session.person(request)
        row, is_new = importing.keep(raw, staff=person, now=timezone.now())
        if is_new:
            audit.note(person, row, f"Файл с телефона загружен: конвертов {row.envelopes}")
        elif row.imported_at:
            when = f"{show.moscow(row.imported_at)} (МСК)"
            messages.info(request, f"Этот файл уже принят {when}, {row.imported_by}. Ничего не изменилось.")
        return redirect(html.page_of(row))

    def take(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Hand every envelope to the intake; asked again, it changes nothing."""
        if not request.user.has_perm(CHANGE):
            raise PermissionDenied
        row = get_object_or_404(RescueImport.objects.defer("file"), pk=pk)
        person = staff_session.person(request)
        try:
            done = importing.take_in(pk, staff=person, now=timezone.now())
        except RefusalError as refusal:
            messages.warning(request, refusal.message)
        else:
            words = counted(done.answers)
            audit.note(person, done, f"Файл с телефона принят: {words}")
            messages.success(request, f"Файл принят: {words}.")
        return redirect(html.page_of(row))
