"""People: agents, who log in by SMS, and staff, who log in here by a password."""

import uuid
from typing import Any

from django import forms
from django.contrib import admin
from django.contrib.auth.admin import UserAdmin
from django.contrib.auth.models import Group
from django.core.exceptions import ValidationError
from django.db.models import Model, QuerySet
from django.http import HttpRequest
from django.utils import timezone
from django.utils.safestring import SafeString
from unfold.contrib.filters.admin import ChoicesCheckboxFilter, DropdownFilter
from unfold.forms import AdminPasswordChangeForm, UserChangeForm
from unfold.widgets import UnfoldAdminTextInputWidget

from accounts import phone_numbers
from accounts.models import AgentStatus, User
from backoffice import html, search, show
from backoffice.admin import base
from receipts.text import is_hostile

AGENT_BADGES = {
    AgentStatus.WORKING: "done",
    AgentStatus.HANDOVER_ONLY: "waiting",
    AgentStatus.CLOSED: "annulled",
}
#: what makes a person powerful: changed by superusers only, until the roles come
_POWERS = ["is_staff", "is_superuser"]

admin.site.unregister(Group)


def _readable(name: str) -> str:
    """Names stand on receipts, in KIAS and in page titles: no hidden sign gets into them (P31)."""
    if is_hostile(name):
        raise ValidationError("Здесь есть скрытые знаки. Сотрите и наберите имя заново.")
    return name


class CleanPerson:
    """One spelling for all phone numbers, whatever is typed; an agent cannot do without one; clean names."""

    def clean_phone_number(self) -> str | None:
        typed = (self.cleaned_data.get("phone_number") or "").strip()  # type: ignore[attr-defined]
        if not typed:
            return None
        number = phone_numbers.normalise(typed)
        if number is None:
            raise ValidationError(phone_numbers.PhoneNumberError.message)
        return number

    def clean_last_name(self) -> str:
        return _readable(self.cleaned_data["last_name"])  # type: ignore[attr-defined]

    def clean_first_name(self) -> str:
        return _readable(self.cleaned_data["first_name"])  # type: ignore[attr-defined]

    def clean_middle_name(self) -> str:
        return _readable(self.cleaned_data["middle_name"])  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or {}  # type: ignore[misc]
        without_number = not cleaned.get("phone_number") and "phone_number" not in self.errors  # type: ignore[attr-defined]
        if cleaned.get("agent_status") and without_number:
            self.add_error("phone_number", "Агент входит по коду из SMS: укажите его телефон.")  # type: ignore[attr-defined]
        return cleaned


def _phone_number_field() -> forms.CharField:
    """Wider than the column: what is typed holds spaces, brackets and dashes."""
    return forms.CharField(
        label="телефон", max_length=40, required=False, widget=UnfoldAdminTextInputWidget()
    )


class NewPersonForm(CleanPerson, forms.ModelForm):  # type: ignore[type-arg]
    """A new person. Staff get their password on the next page; agents never need one."""

    phone_number = _phone_number_field()

    class Meta:
        model = User
        fields = ["last_name", "first_name", "middle_name", "phone_number", "agent_status", "agent_contract"]

    def save(self, commit: bool = True) -> User:
        person: User = super().save(commit=False)
        person.username = f"person-{uuid.uuid4().hex[:12]}"
        person.set_unusable_password()
        if commit:
            person.save()
        return person


class PersonForm(CleanPerson, UserChangeForm):  # type: ignore[misc]  # unfold is untyped
    phone_number = _phone_number_field()


class RoleFilter(DropdownFilter):  # type: ignore[misc]  # unfold is untyped
    title = "Кто"
    parameter_name = "role"

    def lookups(self, request: HttpRequest, model_admin: object) -> list[tuple[str, str]]:
        return [("agent", "агенты"), ("staff", "сотрудники офиса")]

    def queryset(self, request: HttpRequest, queryset: QuerySet[User]) -> QuerySet[User]:
        if self.value() == "agent":
            return queryset.exclude(agent_status="")
        return queryset.filter(is_staff=True) if self.value() == "staff" else queryset


