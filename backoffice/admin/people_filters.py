"""Ways to look at the list of people: who they are, and of whom the office has to think (P17, P25)."""

from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils import timezone
from unfold.contrib.filters.admin import DropdownFilter

from accounts import agents
from accounts.models import User


class RoleFilter(DropdownFilter):  # type: ignore[misc]  # unfold is untyped
    title = "Кто"
    parameter_name = "role"

    def lookups(self, request: HttpRequest, model_admin: object) -> list[tuple[str, str]]:
        return [("agent", "агенты"), ("staff", "сотрудники офиса")]

    def queryset(self, request: HttpRequest, queryset: QuerySet[User]) -> QuerySet[User]:
        if self.value() == "agent":
            return queryset.exclude(agent_status="")
        return queryset.filter(is_staff=True) if self.value() == "staff" else queryset


class WorkFilter(DropdownFilter):  # type: ignore[misc]  # unfold is untyped
    """Agents of whom the office has to think (P17, P25)."""

    title = "Присмотреть"
    parameter_name = "care"

    def lookups(self, request: HttpRequest, model_admin: object) -> list[tuple[str, str]]:
        return [
            ("unsent", "уволены, есть неотправленные"),
            ("due", "срок передачи прошёл: пора закрыть"),
            ("silent", "давно молчат: вход закрыт"),
        ]

    def queryset(self, request: HttpRequest, queryset: QuerySet[User]) -> QuerySet[User]:
        match self.value():
            case "unsent":
                return queryset.filter(agents.dismissed_with_unsent())
            case "due":
                return queryset.filter(agents.due_to_close(timezone.now()))
            case "silent":
                return queryset.filter(agents.silent(timezone.now()))
            case _:
                return queryset
