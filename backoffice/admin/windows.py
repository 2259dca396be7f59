"""KIAS's maintenance calendar (P37). Each window becomes a pause; one that has begun is changed there."""

from datetime import datetime, timedelta
from typing import Any

from django import forms
from django.contrib import admin
from django.db.models import Model, Sum
from django.http import HttpRequest
from django.utils import timezone
from django.utils.safestring import SafeString

from backoffice import html, show
from backoffice.admin import base
from sync.models import KiasWindow
from sync.relay import windows

_YEAR = timedelta(days=366)
_WEEK_MIN = 7 * 24 * 60


def too_far(moment: datetime | None, now: datetime) -> str:
    """What speaks against a moment that a person typed; empty: nothing. A slip of the year would rest KIAS
    for an age, and beyond year 9999 no calendar goes."""
    if moment is None or abs(moment - now) <= _YEAR:
        return ""
    return "Больше года отсюда: проверьте год."


class WindowForm(forms.ModelForm):  # type: ignore[type-arg]
    def clean_starts_at(self) -> datetime | None:
        once: datetime | None = self.cleaned_data["starts_at"]
        if "starts_at" in self.changed_data and (against := too_far(once, timezone.now())):
            raise forms.ValidationError(against)
        return once

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or {}
        weekday, time, once = (cleaned.get(name) for name in ("weekday", "time", "starts_at"))
        if self.errors:
            return cleaned
        if (
            once is None
            and cleaned["is_active"]
            and self._weekly_minutes(cleaned["minutes"]) > _WEEK_MIN // 2
        ):
            self.add_error("minutes", _MOST_OF_THE_WEEK)
        if once is None and weekday is None:
            self.add_error(
                "weekday", "Выберите день недели и время или укажите дату ниже, если это один раз."
            )
        elif once is not None and (weekday is not None or time is not None):
            self.add_error("starts_at", "Или каждую неделю, или один раз: оставьте одно.")
        elif once is None and time is None:
            self.add_error("time", "Укажите, во сколько начинается.")
        return cleaned

    def _weekly_minutes(self, minutes: int) -> int:
        """Of all active weekly lines together with this one: during them nobody is alarmed, so no line may
        make KIAS rest for ever."""
        others = KiasWindow.objects.filter(is_active=True, starts_at=None).exclude(pk=self.instance.pk)
        return minutes + (others.aggregate(sum=Sum("minutes"))["sum"] or 0)


_MOST_OF_THE_WEEK = (
    "Еженедельное обслуживание заняло бы больше половины недели: квитанции не успевали бы уйти. "
    "Если КИАС выключают надолго, поставьте паузу."
)


@admin.register(KiasWindow)
class KiasWindowAdmin(base.OfficeAdmin):
    form = WindowForm
    list_display = ["when_shown", "minutes_shown", "reason_shown", "active_shown"]
    list_display_links = ["when_shown"]
    list_filter = ["is_active"]
    ordering = ["weekday", "time", "starts_at"]
    fieldsets = [
        (
            None,
            {
                "description": "Во время обслуживания в КИАС ничего не передаётся и тревоги о нём нет; "
                "квитанции принимаются как обычно и уйдут сами. Время московское. "
                "Обслуживание, которое уже идёт, продлевают и заканчивают в «Паузах». "
                "Ненужное больше не удаляют, а выключают.",
                "fields": [("weekday", "time"), "starts_at", "minutes", "reason", "is_active"],
            },
        )
    ]

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False  # nobody deletes: what has been is evidence

    def save_model(self, request: HttpRequest, obj: KiasWindow, form: WindowForm, change: bool) -> None:
        super().save_model(request, obj, form, change)
        windows.plan(timezone.now())

    @admin.display(description="Когда")
    def when_shown(self, row: KiasWindow) -> SafeString | str:
        if row.starts_at:
            return html.at(row.starts_at)
        return f"каждую неделю: {row.get_weekday_display()}, {row.time:%H:%M}"

    @admin.display(description="Сколько")
    def minutes_shown(self, row: KiasWindow) -> str:
        return show.span(row.minutes * 60)

    @admin.display(description="Что делают")
    def reason_shown(self, row: KiasWindow) -> SafeString | str:
        return html.clipped(row.reason)

    @admin.display(description="Действует")
    def active_shown(self, row: KiasWindow) -> SafeString:
        return html.badge("done", "да") if row.is_active else html.badge("annulled", "выключено")
