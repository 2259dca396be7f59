"""Pauses: while one is on, nothing is sent to KIAS; receipts are accepted as always."""

from datetime import datetime
from typing import Any

from django import forms
from django.contrib import admin
from django.db.models import Model
from django.http import HttpRequest
from django.utils import timezone
from django.utils.safestring import SafeString

from backoffice import html
from backoffice.admin import base
from backoffice.admin.windows import too_far
from sync.models import KiasPause


class PauseForm(forms.ModelForm):  # type: ignore[type-arg]
    def clean_started_at(self) -> datetime:
        begin: datetime = self._near("started_at")
        return begin

    def clean_ended_at(self) -> datetime | None:
        end: datetime | None = self._near("ended_at")
        return end

    def _near(self, name: str) -> Any:
        moment = self.cleaned_data[name]
        if name in self.changed_data and (against := too_far(moment, timezone.now())):
            raise forms.ValidationError(against)
        return moment


@admin.register(KiasPause)
class KiasPauseAdmin(base.OfficeAdmin):
    form = PauseForm
    list_display = ["started_shown", "state_shown", "ended_shown", "reason_shown"]
    list_display_links = ["started_shown"]
    ordering = ["-started_at"]
    fieldsets = [
        (
            None,
            {
                "description": "Пока идёт пауза, в КИАС ничего не передаётся. Квитанции принимаются "
                "как обычно и уйдут сами, когда она закончится. Время московское; "
                "пустое «до» — пока не отменят.",
                "fields": ["started_at", "ended_at", "reason"],
            },
        )
    ]

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False  # a pause that was on is evidence: later saves ask first because of it

    def get_changeform_initial_data(self, request: HttpRequest) -> dict[str, Any]:
        return {"started_at": timezone.now()}

    @admin.display(description="Сейчас")
    def state_shown(self, pause: KiasPause) -> SafeString:
        now = timezone.now()
        if pause.started_at > now:
            return html.badge("registered", "назначена")
        if pause.ended_at is None or pause.ended_at > now:
            return html.badge("held", "идёт")
        return html.badge("annulled", "закончилась")

    @admin.display(description="С", ordering="started_at")
    def started_shown(self, pause: KiasPause) -> SafeString | str:
        return html.at(pause.started_at)

    @admin.display(description="До", ordering="ended_at")
    def ended_shown(self, pause: KiasPause) -> SafeString | str:
        return html.at(pause.ended_at) if pause.ended_at else "пока не отменят"

    @admin.display(description="Почему")
    def reason_shown(self, pause: KiasPause) -> SafeString | str:
        return html.clipped(pause.reason)