@admin.register(User)
class PersonAdmin(UserAdmin, base.OfficeAdmin):  # type: ignore[type-arg]
    form = PersonForm
    add_form = NewPersonForm
    add_form_template = None
    change_password_form = AdminPasswordChangeForm
    list_display = ["name_shown", "agent_shown", "phone_shown", "staff_shown", "contract_shown"]
    list_display_links = ["name_shown"]
    list_filter = [RoleFilter, ("agent_status", ChoicesCheckboxFilter)]
    search_fields = ["last_name"]  # only opens the search field: see get_search_results
    search_help_text = "Фамилия, имя, телефон или логин"
    ordering = ["last_name", "first_name"]
    filter_horizontal = ()
    readonly_fields = ["status_since_shown", "last_login_shown"]
    fieldsets = [
        ("Человек", {"fields": [("last_name", "first_name"), "middle_name"]}),
        (
            "Агент",
            {
                "description": "Агент входит в приложение по коду из SMS. «Только передача» — новые "
                "квитанции не оформляет, оставшиеся передаёт; «закрыт» — всё, что придёт, "
                "сначала проверяет офис.",
                "fields": [("phone_number", "agent_contract"), ("agent_status", "status_since_shown")],
            },
        ),
        (
            "Сотрудник офиса",
            {
                "description": "Вход на эту страницу — по логину и паролю. Агенту они не нужны.",
                "fields": [
                    ("username", "password"),
                    ("is_staff", "is_superuser"),
                    "last_login_shown",
                ],
            },
        ),
    ]
    add_fieldsets = [
        ("Человек", {"fields": [("last_name", "first_name"), "middle_name"]}),
        (
            "Агент",
            {
                "description": "Сотруднику офиса не нужно: логин и пароль — на следующей странице.",
                "fields": [("phone_number", "agent_contract"), "agent_status"],
            },
        ),
    ]

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False  # receipts belong to people for ever; «закрыт» ends an agent's work

    def has_change_permission(self, request: HttpRequest, obj: User | None = None) -> bool:
        """Who may change a member of staff may also give him a password and come in as him."""
        allowed: bool = super().has_change_permission(request, obj)
        return allowed and (obj is None or not obj.is_staff or request.user.is_superuser)

    def get_readonly_fields(self, request: HttpRequest, obj: User | None = None) -> list[str]:
        fixed = list(super().get_readonly_fields(request, obj))
        return fixed if request.user.is_superuser else [*fixed, *_POWERS]

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[User], search_term: str
    ) -> tuple[QuerySet[User], bool]:
        return queryset.filter(search.people(search_term)), False

    def save_model(self, request: HttpRequest, obj: User, form: Any, change: bool) -> None:
        if "agent_status" in form.changed_data:
            obj.status_since = timezone.now()
        super().save_model(request, obj, form, change)

    @admin.display(description="Фамилия, имя, отчество", ordering="last_name")
    def name_shown(self, person: User) -> SafeString | str:
        return html.text(str(person))

    @admin.display(description="Работа агентом", ordering="agent_status")
    def agent_shown(self, person: User) -> SafeString | str:
        if not person.agent_status:
            return html.NOTHING
        status = AgentStatus(person.agent_status)
        return html.badge(AGENT_BADGES[status], status.label)

    @admin.display(description="Телефон", ordering="phone_number")
    def phone_shown(self, person: User) -> str:
        return show.phone_number(person.phone_number)

    @admin.display(description="Офис", ordering="is_staff")
    def staff_shown(self, person: User) -> SafeString | str:
        return html.badge("registered", "сотрудник") if person.is_staff else html.NOTHING

    @admin.display(description="Договор агента", ordering="agent_contract")
    def contract_shown(self, person: User) -> SafeString | str:
        return html.text(person.agent_contract)

    @admin.display(description="С какого времени")
    def status_since_shown(self, person: User) -> SafeString | str:
        return html.at(person.status_since)

    @admin.display(description="Последний вход в офис")
    def last_login_shown(self, person: User) -> SafeString | str:
        return html.at(person.last_login)
