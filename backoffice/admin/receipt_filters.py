"""Filters of the registry that a plain column does not give."""

from typing import Any

from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils import timezone
from unfold.contrib.filters.admin import DropdownFilter

from backoffice import late_checks, reasons
from receipts.dates import WRONG_ZONE
from receipts.models import PaymentForm, Product, Receipt
from receipts.states import State


class ReasonFilter(DropdownFilter):  # type: ignore[misc]  # unfold is untyped
    """Why a receipt is held. The reasons that occur now, so nobody chooses an empty list."""

    title = "Почему проверяет офис"
    parameter_name = "why_held"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        found = (
            Receipt.objects.filter(state=State.HELD)
            .order_by("reason")
            .values_list("reason", flat=True)
            .distinct()
        )
        return [(code, reasons.words(code)) for code in found if code]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Receipt]) -> QuerySet[Receipt]:
        code = self.value()
        return queryset.filter(state=State.HELD, reason=code) if code else queryset


class LateCheckFilter(DropdownFilter):  # type: ignore[misc]  # unfold is untyped
    """Money was taken and the check is not there in time, whatever the reason."""

    title = "Чек опаздывает"
    parameter_name = late_checks.PARAMETER

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [(each.value, late_checks.words(each)) for each in late_checks.Late]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Receipt]) -> QuerySet[Receipt]:
        if self.value() not in list(late_checks.Late):
            return queryset
        late = late_checks.without_check(late_checks.Late(self.value()), timezone.now())
        return queryset.filter(pk__in=late.order_by().values("pk"))


class _ChoiceFilter(DropdownFilter):  # type: ignore[misc]  # unfold is untyped
    """A column that holds a code: its names are to choose from."""

    def queryset(self, request: HttpRequest, queryset: QuerySet[Receipt]) -> QuerySet[Receipt]:
        code = self.value()
        return queryset.filter(**{self.parameter_name: code}) if code else queryset


class ProductFilter(_ChoiceFilter):
    title = "Вид страхования"
    parameter_name = "product_code"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return list(Product.objects.values_list("code", "name"))


class PaymentFilter(_ChoiceFilter):
    title = "Форма оплаты"
    parameter_name = "payment_form"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return list(PaymentForm.objects.values_list("code", "name"))


class ActsFilter(_ChoiceFilter):
    """Who has to act on a refusal of KIAS (P09)."""

    title = "Кто действует"
    parameter_name = "acts"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [("agent", "агент"), ("office", "офис")]


class DoubtFilter(DropdownFilter):  # type: ignore[misc]  # unfold is untyped
    """What the office wants to see of honest and less honest agents (P23, P33)."""

    title = "Что смущает"
    parameter_name = "doubt"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [
            ("contact", "контакт не клиента?"),
            ("no_contact", "нет телефона и почты"),
            ("no_slip", "нет слипа"),
            ("date", "сомнительная дата"),
            ("zone", "неверный часовой пояс"),
        ]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Receipt]) -> QuerySet[Receipt]:
        match self.value():
            case "contact":
                return queryset.exclude(contact_doubt="")
            case "no_contact":
                return queryset.filter(no_contact=True)
            case "no_slip":
                return queryset.exclude(no_reference_reason="")
            case "date":
                return queryset.exclude(date_doubt__in=["", WRONG_ZONE])
            case "zone":  # noted, not reviewed (P13)
                return queryset.filter(date_doubt=WRONG_ZONE)
        return queryset
