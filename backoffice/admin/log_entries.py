"""What the staff did and saw in the office: the audit's rows (backoffice.audit), to be read only."""

from django.contrib import admin
from django.contrib.admin.models import LogEntry
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.safestring import SafeString
from unfold.contrib.filters.admin import AutocompleteSelectFilter, DropdownFilter, RangeDateTimeFilter

from backoffice import audit, html
from backoffice.admin import base

_ACTIONS = {
    1: ("registered", "создание"),
    2: ("waiting", "изменение"),
    3: ("rejected", "удаление"),
    audit.SEEN: ("annulled", "просмотр"),
    audit.ENTERED: ("done", "вход"),
}


class ActionFilter(DropdownFilter):  # type: ignore[misc]  # unfold is untyped
    title = "Действие"
    parameter_name = "action_flag"

    def lookups(self, request: HttpRequest, model_admin: object) -> list[tuple[str, str]]:
        return [(str(flag), words) for flag, (_, words) in _ACTIONS.items()]

    def queryset(self, request: HttpRequest, queryset: QuerySet[LogEntry]) -> QuerySet[LogEntry]:
        flag = self.value() or ""
        return queryset.filter(action_flag=int(flag)) if flag.isdecimal() else queryset


@admin.register(LogEntry)
class LogEntryAdmin(base.ReadOnlyAdmin):
    list_display = ["at_shown", "user_shown", "action_shown", "what_shown", "change_shown"]
    list_filter = [ActionFilter, ("user", AutocompleteSelectFilter), ("action_time", RangeDateTimeFilter)]
    list_select_related = ["user", "content_type"]
    ordering = ["-action_time"]
    fields = [("at_shown", "user_shown"), ("action_shown", "what_shown"), "change_shown"]

    @admin.display(description="Когда", ordering="action_time")
    def at_shown(self, entry: LogEntry) -> SafeString | str:
        return html.at(entry.action_time)

    @admin.display(description="Кто", ordering="user")
    def user_shown(self, entry: LogEntry) -> SafeString | str:
        return html.text(str(entry.user))

    @admin.display(description="Действие", ordering="action_flag")
    def action_shown(self, entry: LogEntry) -> SafeString:
        return html.badge(*_ACTIONS.get(entry.action_flag, ("annulled", "другое")))

    @admin.display(description="Что")
    def what_shown(self, entry: LogEntry) -> SafeString | str:
        kind = entry.content_type.name if entry.content_type else ""
        return html.clipped(f"{kind}: {entry.object_repr}" if kind else entry.object_repr)

    @admin.display(description="Подробно")
    def change_shown(self, entry: LogEntry) -> SafeString | str:
        return html.text(entry.get_change_message())
