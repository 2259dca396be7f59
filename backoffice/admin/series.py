"""Series of online numbers: what each has left, which phone has which number, what phones have spoiled."""

from collections.abc import Sequence
from typing import Any

from django.contrib import admin
from django.db.models import Count, Model, Q, QuerySet
from django.http import HttpRequest
from django.utils.safestring import SafeString
from unfold.contrib.filters.admin import AutocompleteSelectFilter, DropdownFilter, RangeDateTimeFilter

from backoffice import html, show
from backoffice.admin import base
from backoffice.series_form import SeriesForm
from receipts import series
from receipts.models import NumberReservation, NumberSeries, Receipt, SpoiledNumber

_FROZEN = ["prefix", "digits", "first"]


class FateFilter(DropdownFilter):  # type: ignore[misc]  # unfold is untyped
    title = "Что с номером"
    parameter_name = "fate"

    def lookups(self, request: HttpRequest, model_admin: object) -> list[tuple[str, str]]:
        return [("open", "ждёт квитанции"), ("spent", "использован"), ("void", "аннулирован")]

    def queryset(
        self, request: HttpRequest, queryset: QuerySet[NumberReservation]
    ) -> QuerySet[NumberReservation]:
        match self.value():
            case "open":
                return queryset.filter(spent_at=None, voided_at=None)
            case "spent":
                return queryset.filter(spent_at__isnull=False)
            case "void":
                return queryset.filter(voided_at__isnull=False)
        return queryset


@admin.register(NumberSeries)
class NumberSeriesAdmin(base.OfficeAdmin):
    form = SeriesForm
    list_display = ["name", "range_shown", "left_shown", "remaining_shown", "used_shown", "is_active"]
    list_display_links = ["name"]
    search_fields = ["name", "prefix"]
    ordering = ["pk"]
    fieldsets = [
        (
            None,
            {
                "description": "Номера из серии получают квитанции, оформленные со связью. "
                "Серии идут по порядку: когда одна кончится, телефоны получат номера из следующей. "
                "Без серий у всех квитанций будут номера БС-. После первого выданного номера "
                "префикс, число цифр и первый номер уже не меняются.",
                "fields": [("name", "is_active"), ("prefix", "digits"), ("first", "last"), "alarm_at"],
            },
        ),
        (
            "Сколько осталось",
            {"fields": [("left_shown", "remaining_shown"), ("next_shown", "used_shown"), "range_shown"]},
        ),
    ]

    def get_queryset(self, request: HttpRequest) -> QuerySet[NumberSeries]:
        found: QuerySet[NumberSeries] = super().get_queryset(request)
        return found.annotate(used=Count("reservations", filter=Q(reservations__spent_at__isnull=False)))

    def get_fieldsets(self, request: HttpRequest, obj: Model | None = None) -> Any:
        return self.fieldsets if obj else self.fieldsets[:1]

    def get_readonly_fields(self, request: HttpRequest, obj: NumberSeries | None = None) -> list[str]:
        shown = ["left_shown", "remaining_shown", "next_shown", "used_shown", "range_shown"]
        return [*_FROZEN, *shown] if obj and series.has_given(obj) else shown

    def save_model(self, request: HttpRequest, obj: NumberSeries, form: SeriesForm, change: bool) -> None:
        series.keep(obj, form.changed_data)

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False  # receipts carry its numbers: a series is switched off

    @admin.display(description="Номера")
    def range_shown(self, row: NumberSeries) -> SafeString | str:
        return html.number(f"{series.text_of(row, row.first)} … {series.text_of(row, row.last)}")

    @admin.display(description="Запас")
    def left_shown(self, row: NumberSeries) -> SafeString:
        if series.remaining(row) == 0:
            return html.badge("rejected" if row.is_active else "annulled", "кончились")
        if not row.is_active:
            return html.badge("annulled", "не выдаём")
        if series.is_low(row):
            return html.badge("held", "кончаются")
        return html.badge("done", "хватает")

    @admin.display(description="Осталось")
    def remaining_shown(self, row: NumberSeries) -> str:
        return show.figure(series.remaining(row))

    @admin.display(description="Следующий")
    def next_shown(self, row: NumberSeries) -> SafeString | str:
        return html.number(series.text_of(row, row.next)) if series.remaining(row) else html.NOTHING

    @admin.display(description="Использовано", ordering="used")
    def used_shown(self, row: NumberSeries) -> str:
        return show.figure(getattr(row, "used", 0))


