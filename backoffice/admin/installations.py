"""Agents' phones: when each was heard of, what it says is still waiting on it; a lost one is revoked."""

from django import forms
from django.contrib import admin, messages
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.safestring import SafeString
from unfold.admin import TabularInline
from unfold.contrib.filters.admin import AutocompleteSelectFilter
from unfold.decorators import action
from unfold.enums import ActionVariant
from unfold.forms import BaseDialogForm
from unfold.widgets import UnfoldAdminTextareaWidget

from accounts import installations
from accounts.audit_stream import AuditStreamError
from accounts.models import AgentNotice, Installation, InstallationCode
from backoffice import counters, html, show
from backoffice.admin import base
from backoffice.admin.installation_filters import RevokedFilter, TroubleFilter, WaitingFilter
from backoffice.admin.installation_says import PhoneSays
from receipts.text import short_name

CODE_REASONS = {
    "registered": "первый вход",
    "clone": "копия телефона или откат хранилища",
    "restored": "после восстановления сервера",
}


class RevokeForm(BaseDialogForm):  # type: ignore[misc]  # unfold is untyped
    reason = forms.CharField(
        label="Причина",
        max_length=300,
        widget=UnfoldAdminTextareaWidget(attrs={"rows": "3"}),
        help_text="Что случилось с телефоном и кто об этом сказал. Останется в истории.",
    )


class NoticeInline(TabularInline):  # type: ignore[misc]  # unfold is untyped
    model = AgentNotice
    verbose_name_plural = "Что сообщили агенту на этот телефон"
    fields = ["at_shown", "text_shown", "read_shown"]
    readonly_fields = fields
    can_delete = False
    max_num = 0
    extra = 0
    hide_title = True

    @admin.display(description="Когда")
    def at_shown(self, notice: AgentNotice) -> SafeString | str:
        return html.at(notice.at)

    @admin.display(description="Сообщение")
    def text_shown(self, notice: AgentNotice) -> SafeString | str:
        return html.text(notice.text)

    @admin.display(description="Прочитано")
    def read_shown(self, notice: AgentNotice) -> SafeString | str:
        return html.at(notice.read_at)


class CodeInline(TabularInline):  # type: ignore[misc]  # unfold is untyped
    model = InstallationCode
    verbose_name_plural = "Коды этой установки"
    fields = ["code_shown", "given_shown", "reason_shown"]
    readonly_fields = fields
    can_delete = False
    max_num = 0
    extra = 0
    hide_title = True

    @admin.display(description="Код")
    def code_shown(self, code: InstallationCode) -> SafeString | str:
        return html.number(code.code)

    @admin.display(description="Выдан")
    def given_shown(self, code: InstallationCode) -> SafeString | str:
        return html.at(code.given_at)

    @admin.display(description="Почему")
    def reason_shown(self, code: InstallationCode) -> SafeString | str:
        return html.text(CODE_REASONS.get(code.reason, code.reason))


