"""Deliveries to KIAS and the calls made for them: what the relay does, to be read only."""

from typing import Any

from django.contrib import admin
from django.db.models import Q
from django.http import HttpRequest
from django.utils import timezone
from django.utils.safestring import SafeString
from unfold.admin import TabularInline
from unfold.contrib.filters.admin import ChoicesCheckboxFilter, RangeDateTimeFilter

from accounts.models import User
from backoffice import call_words, html, navigation, search, show, story
from backoffice.admin import base
from receipts.models import Receipt
from receipts.text import short_name
from sync.models import Attempt, Delivery, Stage

STAGE_BADGES = {
    Stage.SAVE: "waiting",
    Stage.CHECK: "registered",
    Stage.DONE: "done",
    Stage.STOPPED: "annulled",
}


class AttemptLines:
    """How a call is shown, in its own list and on its delivery's page."""

    @admin.display(description="Что делали", ordering="operation")
    def operation_shown(self, attempt: Attempt) -> str:
        return attempt.get_operation_display()

    @admin.display(description="Начат", ordering="started_at")
    def started_shown(self, attempt: Attempt) -> SafeString | str:
        return html.at(attempt.started_at)

    @admin.display(description="Закончен", ordering="ended_at")
    def ended_shown(self, attempt: Attempt) -> SafeString | str:
        return html.at(attempt.ended_at)

    @admin.display(description="Исход", ordering="outcome")
    def outcome_shown(self, attempt: Attempt) -> SafeString:
        return story.outcome_badge(attempt.outcome)

    @admin.display(description="Подробности")
    def detail_shown(self, attempt: Attempt) -> SafeString | str:
        return html.text(call_words.words(attempt.detail))

    @admin.display(description="Метка в журнале")
    def correlation_shown(self, attempt: Attempt) -> SafeString | str:
        return html.code(attempt.correlation_id)


class AttemptInline(AttemptLines, TabularInline):  # type: ignore[misc]  # unfold is untyped
    model = Attempt
    verbose_name_plural = "Вызовы КИАС"
    fields = [
        "started_shown",
        "operation_shown",
        "outcome_shown",
        "detail_shown",
        "ended_shown",
        "correlation_shown",
    ]
    readonly_fields = fields
    can_delete = False
    max_num = 0
    extra = 0
    hide_title = True


@admin.register(Delivery)
class DeliveryAdmin(base.ReadOnlyAdmin):
    list_display = [
        "receipt_shown",
        "stage_shown",
        "agent_shown",
        "accepted_shown",
        "waits_shown",
        "due_shown",
        "error_shown",
    ]
    list_display_links = ["receipt_shown"]
    list_filter = [("stage", ChoicesCheckboxFilter), ("accepted_at", RangeDateTimeFilter)]
    list_select_related = ["receipt", "agent"]
    search_fields = ["receipt__number_folded"]
    search_help_text = "Номер квитанции"
    ordering = ["-accepted_at"]
    inlines = [AttemptInline]
    fieldsets = [
        (
            None,
            {
                "fields": [
                    ("stage_shown", "receipt_link"),
                    ("agent_shown", "accepted_shown"),
                    ("due_shown", "lease_shown"),
                    ("polls", "ask_shown"),
                    "error_shown",
                ]
            },
        )
    ]

    def get_list_display(self, request: HttpRequest) -> list[str]:
        """Ops see what waits and why, and no person (spec «Back office»)."""
        hidden = set() if navigation.may_see(request, User) else {"agent_shown"}
        return [column for column in self.list_display if column not in hidden]

    def get_fieldsets(self, request: HttpRequest, obj: Delivery | None = None) -> Any:
        if navigation.may_see(request, Receipt):
            return self.fieldsets
        shown = [
            ("stage_shown", "receipt_shown"),
            ("accepted_shown", "due_shown"),
            ("lease_shown", "polls"),
            "ask_shown",
            "error_shown",
        ]
        return [(None, {"fields": shown})]

    def sought(self, typed: str) -> Q:
        return search.number("receipt__number_folded", typed)

    @admin.display(description="Шаг", ordering="stage")
    def stage_shown(self, delivery: Delivery) -> SafeString:
        return html.badge(STAGE_BADGES[Stage(delivery.stage)], Stage(delivery.stage).label)

    @admin.display(description="Квитанция", ordering="receipt__number")
    def receipt_shown(self, delivery: Delivery) -> SafeString | str:
        return html.number(delivery.receipt.number)

    @admin.display(description="Квитанция")
    def receipt_link(self, delivery: Delivery) -> SafeString | str:
        return html.link(delivery.receipt)

    @admin.display(description="Агент", ordering="agent__last_name")
    def agent_shown(self, delivery: Delivery) -> SafeString | str:
        return html.text(short_name(str(delivery.agent), is_person=True))

    @admin.display(description="Принята", ordering="accepted_at")
    def accepted_shown(self, delivery: Delivery) -> SafeString | str:
        return html.at(delivery.accepted_at)

    @admin.display(description="Ждёт")
    def waits_shown(self, delivery: Delivery) -> str:
        if delivery.stage != Stage.SAVE:
            return html.NOTHING
        return show.ago(delivery.accepted_at, timezone.now())

    @admin.display(description="Следующая попытка", ordering="due_at")
    def due_shown(self, delivery: Delivery) -> SafeString | str:
        return html.at(delivery.due_at)

    @admin.display(description="Сейчас в работе до")
    def lease_shown(self, delivery: Delivery) -> SafeString | str:
        return html.at(delivery.lease_until)

    @admin.display(description="Сначала спросить КИАС")
    def ask_shown(self, delivery: Delivery) -> SafeString | str:
        return html.text(story.ASK_FIRST.get(delivery.ask_first, delivery.ask_first))

    @admin.display(description="Последняя ошибка")
    def error_shown(self, delivery: Delivery) -> SafeString | str:
        return html.clipped(call_words.words(delivery.last_error))


@admin.register(Attempt)
class AttemptAdmin(AttemptLines, base.ReadOnlyAdmin):
    list_display = [
        "started_shown",
        "operation_shown",
        "outcome_shown",
        "receipt_shown",
        "detail_shown",
        "ended_shown",
    ]
    list_filter = [("outcome", ChoicesCheckboxFilter), ("operation", ChoicesCheckboxFilter)]
    list_select_related = ["delivery__receipt"]
    search_fields = ["delivery__receipt__number_folded", "correlation_id"]
    search_help_text = "Номер квитанции или метка в журнале"
    ordering = ["-id"]
    fields = [
        ("started_shown", "ended_shown"),
        ("operation_shown", "outcome_shown"),
        ("receipt_shown", "why_shown"),
        "detail_shown",
        "correlation_shown",
    ]

    def sought(self, typed: str) -> Q:
        return search.number("delivery__receipt__number_folded", typed) | Q(correlation_id=typed)

    @admin.display(description="Квитанция")
    def receipt_shown(self, attempt: Attempt) -> SafeString | str:
        return html.link(attempt.delivery)  # from there the office goes on to the receipt, ops do not

    @admin.display(description="Почему")
    def why_shown(self, attempt: Attempt) -> SafeString | str:
        return html.text(story.ASK_FIRST.get(attempt.why, attempt.why))
