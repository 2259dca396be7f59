"""What is done to a person on his page: a new number, closing (by two), a colleague's lost device."""

from typing import Any
from uuid import UUID

from django import forms as django_forms
from django.contrib.auth.models import Group
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from unfold.widgets import UnfoldAdminCheckboxSelectMultipleWidget

from accounts import addresses, agents, phone_change, phone_numbers
from accounts.models import AgentStatus, User
from backoffice import acting, approvals, audit, forms, html, roles, show, staff_session, totp
from backoffice.approvals import Wish
from backoffice.models import Action

CHANGE = "accounts.change_user"
ASKED = "Попросили старшего. Когда он подтвердит, это будет видно в «Ждут подтверждения»."


class RoleField(django_forms.ModelMultipleChoiceField):  # type: ignore[type-arg]
    def label_from_instance(self, group: Any) -> str:
        return roles.NAMES[roles.Role(group.name)]


class PersonActs:
    """Mixed into the person's admin class."""

    change_form_outer_before_template = "backoffice/person_acts.html"

    def get_urls(self) -> list[URLPattern]:
        wrap = self.admin_site.admin_view  # type: ignore[attr-defined]
        return [
            path("<uuid:pk>/number/", wrap(self.new_number), name="accounts_user_number"),
            path("<uuid:pk>/close/", wrap(self.close), name="accounts_user_close"),
            path("<uuid:pk>/reset-code/", wrap(self.reset_device), name="accounts_user_reset_code"),
            *super().get_urls(),  # type: ignore[misc]
        ]

    def row_context(self, request: HttpRequest, person: User) -> dict[str, Any]:
        return {"person_acts": self.acts_for(request, person)}

    def formfield_for_manytomany(self, db_field: Any, request: HttpRequest, **given: Any) -> Any:
        """«Роль»: by its Russian name; what it may do stands in backoffice.roles."""
        if db_field.name != "groups":
            return super().formfield_for_manytomany(db_field, request, **given)  # type: ignore[misc]
        return RoleField(
            Group.objects.filter(name__in=list(roles.Role)),
            label="Роль",
            required=False,
            help_text="Без роли сотрудник ничего не видит.",
            widget=UnfoldAdminCheckboxSelectMultipleWidget(),
        )

    def acts_for(self, request: HttpRequest, person: User) -> list[tuple[str, str, bool]]:
        """Words, address and whether it is grave, of each button of this person's page."""
        found = []
        if person.is_agent and request.user.has_perm(CHANGE):
            found.append(("Сменить номер", "number", False))
            if _has_to_be_asked(person):
                found.append(("Закрыть, хотя есть неотправленные", "close", True))
        if _may_reset(request, person):
            found.append(("Сбросить приложение с кодами", "reset_code", True))
        return [
            (words, reverse(f"admin:accounts_user_{name}", args=[person.pk]), grave)
            for words, name, grave in found
        ]

    def new_number(self, request: HttpRequest, pk: UUID) -> HttpResponse:
        """The agent has a new number: one asks, a senior confirms (P25)."""
        agent = _agent(request, pk)

        def do(typed: dict[str, Any]) -> str:
            number = phone_numbers.for_login(typed["phone_number"])
            if number == agent.phone_number:
                raise phone_change.SameNumberError("Это и есть номер агента.", field="phone_number")
            if User.objects.filter(phone_number=number).exists():
                raise phone_change.NumberInUseError(
                    "Этот номер записан за другим человеком.", field="phone_number"
                )
            wish = Wish(Action.NUMBER, str(agent.pk), agent, {"phone_number": number})
            return _ask(request, wish, typed["reason"])

        return acting.page(
            request,
            forms.NumberForm,
            do,
            title="Новый номер агента",
            about=f"{agent} · сейчас {show.phone_number(agent.phone_number)}",
            words="Убедитесь, что звонит сам агент. Старый номер получит SMS о смене. Подтвердит старший.",
            button="Попросить старшего",
            back=html.page_of(agent),
        )

    def close(self, request: HttpRequest, pk: UUID) -> HttpResponse:
        """End an agent's work although receipts wait on his phones (P17)."""
        agent = _agent(request, pk)
        left = agents.waiting(agent)

        def do(typed: dict[str, Any]) -> str:
            return _ask(request, Wish(Action.CLOSE, str(agent.pk), agent, {}), typed["reason"])

        return acting.page(
            request,
            forms.ReasonForm,
            do,
            title="Закрыть агента",
            about=f"{agent} · на телефонах {show.count(left.count, show.RECEIPT)} на {show.amount(left.sum)}",
            words="Войти и передать их он больше не сможет, а то, что придёт, сначала проверит офис. "
            "Подтвердит старший.",
            button="Попросить старшего",
            back=html.page_of(agent),
            danger=True,
        )

    def reset_device(self, request: HttpRequest, pk: UUID) -> HttpResponse:
        """A colleague's phone with the codes is gone: at his next login he sets up another."""
        colleague = get_object_or_404(User, pk=pk)
        if not _may_reset(request, colleague):
            raise PermissionDenied
        person = staff_session.person(request)

        def do(typed: dict[str, Any]) -> str:
            now = timezone.now()
            totp.check_again(person, typed["token"], address=addresses.address_of(request), now=now)
            totp.forget(colleague)
            audit.note(person, colleague, "Сброшено приложение с кодами")
            return "Сброшено. При следующем входе коллега подключит новое приложение."

        return acting.page(
            request,
            forms.ConfirmForm,
            do,
            title="Сбросить приложение с кодами",
            about=str(colleague),
            words="Убедитесь, что просит сам коллега. Его вход закончится, пароль останется прежним.",
            button="Сбросить",
            back=html.page_of(colleague),
            danger=True,
        )


def _agent(request: HttpRequest, pk: UUID) -> User:
    if not request.user.has_perm(CHANGE):
        raise PermissionDenied
    return get_object_or_404(User.objects.exclude(agent_status=""), pk=pk)


def _ask(request: HttpRequest, wish: Wish, reason: str) -> str:
    person = staff_session.person(request)
    asked = approvals.ask(wish, by=person, reason=reason, now=timezone.now())
    audit.note(person, wish.agent or person, f"Просит: {Action(wish.action).label.lower()}")
    return asked.outcome or ASKED


def _has_to_be_asked(person: User) -> bool:
    return person.agent_status != AgentStatus.CLOSED and agents.waiting(person).count > 0


def _may_reset(request: HttpRequest, person: User) -> bool:
    """A senior or superuser, for a colleague who has a device; nobody for himself."""
    return (
        request.user.has_perm(roles.RESET_DEVICE)
        and person.is_staff
        and person.pk != request.user.pk
        and totp.device_of(person) is not None
    )