@admin.register(Installation)
class InstallationAdmin(PhoneSays, base.ReadOnlyAdmin):
    list_display = [
        "code",
        "access_shown",
        "agent_shown",
        "contact_shown",
        "waiting_shown",
        "waiting_sum_shown",
        "trouble_shown",
        "name_shown",
    ]
    list_display_links = ["code"]
    list_filter = [RevokedFilter, WaitingFilter, TroubleFilter, ("agent", AutocompleteSelectFilter)]
    list_select_related = ["agent"]
    search_fields = ["code", "agent__last_name"]
    search_help_text = "Код установки или фамилия агента"
    ordering = ["-last_contact_at", "-registered_at"]
    inlines = [CodeInline, NoticeInline]
    has_staff_history = True
    actions_detail = ["revoke"]
    fieldsets = [
        (
            "Телефон агента",
            {
                "fields": [
                    ("access_shown", "agent_link"),
                    ("code", "name_shown"),
                    ("registered_shown", "contact_shown"),
                    "reads_from_shown",
                ]
            },
        ),
        (
            "Что на нём",
            {
                "description": "Со слов самого телефона, при последней связи.",
                "fields": [
                    ("waiting_shown", "waiting_sum_shown"),
                    ("counter", "version_shown"),
                    "skew_shown",
                    "space_shown",
                    "persisted_shown",
                    "gaps_shown",
                ],
            },
        ),
    ]

    @action(  # type: ignore[untyped-decorator]  # unfold is untyped
        description="Отозвать",
        icon="block",
        variant=ActionVariant.DANGER,
        permissions=["revoke"],
        url_path="revoke",
        dialog={
            "title": "Отозвать установку?",
            "description": "Телефон потерян или украден? Его сеанс закончится при следующем обращении, "
            "а всё, что он ещё пришлёт, сначала проверит офис. Принятые квитанции не пострадают. "
            "Вернуть доступ этой установке нельзя: агент войдёт заново и получит новую.",
            "form_class": RevokeForm,
            "form_submit_text": "Отозвать",
        },
    )
    def revoke(self, request: HttpRequest, form: RevokeForm, object_id: str) -> HttpResponse:
        found = Installation.objects.get(pk=object_id)
        try:
            installations.revoke(found, now=timezone.now())
        except AuditStreamError as refusal:
            self.message_user(request, refusal.message, messages.ERROR)
            return HttpResponse(headers={"HX-Redirect": html.page_of(found)})
        self.log_change(request, found, f"Установка отозвана. Причина: {form.cleaned_data['reason']}")
        self.message_user(request, f"Установка {found.code} отозвана.", messages.SUCCESS)
        return HttpResponse(headers={"HX-Redirect": html.page_of(found)})  # the dialog is htmx's

    def has_revoke_permission(self, request: HttpRequest, object_id: str | None = None) -> bool:
        """Whoever may change installations, for one that is not revoked yet."""
        if not request.user.has_perm("accounts.change_installation"):
            return False
        return object_id is None or Installation.objects.filter(pk=object_id, revoked_at=None).exists()

    @admin.display(description="Доступ", ordering="revoked_at")
    def access_shown(self, row: Installation) -> SafeString:
        if row.revoked_at is None:
            return html.badge("done", "действует")
        return html.badge("rejected", f"отозвана {show.moscow(row.revoked_at)}")

    @admin.display(description="Агент", ordering="agent__last_name")
    def agent_shown(self, row: Installation) -> SafeString | str:
        return html.text(short_name(str(row.agent), is_person=True))

    @admin.display(description="Агент")
    def agent_link(self, row: Installation) -> SafeString | str:
        return html.link(row.agent)

    @admin.display(description="Устройство", ordering="name")
    def name_shown(self, row: Installation) -> SafeString | str:
        return html.clipped(row.name)

    @admin.display(description="Зарегистрирована")
    def registered_shown(self, row: Installation) -> SafeString | str:
        return html.at(row.registered_at)

    @admin.display(description="Последняя связь", ordering="last_contact_at")
    def contact_shown(self, row: Installation) -> str:
        if row.last_contact_at is None:
            return "ещё не было"
        return (
            f"{show.moscow(row.last_contact_at)} (МСК), {show.ago(row.last_contact_at, timezone.now())} назад"
        )

    @admin.display(description="Прошлые квитанции")
    def reads_from_shown(self, row: Installation) -> str:
        if row.reads_from is None or row.reads_from <= timezone.now():
            return "видны"
        return f"откроются {show.moscow(row.reads_from)} (МСК): номер для входа недавно меняли"

    @admin.display(description="Пропуски номеров")
    def gaps_shown(self, row: Installation) -> SafeString | str:
        """Numbers that nothing accounts for: still on the phone, or a tail that never came (P18)."""
        found = counters.gaps_of(row)
        lines = [f"{code}: {', '.join(_range(*each) for each in ranges)}" for code, ranges in found if ranges]
        return html.text("; ".join(lines)) if lines else "нет"


def _range(first: int, last: int) -> str:
    return f"{first:05}" if first == last else f"{first:05}–{last:05}"
