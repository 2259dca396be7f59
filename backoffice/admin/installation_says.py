"""What a phone said of itself at its last contact, and which of it asks for somebody (F23, F24, P13)."""

from collections.abc import Iterator

from django.contrib import admin
from django.utils.html import format_html_join
from django.utils.safestring import SafeString

from accounts.models import Installation
from backoffice import html, show
from backoffice.admin.installation_filters import LITTLE_SPACE, SKEW_TO_MEND_S, is_old


class PhoneSays:
    """Columns of the list of phones, and fields of a phone's page."""

    @admin.display(description="Ждут отправки", ordering="waiting_count")
    def waiting_shown(self, row: Installation) -> SafeString | str:
        if not row.waiting_count:
            return "нет"
        return html.badge("rejected", show.count(row.waiting_count, show.RECEIPT))

    @admin.display(description="На сумму", ordering="waiting_sum")
    def waiting_sum_shown(self, row: Installation) -> SafeString | str:
        return html.amount(row.waiting_sum) if row.waiting_count else html.NOTHING

    @admin.display(description="Что не так")
    def trouble_shown(self, row: Installation) -> SafeString | str:
        """In the list: only what the filter of the same name finds, beside the silence in its own column."""
        badges = [(html.badge("rejected", words),) for words in _troubles(row)]
        return format_html_join(" ", "{}", badges) if badges else html.NOTHING

    @admin.display(description="Версия")
    def version_shown(self, row: Installation) -> SafeString | str:
        return html.text(row.app_version)

    @admin.display(description="Часы телефона")
    def skew_shown(self, row: Installation) -> str:
        if row.clock_skew_s is None:
            return html.NOTHING
        jumps = f"; переводили назад {show.count(row.clock_jumps, show.TIME)}" if row.clock_jumps else ""
        return _skew(row.clock_skew_s) + jumps

    @admin.display(description="Место")
    def space_shown(self, row: Installation) -> SafeString | str:
        if row.storage_lost_at is not None:
            return html.badge("rejected", f"память пропала {show.moscow(row.storage_lost_at)} (МСК)")
        free = _free(row)
        if free is None:
            return html.NOTHING
        return html.badge("rejected", _megabytes(free)) if free < LITTLE_SPACE else _megabytes(free)

    @admin.display(description="Хранилище")
    def persisted_shown(self, row: Installation) -> str:
        if row.storage_persisted is None or row.storage_lost_at is not None:
            return html.NOTHING
        return "закреплено, браузер его не очистит" if row.storage_persisted else "браузер может очистить"


def _troubles(row: Installation) -> Iterator[str]:
    if row.revoked_at is not None:
        return
    free = _free(row)
    if row.storage_lost_at is not None:
        yield "память пропала"
    elif free is not None and free < LITTLE_SPACE:
        yield _megabytes(free)
    if abs(row.clock_skew_s or 0) > SKEW_TO_MEND_S:
        yield f"часы {_skew(row.clock_skew_s or 0)}"
    if is_old(row.app_version):
        yield f"версия {show.visible(row.app_version)}"


def _free(row: Installation) -> int | None:
    """Bytes that the browser says are left; None where it does not tell."""
    if row.storage_quota is None or row.storage_usage is None:
        return None
    return max(0, row.storage_quota - row.storage_usage)


def _megabytes(free: int) -> str:
    return f"свободно {free // 1_000_000}{show.NBSP}МБ"


def _skew(skew_s: int) -> str:
    """«идут верно», «спешат на 3 ч»: by the phone's own word at its last contact."""
    if abs(skew_s) < 5:
        return "идут верно"
    return f"{'спешат' if skew_s > 0 else 'отстают'} на {show.span(abs(skew_s))}"
