"""People: agents, who log in by SMS, and staff, who log in here by a password."""

from collections.abc import Callable
from http import HTTPStatus
from typing import Any

from django.contrib import admin, messages
from django.contrib.auth.admin import UserAdmin
from django.contrib.auth.models import Group
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.models import Model, Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from unfold.contrib.filters.admin import ChoicesCheckboxFilter
from unfold.decorators import action
from unfold.forms import AdminPasswordChangeForm

from accounts import agents, audit_stream
from accounts.models import AgentStatus, User
from backoffice import html, search, staff_powers
from backoffice.admin import base
from backoffice.admin.people_filters import RoleFilter, WorkFilter
from backoffice.admin.person_acts import PersonActs
from backoffice.admin.person_page import PersonPage
from backoffice.person_forms import NewPersonForm, PersonForm

#: what makes a person powerful: changed by superusers only, until the roles come
_POWERS = ["is_staff", "is_superuser", "groups"]

admin.site.unregister(Group)


@admin.register(User)
class PersonAdmin(PersonPage, PersonActs, UserAdmin, base.OfficeAdmin):  # type: ignore[type-arg]
    form = PersonForm
    add_form = NewPersonForm
    add_form_template = None
    change_password_form = AdminPasswordChangeForm
    list_display = [
        "name_shown",
        "agent_shown",
        "phone_shown",
        "contact_shown",
        "staff_shown",
        "contract_shown",
    ]
    list_display_links = ["name_shown"]
    list_filter = [RoleFilter, WorkFilter, ("agent_status", ChoicesCheckboxFilter)]
    search_fields = ["last_name"]  # only opens the search field: see get_search_results
    search_help_text = "Фамилия, имя, телефон или логин"
    ordering = ["last_name", "first_name"]
    filter_horizontal = ()
    readonly_fields = [
        "status_since_shown",
        "last_login_shown",
        "contact_shown",
        "waiting_shown",
        "phones_shown",
        "number_shown",
    ]
    actions_detail = ["open_again"]
    fieldsets = [
        ("Человек", {"fields": [("last_name", "first_name"), "middle_name"]}),
        (
            "Агент",
            {
                "description": "Агент входит в приложение по коду из SMS. «Только передача» — новые "
                "квитанции не оформляет, оставшиеся передаёт; «закрыт» — всё, что придёт, "
                "сначала проверяет офис.",
                "fields": [
                    ("phone_number", "agent_contract"),
                    ("agent_status", "status_since_shown"),
                    "status_reason",
                    ("contact_shown", "waiting_shown"),
                    "phones_shown",
                ],
            },
        ),
        (
            "Сотрудник офиса",
            {
                "description": "Вход на эту страницу — по логину и паролю. Агенту они не нужны.",
                "fields": [
                    ("username", "password"),
                    ("is_staff", "is_superuser"),
                    "groups",
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

    def user_change_password(self, request: HttpRequest, id: str, form_url: str = "") -> HttpResponse:
        """Passwords open the office alone: for superusers. An operator who gave one to an agent would know
        it when that agent becomes a member of staff.
        """
        if not request.user.is_superuser:
            raise PermissionDenied
        page = super().user_change_password

        def change() -> HttpResponse:
            answer = page(request, id, form_url)
            if request.method == "POST" and answer.status_code == HTTPStatus.FOUND:
                staff_powers.write_down_password(id)
            return answer

        return self._written_down(request, change)

    def changeform_view(
        self,
        request: HttpRequest,
        object_id: str | None = None,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        page = super().changeform_view
        return self._written_down(request, lambda: page(request, object_id, form_url, extra_context))

    def _written_down(self, request: HttpRequest, page: Callable[[], HttpResponse]) -> HttpResponse:
        """The page; or, where a power cannot be written down outside the database, nothing is changed."""
        key = request.session.session_key
        try:
            with transaction.atomic():
                return page()
        except audit_stream.AuditStreamError as refusal:
            # A new password gives the session another key: undone in the database, so in this request, too.
            request.session = type(request.session)(key)
            self.message_user(request, refusal.message, messages.ERROR)
            return redirect(request.get_full_path())

    def save_related(self, request: HttpRequest, form: Any, formsets: Any, change: bool) -> None:
        super().save_related(request, form, formsets, change)
        if {*_POWERS} & {*form.changed_data}:
            staff_powers.write_down(form.instance)

    def get_form(
        self, request: HttpRequest, obj: User | None = None, change: bool = False, **given: Any
    ) -> Any:
        form: Any = super().get_form(request, obj, change=change, **given)
        form.staff = request.user
        return form

    def get_queryset(self, request: HttpRequest) -> QuerySet[User]:
        return agents.with_last_contact(super().get_queryset(request))

    def get_fieldsets(self, request: HttpRequest, obj: User | None = None) -> Any:
        """A number once set is shown, and changed by two people on a page of its own (P20, P25)."""
        fieldsets = super().get_fieldsets(request, obj)
        if obj is not None and not request.user.is_superuser:  # who is staff and in which role is set-up
            fieldsets = [given for given in fieldsets if given[0] != "Сотрудник офиса" or obj.is_staff]
        if obj is None or not obj.phone_number:
            return fieldsets
        return [
            (title, {**given, "fields": [_with_number_shown(row) for row in given["fields"]]})
            for title, given in fieldsets
        ]

    def get_readonly_fields(self, request: HttpRequest, obj: User | None = None) -> list[str]:
        fixed = list(super().get_readonly_fields(request, obj))
        if obj is not None and obj.phone_number:
            fixed.append("phone_number")
        return fixed if request.user.is_superuser else [*fixed, *_POWERS]

    def sought(self, typed: str) -> Q:
        return search.people(typed)

    def save_model(self, request: HttpRequest, obj: User, form: Any, change: bool) -> None:
        moves = "agent_status" in form.changed_data
        if not change:
            obj.status_since = timezone.now()
            moves = False
        wanted = obj.agent_status
        if moves:
            obj.agent_status = form.initial["agent_status"]  # it moves through its own door, below
        super().save_model(request, obj, form, change)
        if moves:
            self._move(request, obj, wanted, form.cleaned_data["status_reason"])

    def _move(self, request: HttpRequest, agent: User, wanted: str, reason: str) -> None:
        try:
            agents.set_status(agent, wanted, by=_staff(request), reason=reason, now=timezone.now())
        # reported by his phone since the form was checked; or it cannot be written down outside
        except (agents.UnsentLeftError, audit_stream.AuditStreamError) as refusal:
            self.message_user(request, refusal.message, messages.ERROR)
            return
        label = AgentStatus(wanted).label if wanted else "не агент"
        why = f" Причина: {reason}" if reason else ""
        self.log_change(request, agent, f"Работа агентом: {label}.{why}")

    @action(  # type: ignore[untyped-decorator]  # unfold is untyped
        description="Открыть вход",
        icon="lock_open",
        permissions=["open_again"],
        url_path="open-again",
        dialog={
            "title": "Открыть вход агенту?",
            "description": "Он давно не выходил на связь, поэтому вход закрыт. Убедитесь, что это он и "
            "что номер телефона по-прежнему его: код придёт на этот номер.",
            "form_class": None,
            "form_submit_text": "Открыть",
        },
    )
    def open_again(self, request: HttpRequest, form: object, object_id: str) -> HttpResponse:
        agent = User.objects.get(pk=object_id)
        agents.open_again(agent, by=_staff(request), now=timezone.now())
        self.log_change(request, agent, "Вход открыт после долгого молчания")
        self.message_user(request, f"{agent}: вход открыт.", messages.SUCCESS)
        return HttpResponse(headers={"HX-Redirect": html.page_of(agent)})  # the dialog is htmx's

    def has_open_again_permission(self, request: HttpRequest, object_id: str | None = None) -> bool:
        """Whoever may change this person, while his silence keeps him out."""
        if object_id is None:
            return request.user.has_perm("accounts.change_user")
        agent = User.objects.filter(agents.silent(timezone.now()), pk=object_id).first()
        return agent is not None and self.has_change_permission(request, agent)


def _staff(request: HttpRequest) -> User:
    """Who is logged in: the office's pages know nobody else."""
    if not isinstance(request.user, User):
        raise PermissionDenied
    return request.user


def _with_number_shown(row: Any) -> Any:
    if isinstance(row, str):
        return row
    return tuple("number_shown" if name == "phone_number" else name for name in row)
