"""What the office picks phones by: access, what waits there, and what may go wrong (F23, F24, P13, P39)."""

from datetime import timedelta

from django.conf import settings
from django.db.models import F, Q, QuerySet
from django.http import HttpRequest
from django.utils import timezone
from unfold.contrib.filters.admin import DropdownFilter

from accounts import versions
from accounts.models import Installation

#: A phone that has less left for the app may fail to save (F24).
LITTLE_SPACE = 50_000_000
#: A clock further off makes receipts' dates doubtful (domain facts, «Validation»).
SKEW_TO_MEND_S = 300
#: Longer without contact, and what waits there is in danger.
SILENT = timedelta(days=3)


class RevokedFilter(DropdownFilter):  # type: ignore[misc]  # unfold is untyped
    title = "Доступ"
    parameter_name = "access"

    def lookups(self, request: HttpRequest, model_admin: object) -> list[tuple[str, str]]:
        return [("open", "действуют"), ("revoked", "отозваны")]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Installation]) -> QuerySet[Installation]:
        if self.value() not in {"open", "revoked"}:
            return queryset
        return queryset.filter(revoked_at__isnull=self.value() == "open")


class WaitingFilter(DropdownFilter):  # type: ignore[misc]  # unfold is untyped
    title = "Неотправленные"
    parameter_name = "waiting"

    def lookups(self, request: HttpRequest, model_admin: object) -> list[tuple[str, str]]:
        return [("yes", "есть на телефоне"), ("no", "нет")]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Installation]) -> QuerySet[Installation]:
        if self.value() == "yes":
            return queryset.filter(waiting_count__gt=0)
        return queryset.filter(waiting_count=0) if self.value() == "no" else queryset


class TroubleFilter(DropdownFilter):  # type: ignore[misc]  # unfold is untyped
    """Of the phones that are in use; by what each said of itself at its last contact."""

    title = "Что не так"
    parameter_name = "trouble"

    def lookups(self, request: HttpRequest, model_admin: object) -> list[tuple[str, str]]:
        return [
            ("space", "мало места"),
            ("lost", "память пропала"),
            ("clock", "часы врут"),
            ("silent", "давно не было связи"),
            ("old", "старая версия"),
        ]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Installation]) -> QuerySet[Installation]:
        living = queryset.filter(revoked_at=None)
        match self.value():
            case "space":
                return living.filter(storage_quota__lt=F("storage_usage") + LITTLE_SPACE)
            case "lost":
                return living.filter(storage_lost_at__isnull=False)
            case "clock":
                return living.filter(Q(clock_skew_s__gt=SKEW_TO_MEND_S) | Q(clock_skew_s__lt=-SKEW_TO_MEND_S))
            case "silent":
                long_ago = timezone.now() - SILENT
                never = Q(last_contact_at=None, registered_at__lt=long_ago)
                return living.filter(Q(last_contact_at__lt=long_ago) | never)
            case "old":
                return living.filter(app_version__in=_outdated())
        return queryset


def is_old(release: str) -> bool:
    """Whether a phone has an older release than the server; one that never said so has none."""
    return bool(release) and versions.parsed(release) < versions.parsed(settings.RELEASE)


def _outdated() -> list[str]:
    heard = Installation.objects.values_list("app_version", flat=True).distinct()
    return [release for release in heard if is_old(release)]