@admin.register(NumberReservation)
class NumberReservationAdmin(base.ReadOnlyAdmin):
    list_display = [
        "number_shown",
        "fate_shown",
        "installation_shown",
        "reserved_shown",
        "receipt_shown",
        "series",
    ]
    list_display_links = ["number_shown"]
    list_filter = [
        FateFilter,
        ("series", AutocompleteSelectFilter),
        ("installation", AutocompleteSelectFilter),
        ("reserved_at", RangeDateTimeFilter),
    ]
    list_select_related = ["series", "installation", "installation__agent"]
    search_fields = ["number", "installation__code"]
    search_help_text = "Номер или код установки"
    ordering = ["-reserved_at"]
    fieldsets = [
        (
            None,
            {
                "description": "Номер закреплён за телефоном, пока его не использует квитанция, "
                "и никому другому не достанется. Аннулированный телефон вернул сам: связи не стало, "
                "и квитанция получила номер БС-. Если квитанция под ним всё же придёт, она будет принята.",
                "fields": [
                    ("number_shown", "fate_shown"),
                    ("installation_shown", "series"),
                    ("reserved_shown", "spent_shown"),
                    ("voided_shown", "receipt_shown"),
                ],
            },
        )
    ]

    @admin.display(description="Номер", ordering="number")
    def number_shown(self, row: NumberReservation) -> SafeString | str:
        return html.number(row.number)

    @admin.display(description="Что с ним")
    def fate_shown(self, row: NumberReservation) -> SafeString:
        if row.spent_at:
            return html.badge("done", "использован")
        if row.voided_at:
            return html.badge("annulled", "аннулирован")
        return html.badge("waiting", "ждёт квитанции")

    @admin.display(description="Телефон агента", ordering="installation")
    def installation_shown(self, row: NumberReservation) -> SafeString | str:
        return html.link(row.installation)

    @admin.display(description="Зарезервирован", ordering="reserved_at")
    def reserved_shown(self, row: NumberReservation) -> SafeString | str:
        return html.at(row.reserved_at)

    @admin.display(description="Использован")
    def spent_shown(self, row: NumberReservation) -> SafeString | str:
        return html.at(row.spent_at)

    @admin.display(description="Аннулирован")
    def voided_shown(self, row: NumberReservation) -> SafeString | str:
        return html.at(row.voided_at)

    @admin.display(description="Квитанция")
    def receipt_shown(self, row: NumberReservation) -> SafeString | str:
        return html.link(Receipt(pk=row.receipt_id, number=row.number)) if row.receipt_id else html.NOTHING


@admin.register(SpoiledNumber)
class SpoiledNumberAdmin(base.ReadOnlyAdmin):
    list_display: Sequence[str] = ["number_shown", "installation_shown", "reported_shown"]
    list_display_links = ["number_shown"]
    list_filter = [("installation", AutocompleteSelectFilter), ("reported_at", RangeDateTimeFilter)]
    list_select_related = ["installation", "installation__agent"]
    search_fields = ["number", "installation__code"]
    search_help_text = "Номер или код установки"
    ordering = ["-reported_at"]
    fields = ["number_shown", "installation_shown", "reported_shown"]

    @admin.display(description="Номер", ordering="number")
    def number_shown(self, row: SpoiledNumber) -> SafeString | str:
        return html.number(row.number)

    @admin.display(description="Телефон агента", ordering="installation")
    def installation_shown(self, row: SpoiledNumber) -> SafeString | str:
        return html.link(row.installation)

    @admin.display(description="Телефон сообщил", ordering="reported_at")
    def reported_shown(self, row: SpoiledNumber) -> SafeString | str:
        return html.at(row.reported_at)
